"""Where a value comes from: follows an expression to the functions that it is, or may be, also into other files.

Every step is one that the code shows; where it shows nothing, following ends at the expression itself.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from keras_lambda_lint.sites.captures import is_self
from keras_lambda_lint.sites.model import FunctionForm
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import Binding, BindingKind, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.sites.build import FileSites

_MAX_STEPS = 8
_MOST_CALLS = 20
"""So many calls of a function are looked at for what they pass."""

_MOST_BINDINGS = 64
"""A name that may have more bindings than this where it is read is not followed."""

_PARTIALS = frozenset({"functools.partial"})
_WRAPPERS = frozenset({"tensorflow.function", "tensorflow.compat.v2.function"})

Element: TypeAlias = "ast.expr | list[Element]"
"""An element of what a loop runs over: an expression, or several that stand together, as `zip` puts them."""


class Reached(NamedTuple):
    """What an expression comes to."""

    file: FileSites
    """Where it stands."""
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.expr
    """A function, or the expression where following ends."""
    form: FunctionForm | None = None
    """What it is where it is no lambda or `def`, as far as the code tells."""
    traced: bool = False
    """Whether `tf.function` wraps it."""
    passed: ast.expr | None = None
    """Where it is passed on, if that is another place than the one asked about."""
    through: str | None = None
    """What stands between, for a person: `the parameter f`; None where nothing does."""

    @property
    def is_function(self) -> bool:
        """Whether following ended at a function."""
        return isinstance(self.node, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef))


class Flow:
    """Follows the expressions of one file."""

    def __init__(self, file: FileSites) -> None:
        self.file = file
        self.index = file.index
        self._known: dict[tuple[ast.expr, int], list[Reached]] = {}

    def of(self, node: ast.expr, steps: int = _MAX_STEPS) -> list[Reached]:
        """Return all that an expression may come to: one at least, for what is not known the expression itself."""
        return self._followed(node, steps) or [Reached(self.file, node)]

    def _followed(self, node: ast.expr, steps: int) -> list[Reached]:
        """Return what is known, each once; kept, because rebound names lead to one expression in a great many ways."""
        if (node, steps) not in self._known:
            self._known[node, steps] = list(dict.fromkeys(self._follow(node, steps)))
        return self._known[node, steps]

    def _follow(self, node: ast.expr, steps: int) -> list[Reached]:
        if steps == 0:
            return []
        if isinstance(node, ast.NamedExpr):
            return self.of(node.value, steps - 1)
        if isinstance(node, ast.IfExp):
            return self._all([node.body, node.orelse], steps)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self._all(node.values, steps)
        if isinstance(node, ast.Subscript):
            return self._all(self._taken(node), steps)
        if isinstance(node, ast.Call):
            return self._call(node, steps)
        if isinstance(node, ast.Name) and node in self.index.reads:
            bindings = self.index.reaching(node)
            if len(bindings) > _MOST_BINDINGS:
                return []
            if bindings and not any(b.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT) for b in bindings):
                return [found for binding in bindings for found in self._bound(node, binding, steps)]
        if isinstance(node, ast.Attribute) and self._is_of_self(node):
            return self._attribute(node, steps)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._elsewhere(node, steps)
        return []

    def _all(self, nodes: Iterable[ast.expr], steps: int) -> list[Reached]:
        return [found for node in nodes for found in self.of(node, steps - 1)]

    def _bound(self, node: ast.Name, binding: Binding, steps: int) -> list[Reached]:
        """Return what a name comes to that has this binding; the name itself where the binding does not tell."""
        found: list[Reached] = []
        if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [self.defined(binding.node)]
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            found = self._followed(binding.value, steps - 1) or [Reached(self.file, binding.value)]
            found = found if any(each.is_function or each.form for each in found) else []
        elif binding.kind is BindingKind.PARAMETER:
            found = self._passed(binding, steps)
        elif binding.kind in (BindingKind.LOOP, BindingKind.UNPACKING) and binding.value is not None:
            found = self._all(self._looped(binding), steps)
        return found or [Reached(self.file, node)]

    def defined(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Reached:
        """Return a `def` of this file as what is reached."""
        decorators = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
        return Reached(self.file, function, traced=any(self.file.names.of(each) & _WRAPPERS for each in decorators))

    def _elsewhere(self, node: ast.Name | ast.Attribute, steps: int) -> list[Reached]:
        """Return what a name of another file comes to."""
        found = self.file.definition(node)
        if found is None or found.file is self.file:
            return []
        if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [found.file.flow.defined(found.node)]
        return [] if isinstance(found.node, ast.ClassDef) else found.file.flow.of(found.node, steps - 1)

    # attributes of self

    def _is_of_self(self, node: ast.Attribute) -> bool:
        read = self.index.reads.get(node.value) if isinstance(node.value, ast.Name) else None
        owner = read.scope.owner(read.node.id) if read is not None else None
        return read is not None and owner is not None and is_self(read.node.id, owner)

    def _attribute(self, node: ast.Attribute, steps: int) -> list[Reached]:
        """Return what `self.x` comes to: a method of the class, or what its single assignment says."""
        assert isinstance(node.value, ast.Name)
        read = self.index.reads[node.value]
        owner = read.scope.owner(read.node.id)
        assert owner is not None
        around = self.index.parents[owner.node]
        if not isinstance(around, ast.ClassDef):
            return []
        if any(isinstance(each, ast.FunctionDef) and each.name == node.attr for each in around.body):
            return [Reached(self.file, node, FunctionForm.METHOD)]
        assigned = self.file.assigned_attributes(around).get(node.attr, [])
        if len(assigned) != 1 or assigned[0] is node:
            return []
        found = self.of(assigned[0], steps - 1)
        return [each._replace(through=each.through or f"`self.{node.attr}`") for each in found if each.is_function]

    # calls

    def _call(self, node: ast.Call, steps: int) -> list[Reached]:
        names = self.file.names.of(node.func)
        if names and names <= _PARTIALS:
            return [Reached(self.file, node, FunctionForm.PARTIAL)]
        if names and names <= _WRAPPERS and node.args:
            return [each._replace(traced=True) for each in self.of(node.args[0], steps - 1)]
        found = self.file.definition(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else None
        if found is None:
            return []
        if isinstance(found.node, ast.ClassDef):
            calls = any(isinstance(each, ast.FunctionDef) and each.name == "__call__" for each in found.node.body)
            return [Reached(self.file, node, FunctionForm.OBJECT)] if calls else []
        if not isinstance(found.node, ast.FunctionDef) or found.node.decorator_list:
            return []
        made = found.file.flow.returned(found.node, steps - 1)
        return [each._replace(through=each.through or f"a call of `{found.node.name}`") for each in made]

    def returned(self, function: ast.FunctionDef, steps: int) -> list[Reached]:
        """Return the functions that a function makes and returns; none where it may return anything else."""
        values = [each.value for each in sorted(_returns(function), key=lambda each: each.lineno)]
        found = [each for value in values if value is not None for each in self.of(value, steps)]
        made = all(value is not None for value in values) and all(
            each.is_function and each.file is self.file and function in self.index.ancestors(each.node)
            for each in found
        )
        return found if made else []

    # parameters

    def _passed(self, binding: Binding, steps: int) -> list[Reached]:
        """Return what a parameter comes to: its default, and what the calls of the function in this file pass."""
        function = binding.scope.node
        found: list[Reached] = []
        if binding.value is not None:
            found += [each for each in self.of(binding.value, steps - 1) if each.is_function]
        if isinstance(function, ast.FunctionDef):
            for argument in self._arguments(function, binding.name):
                found += [
                    each._replace(passed=each.passed or argument)
                    for each in self.of(argument, steps - 1)
                    if each.is_function or each.form
                ]
        return [each._replace(through=f"the parameter `{binding.name}`") for each in found]

    def _arguments(self, function: ast.FunctionDef, parameter: str) -> Iterator[ast.expr]:
        """Yield what the calls of a function in this file pass for one of its parameters."""
        scope = self.index.scope_of(function).parent
        method = scope is not None and scope.kind is ScopeKind.CLASS
        names = [argument.arg for argument, kind, _ in with_defaults(function.args) if kind == "positional"]
        for call in self.index.calls.get(function.name, ())[:_MOST_CALLS]:
            if not self._calls(call.node, function, method=method):
                continue
            given = {keyword.arg: keyword.value for keyword in call.node.keywords}
            position = names.index(parameter) - method if parameter in names else len(call.node.args)
            before = call.node.args[: position + 1]
            if parameter in given:
                yield given[parameter]
            elif position < len(call.node.args) and not any(isinstance(each, ast.Starred) for each in before):
                yield call.node.args[position]

    def _calls(self, call: ast.Call, function: ast.FunctionDef, *, method: bool) -> bool:
        """Return whether a call is certainly one of that function of this file."""
        callee = call.func
        if method:
            return (
                isinstance(callee, ast.Attribute)
                and self._is_of_self(callee)
                and self.index.parents[function] in self.index.ancestors(callee)
            )
        if not isinstance(callee, ast.Name) or callee not in self.index.reads:
            return False
        return [binding.node for binding in self.index.reaching(callee)] == [function]

    # containers

    def _taken(self, node: ast.Subscript) -> list[ast.expr]:
        """Return what a subscript takes out of a list, tuple or dict that is written out: one value, or any of them."""
        whole, key = self.written(node.value), node.slice
        if isinstance(whole, ast.Dict):
            exact = [
                value
                for each, value in zip(whole.keys, whole.values, strict=True)
                if isinstance(each, ast.Constant) and isinstance(key, ast.Constant) and each.value == key.value
            ]
            return exact[-1:] or ([] if isinstance(key, ast.Constant) else list(whole.values))
        if isinstance(whole, (ast.List, ast.Tuple)) and not any(isinstance(each, ast.Starred) for each in whole.elts):
            if isinstance(key, ast.Constant) and isinstance(key.value, int) and key.value < len(whole.elts):
                return [whole.elts[key.value]]
            return [] if isinstance(key, ast.Slice) else whole.elts
        return []

    def written(self, node: ast.expr) -> ast.expr:
        """Return the expression that a name is bound to, where that is a single assignment; other expressions as they are."""
        if isinstance(node, ast.Name) and node in self.index.reads:
            bindings = self.index.reaching(node)
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
                return bindings[0].value
        if isinstance(node, ast.Attribute) and self._is_of_self(node):
            scope = self.index.reads[node.value].scope if isinstance(node.value, ast.Name) else None
            owner = scope.owner(node.value.id) if scope is not None and isinstance(node.value, ast.Name) else None
            around = self.index.parents[owner.node] if owner is not None else None
            if isinstance(around, ast.ClassDef):
                assigned = self.file.assigned_attributes(around).get(node.attr, [])
                return assigned[0] if len(assigned) == 1 else node
        return node

    def _looped(self, binding: Binding) -> list[ast.expr]:
        """Return what a name can be that a loop or an unpacking binds."""
        assert binding.value is not None
        positions = self._positions(binding)
        if positions is None:
            return []
        elements = self._elements(binding.value) if binding.kind is BindingKind.LOOP else [binding.value]
        for position in positions:
            elements = [part for element in elements for part in self._part(element, position)]
        return [element for element in elements if isinstance(element, ast.expr)]

    def _positions(self, binding: Binding) -> list[int] | None:
        """Return the way from what a loop or an unpacking binds as a whole down to one name; None where a star is on it."""
        positions: list[int] = []
        node = binding.node
        while isinstance(parent := self.index.parents[node], (ast.Tuple, ast.List)):
            if any(isinstance(each, ast.Starred) for each in parent.elts):
                return None
            positions.insert(0, next(number for number, each in enumerate(parent.elts) if each is node))
            node = parent
        return positions if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension, ast.Assign)) else None

    def _elements(self, node: ast.expr) -> list[Element]:
        """Return the elements of what a loop runs over; none where they are not written out."""
        node = self.written(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return list(node.elts)
        if isinstance(node, ast.Dict):
            return [key for key in node.keys if key is not None]
        if not isinstance(node, ast.Call):
            return []
        if isinstance(node.func, ast.Attribute) and not node.args:
            whole = self.written(node.func.value)
            if isinstance(whole, ast.Dict) and node.func.attr == "values":
                return list(whole.values)
            if isinstance(whole, ast.Dict) and node.func.attr == "items":
                return [[key, value] for key, value in zip(whole.keys, whole.values, strict=True) if key is not None]
            return []
        called = self.file.names.of(node.func)
        if called == {"builtins.zip"}:
            columns = [self._elements(argument) for argument in node.args]
            longest = max(map(len, columns), default=0)
            return [[column[row] if row < len(column) else node for column in columns] for row in range(longest)]
        if called == {"builtins.enumerate"} and node.args:
            return [[node, element] for element in self._elements(node.args[0])]
        if called <= {"builtins.reversed", "builtins.list", "builtins.tuple", "builtins.sorted"} and node.args:
            return self._elements(node.args[0])
        return []

    def _part(self, element: Element, position: int) -> list[Element]:
        if isinstance(element, list):
            return element[position : position + 1]
        whole = self.written(element)
        if isinstance(whole, (ast.Tuple, ast.List)) and not any(isinstance(each, ast.Starred) for each in whole.elts):
            return list(whole.elts[position : position + 1])
        return []


def _returns(function: ast.FunctionDef) -> Iterator[ast.Return]:
    """Yield the return statements of a function; those of functions inside it are theirs."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
