"""What a function captures, and from where."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.sites.model import Capture, Origin, Value, ValueKind
from keras_lambda_lint.source.scopes import Binding, BindingKind, FunctionNode, Read, Scope, ScopeKind, can_precede
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.text import Source

_ORIGINS = {
    BindingKind.IMPORT: Origin.IMPORT,
    BindingKind.FROM_IMPORT: Origin.IMPORT,
    BindingKind.FUNCTION: Origin.FUNCTION,
    BindingKind.CLASS: Origin.CLASS,
    BindingKind.PARAMETER: Origin.PARAMETER,
}


def inner_reads(node: FunctionNode, index: Index) -> Iterator[Read]:
    """Yield the reads in a function's body, nested functions included, in source order; defaults and decorators are not in the body."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    found = [
        index.reads[name] for part in body for name in walk(part) if isinstance(name, ast.Name) and name in index.reads
    ]
    yield from sorted(found, key=lambda read: (read.node.lineno, read.node.col_offset))


class Captures:
    """Finds the captures of the functions of one file."""

    def __init__(self, source: Source, index: Index, values: Values, target: Target) -> None:
        self.source = source
        self.index = index
        self.values = values
        self.target = target

    def of(self, node: FunctionNode, *, script: bool) -> tuple[Capture, ...]:
        """Return what a function captures, in the order of the first reads.

        `script`: the layer is made while the module is executed, so that small-letter values of the module are a program's state.
        """
        scope = self.index.scope_of(node)
        inside = list(inner_reads(node, self.index))
        outer = [read for read in inside if (owner := read.scope.owner(read.node.id)) and not owner.within(scope)]
        return self._of(outer, inside, scope, script=script)

    def of_self(self, method: ast.FunctionDef) -> tuple[Capture, ...]:
        """Return the parts of its object that a method reads, such as `self.axis`, in the order of the first reads."""
        scope = self.index.scope_of(method)
        inside = list(inner_reads(method, self.index))
        own = [read for read in inside if read.scope.owner(read.node.id) is scope and is_self(read.node.id, scope)]
        found = self._of(own, inside, scope, script=False)
        return tuple(capture._replace(late_bound=False) for capture in found)

    def _of(self, reads_of_it: list[Read], inside: list[Read], scope: Scope, *, script: bool) -> tuple[Capture, ...]:
        grouped: dict[str, list[ast.expr]] = {}
        reads: dict[str, Read] = {}
        for read in reads_of_it:
            owner = read.scope.owner(read.node.id)
            assert owner is not None
            part = self._part(read, owner, [other.node for other in inside if other.node.id == read.node.id])
            text = ast.unparse(part)
            grouped.setdefault(text, []).append(part)
            reads.setdefault(text, read)
        return tuple(self._capture(text, parts, reads[text], scope, script=script) for text, parts in grouped.items())

    def _part(self, read: Read, owner: Scope, reads: list[ast.Name]) -> ast.expr:
        """Return the largest part `a.b["c"].d` around a read of an unknown object; the name itself where the value is whole."""
        whole = is_self(read.node.id, owner)
        part: ast.expr = read.node
        in_parts = whole or all(self._first_is_attribute(other) for other in reads)
        if not in_parts or (not whole and self.values.of(read.node).kind is not ValueKind.UNKNOWN):
            return part
        while self._extends(part, self.index.parents[part], whole_is_self=whole):
            part = cast("ast.expr", self.index.parents[part])
        return part

    def _extends(self, part: ast.expr, parent: ast.AST, *, whole_is_self: bool) -> bool:
        """Return whether `parent` takes a fixed part of `part`: an attribute that is not called, or a literal key."""
        is_name = isinstance(part, ast.Name)
        if isinstance(parent, ast.Attribute):
            return is_name or not self._is_called(parent)
        by_key = isinstance(parent, ast.Subscript) and parent.value is part and isinstance(parent.slice, ast.Constant)
        return by_key and (whole_is_self or not is_name)

    def _first_is_attribute(self, node: ast.Name) -> bool:
        parent = self.index.parents[node]
        return isinstance(parent, ast.Attribute) and not self._is_called(parent)

    def _is_called(self, node: ast.expr) -> bool:
        parent = self.index.parents[node]
        return isinstance(parent, ast.Call) and parent.func is node

    def _capture(self, text: str, parts: list[ast.expr], read: Read, function: Scope, *, script: bool) -> Capture:
        owner = read.scope.owner(read.node.id)
        assert owner is not None
        bindings = read.scope.reaching(read.node.id, read.clock, read.path)
        origin = self._origin(read, owner, bindings, function)
        value = self.values.of_bindings(bindings)
        if origin is Origin.SELF_ATTRIBUTE:
            value = self._attribute(parts[0], owner)
        elif parts[0] is not read.node:
            value = Value(ValueKind.UNKNOWN)
        late = [binding for binding in owner.bindings[read.node.id] if _is_late(binding, owner, function)]
        return Capture(
            text=text,
            reads=tuple(self.source.span(part) for part in parts),
            origin=origin,
            value=value,
            bound_at=self._bound_at((late or list(bindings))[-1]) if bindings else None,
            late_bound=bool(late),
            importable=owner.kind is ScopeKind.MODULE and self._importable(owner.bindings[read.node.id], script=script),
            nodes=tuple(parts),
        )

    def _origin(self, read: Read, owner: Scope, bindings: tuple[Binding, ...], function: Scope) -> Origin:
        if is_self(read.node.id, owner):
            return Origin.SELF_ATTRIBUTE
        if any(_changes_in_loop(binding, owner, function) for binding in owner.bindings[read.node.id]):
            return Origin.LOOP_VARIABLE
        origins = {_ORIGINS.get(binding.kind) for binding in bindings}
        origin = origins.pop() if len(origins) == 1 else None
        return origin or (Origin.MODULE_VALUE if owner.kind is ScopeKind.MODULE else Origin.LOCAL)

    def _attribute(self, part: ast.expr, method: Scope) -> Value:
        """Return what is known of `self.x`: a method of the class, or what its single assignment says."""
        chain = part
        while not (isinstance(chain, ast.Attribute) and isinstance(chain.value, ast.Name)):
            if not isinstance(chain, (ast.Attribute, ast.Subscript)):
                return Value(ValueKind.UNKNOWN)
            chain = chain.value
        owner = self.index.parents[method.node]
        assert isinstance(owner, ast.ClassDef)
        if any(isinstance(member, ast.FunctionDef) and member.name == chain.attr for member in owner.body):
            return Value(ValueKind.FUNCTION)
        assigned = self.values.file.assigned_attributes(owner).get(chain.attr, [])
        if len(assigned) != 1 or chain is not part:
            return Value(ValueKind.UNKNOWN)
        value = self.values.of(assigned[0])
        if not self.values.is_keras_class(owner):
            return value
        if value.is_layer:
            return Value(ValueKind.SUBLAYER)
        tracked = self.target == {2} or not self.values.is_tensorflow_variable(assigned[0])
        return Value(ValueKind.WEIGHT) if value.is_variable and tracked else value

    def _importable(self, bindings: list[Binding], *, script: bool) -> bool:
        """Return whether importing the module binds the name once, to a literal, or to an import, function or class."""
        if any(binding.kind in _ORIGINS for binding in bindings):
            return all(
                binding.kind in _ORIGINS and not self.index.is_guarded_by_main(binding.node) for binding in bindings
            )
        if len(bindings) != 1 or bindings[0].path or bindings[0].kind is not BindingKind.ASSIGNMENT:
            return False
        constant = self.values.of_bindings((bindings[0],)).kind is ValueKind.CONSTANT
        return constant and (bindings[0].name.isupper() or not script)

    def _bound_at(self, binding: Binding) -> Span | None:
        node = binding.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return name_span(self.source, node)
        return self.source.span(node) if isinstance(node, (ast.expr, ast.arg, ast.alias)) else None


def name_span(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span:
    """Return the span of the name in a `def` or `class` statement."""
    from keras_lambda_lint.diagnostic import Span

    start = source.offset(node.lineno, node.col_offset)
    keyword = "class" if isinstance(node, ast.ClassDef) else "def"
    position = source.text.index(node.name, source.text.index(keyword, start) + len(keyword))
    return Span(position, position + len(node.name))


def assigned_attributes(node: ast.ClassDef, index: Index) -> dict[str, list[ast.expr]]:
    """Return what the methods of a class assign to the attributes of `self`; several assignments, or none known, are several values."""
    found: dict[str, list[ast.expr]] = {}
    for inner in walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store) and isinstance(inner.value, ast.Name):
            parent = index.parents[inner]
            value = parent.value if isinstance(parent, (ast.Assign, ast.AnnAssign)) else None
            found.setdefault(inner.attr, []).append(value or inner)
    return found


def is_self(name: str, owner: Scope) -> bool:
    """Return whether a name is the first parameter of a method."""
    node = owner.node
    if owner.kind is not ScopeKind.FUNCTION or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    in_class = owner.parent is not None and owner.parent.kind is ScopeKind.CLASS
    parameters = [*node.args.posonlyargs, *node.args.args]
    static = any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in node.decorator_list)
    return in_class and not static and bool(parameters) and parameters[0].arg == name


def _made_at(owner: Scope, function: Scope) -> Scope:
    """Return the scope directly below `owner` that leads to the function: where in `owner` the function is made."""
    scope = function
    while scope.parent is not None and scope.parent is not owner:
        scope = scope.parent
    return scope


def _changes_in_loop(binding: Binding, owner: Scope, function: Scope) -> bool:
    """Return whether a loop around the function binds the name anew each time: the loop's own variable, or a variable set in its body."""
    made = _made_at(owner, function)
    if owner.kind is ScopeKind.COMPREHENSION:
        return binding.kind is BindingKind.LOOP
    shared = [mine for mine, other in zip(binding.path, made.path, strict=False) if mine == other]
    if not any(arm.loop for arm in shared):
        return False
    return binding.kind is BindingKind.LOOP or not (binding.kind in _ORIGINS or _is_fixed(binding))


def _is_fixed(binding: Binding) -> bool:
    """Return whether a binding gives the same value each time: its expression reads no name."""
    value = binding.value if binding.kind is BindingKind.ASSIGNMENT else None
    return value is not None and not any(isinstance(node, ast.Name) for node in walk(value))


def _is_late(binding: Binding, owner: Scope, function: Scope) -> bool:
    """Return whether a name can be bound again after the function was made."""
    made = _made_at(owner, function)
    if (
        owner.kind is ScopeKind.MODULE
        and not isinstance(made.node, ast.Lambda)
        and made.kind is not ScopeKind.COMPREHENSION
    ):
        return binding is not owner.bindings[binding.name][0] and binding.kind not in _ORIGINS
    return binding.clock > made.clock and can_precede(binding, binding.clock + 1, made.path)
