"""The one pass over a file's abstract tree that fills an index."""

from __future__ import annotations

import ast
from collections import deque
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.source.index import Call, Index, Store
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import (
    ELSEWHERE,
    Arm,
    Binding,
    BindingKind,
    FunctionNode,
    Path,
    Read,
    Scope,
    ScopeKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def index_of(tree: ast.Module) -> Index:
    """Return the index of a file's tree."""
    index = Index(tree)
    _Builder(index).build()
    return index


class _Builder:
    """Walks the tree in the order of evaluation and fills an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.reads, self.calls, self.attributes = index.reads, index.calls, index.attributes
        self.scope = index.module
        self.path: Path = ()
        self.clock = 0
        self.deferred: deque[tuple[FunctionNode, Scope]] = deque()

    def build(self) -> None:
        self.children(self.index.tree)
        while self.deferred:
            node, scope = self.deferred.popleft()
            self.scope, self.path = scope, ()
            self.body_of(node)

    def visit(self, node: ast.AST) -> None:
        _VISITORS[node.__class__](self, node)

    def visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            _VISITORS[node.__class__](self, node)

    def leaf(self, node: ast.AST) -> None:
        """A node that holds no names."""

    def children(self, node: ast.AST) -> None:
        for field in _FIELDS[node.__class__]:
            value = getattr(node, field)
            if value.__class__ is list:
                for item in value:
                    _VISITORS[item.__class__](self, item)
            elif value is not None:
                _VISITORS[value.__class__](self, value)

    def arm(self, statement: ast.AST, name: str, body: Iterable[ast.AST], *, loop: bool = False) -> None:
        outer = self.path
        self.path = (*outer, Arm(id(statement), name, loop))
        self.visit_all(body)
        self.path = outer

    def bind(self, name: str, kind: BindingKind, node: ast.AST, value: ast.expr | None = None) -> None:
        self.bind_in(self.scope, name, kind, node, value)

    def bind_in(self, scope: Scope, name: str, kind: BindingKind, node: ast.AST, value: ast.expr | None) -> None:
        if name in scope.global_names:
            scope = scope.module
        elif name in scope.nonlocal_names:
            outer = scope.parent.owner(name) if scope.parent else None
            scope = outer or scope
        self.clock += 1
        inside = scope is self.scope or self.scope.kind is ScopeKind.COMPREHENSION
        binding = Binding(name, kind, node, value, scope, self.path if inside else (ELSEWHERE,), self.clock)
        if not inside:
            scope.changed_elsewhere.add(name)
        scope.bindings.setdefault(name, []).append(binding)
        self.index.bound_at[node] = binding

    def target(self, node: ast.AST, kind: BindingKind, value: ast.expr | None) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id, kind, node, value)
        elif isinstance(node, (ast.Tuple, ast.List)):
            paired = value.elts if isinstance(value, (ast.Tuple, ast.List)) and kind is BindingKind.ASSIGNMENT else ()
            exact = len(paired) == len(node.elts) and not any(isinstance(e, ast.Starred) for e in (*paired, *node.elts))
            inner = BindingKind.UNPACKING if kind is BindingKind.ASSIGNMENT else kind
            for position, element in enumerate(node.elts):
                if exact:
                    self.target(element, kind, paired[position])
                else:
                    self.target(element, inner, value)
        elif isinstance(node, ast.Starred):
            self.target(node.value, kind, None)
        else:
            self.children(node)

    def name(self, node: ast.Name) -> None:
        if node.ctx.__class__ is ast.Load:
            self.clock += 1
            self.reads[node] = Read(node, self.scope, self.path, self.clock)
        else:
            self.bind(node.id, BindingKind.OTHER, node)

    def attribute(self, node: ast.Attribute) -> None:
        below = node.value
        if isinstance(below, ast.Name):
            self.attributes.setdefault(below.id, set()).add(node.attr)
            self.name(below)
        else:
            self.visit(below)

    def call(self, node: ast.Call) -> None:
        self.children(node)
        callee = node.func
        last = callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else None
        if last is not None:
            self.clock += 1
            self.calls.setdefault(last, []).append(Call(node, self.scope, self.path, self.clock))

    def assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.assigned(target, node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.assigned(node.target, node.value)

    def assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            self.index.stores.append(Store(target, value, self.scope))
        self.target(target, BindingKind.ASSIGNMENT, value)

    def augmented(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.clock += 1
            self.index.reads[node.target] = Read(node.target, self.scope, self.path, self.clock)
            self.bind(node.target.id, BindingKind.AUGMENTED, node.target)
        else:
            self.visit(node.target)

    def walrus(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        self.bind_in(scope, node.target.id, BindingKind.ASSIGNMENT, node.target, node.value)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        outer = self.path
        self.path = (*outer, Arm(id(node), "loop", True))
        self.target(node.target, BindingKind.LOOP, node.iter)
        self.path = outer
        self.arm(node, "loop", node.body, loop=True)
        self.arm(node, "loop else", node.orelse)

    def while_loop(self, node: ast.While) -> None:
        self.arm(node, "loop", [node.test, *node.body], loop=True)
        self.arm(node, "loop else", node.orelse)

    def branch(self, node: ast.If) -> None:
        self.visit(node.test)
        self.arm(node, "if", node.body)
        self.arm(node, "else", node.orelse)

    def attempt(self, node: ast.Try) -> None:
        self.arm(node, "try", node.body)
        for number, handler in enumerate(node.handlers):
            outer = self.path
            self.path = (*outer, Arm(id(node), f"except {number}", False))
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name is not None:
                self.bind(handler.name, BindingKind.EXCEPT, handler)
            self.visit_all(handler.body)
            self.path = outer
        self.arm(node, "try", node.orelse)
        self.visit_all(node.finalbody)

    def context(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars, BindingKind.WITH, item.context_expr)
        self.visit_all(node.body)

    def imports(self, node: ast.Import) -> None:
        for alias in node.names:
            self.index.imports[alias] = node
            self.bind(alias.asname or alias.name.partition(".")[0], BindingKind.IMPORT, alias)

    def from_import(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.index.imports[alias] = node
            if alias.name == "*":
                self.index.stars.append(node)
            else:
                self.bind(alias.asname or alias.name, BindingKind.FROM_IMPORT, alias)

    def function(self, node: FunctionNode) -> None:
        arguments = node.args
        for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)):
            self.visit(default)
        if not isinstance(node, ast.Lambda):
            for decorator in node.decorator_list:
                self.visit(decorator)
            if node.returns is not None:
                self.visit(node.returns)
            for argument, _, _ in with_defaults(arguments):
                if argument.annotation is not None:
                    self.visit(argument.annotation)
            self.bind(node.name, BindingKind.FUNCTION, node)
        self.clock += 1
        scope = Scope(ScopeKind.FUNCTION, node, self.scope, self.path, self.clock)
        self.index.scopes[node] = scope
        self.deferred.append((node, scope))

    def body_of(self, node: FunctionNode) -> None:
        for argument, _, default in with_defaults(node.args):
            self.bind(argument.arg, BindingKind.PARAMETER, argument, default)
        if isinstance(node, ast.Lambda):
            self.visit(node.body)
        else:
            self.visit_all(node.body)

    def class_(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        outer, path = self.scope, self.path
        self.clock += 1
        self.scope, self.path = Scope(ScopeKind.CLASS, node, outer, path, self.clock), ()
        self.index.scopes[node] = self.scope
        self.visit_all(node.body)
        self.scope, self.path = outer, path
        self.bind(node.name, BindingKind.CLASS, node)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        outer, path = self.scope, self.path
        self.clock += 1
        self.scope, self.path = (
            Scope(ScopeKind.COMPREHENSION, node, outer, path, self.clock),
            (Arm(id(node), "loop", True),),
        )
        self.index.scopes[node] = self.scope
        for generator in node.generators:
            if generator is not first:
                self.visit(generator.iter)
            self.target(generator.target, BindingKind.LOOP, generator.iter)
            for test in generator.ifs:
                self.visit(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part)
        self.scope, self.path = outer, path

    def global_(self, node: ast.Global) -> None:
        self.scope.global_names.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocal_names.update(node.names)

    def match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for number, case in enumerate(node.cases):
            outer = self.path
            self.path = (*outer, Arm(id(node), f"case {number}", False))
            self.children(case)
            self.path = outer

    def capture_pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.children(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.bind(name, BindingKind.OTHER, node)


class _Visitors(dict[type, "Callable[[_Builder, Any], None]"]):
    """What looks at each kind of node; what is not named is of interest for its children only."""

    def __missing__(self, kind: type) -> Callable[[_Builder, Any], None]:
        found = self[kind] = _Builder.children if _FIELDS[kind] else _Builder.leaf
        return found


_VISITORS = _Visitors(
    {
        ast.Name: _Builder.name,
        ast.Call: _Builder.call,
        ast.Attribute: _Builder.attribute,
        ast.Assign: _Builder.assign,
        ast.AnnAssign: _Builder.annotated,
        ast.AugAssign: _Builder.augmented,
        ast.NamedExpr: _Builder.walrus,
        ast.For: _Builder.loop,
        ast.AsyncFor: _Builder.loop,
        ast.While: _Builder.while_loop,
        ast.If: _Builder.branch,
        ast.Try: _Builder.attempt,
        ast.With: _Builder.context,
        ast.AsyncWith: _Builder.context,
        ast.Import: _Builder.imports,
        ast.ImportFrom: _Builder.from_import,
        ast.FunctionDef: _Builder.function,
        ast.AsyncFunctionDef: _Builder.function,
        ast.Lambda: _Builder.function,
        ast.ClassDef: _Builder.class_,
        ast.ListComp: _Builder.comprehension,
        ast.SetComp: _Builder.comprehension,
        ast.GeneratorExp: _Builder.comprehension,
        ast.DictComp: _Builder.comprehension,
        ast.Global: _Builder.global_,
        ast.Nonlocal: _Builder.nonlocal_,
        ast.Match: _Builder.match,
        ast.MatchAs: _Builder.capture_pattern,
        ast.MatchStar: _Builder.capture_pattern,
        ast.MatchMapping: _Builder.capture_pattern,
    }
)
if hasattr(ast, "TryStar"):
    _VISITORS[ast.TryStar] = _Builder.attempt


_LEAF_FIELDS = frozenset(
    {"ctx", "op", "ops", "id", "attr", "arg", "name", "names", "kind", "level", "module", "type_comment", "asname"}
)


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of each kind of node that can hold names or calls."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        fields: tuple[str, ...] = getattr(kind, "_fields", ())
        found = () if kind is ast.Constant else tuple(field for field in fields if field not in _LEAF_FIELDS)
        self[kind] = found
        return found


_FIELDS = _Fields()
