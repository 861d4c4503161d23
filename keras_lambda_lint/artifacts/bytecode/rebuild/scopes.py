"""Which variable a name means, in each function of a piece of source."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeAlias

from keras_lambda_lint.artifacts.bytecode.normal import Variable

Comprehension: TypeAlias = "ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp"
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.Lambda, ast.FunctionDef)


@dataclass(eq=False)
class Scope:
    """The names of a function, or of a comprehension that runs inside one."""

    parent: Scope | None
    inline: bool = False
    """A comprehension that has names of its own, but is no function (PEP 709)."""
    parameters: tuple[str, ...] = ()
    bound: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    """Names declared `nonlocal`, and those that `:=` in a comprehension binds further out."""
    globals: set[str] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    uses: list[str] = field(default_factory=list)

    @property
    def function(self) -> Scope:
        """Return the function that this runs in."""
        scope = self
        while scope.inline and scope.parent is not None:
            scope = scope.parent
        return scope

    def holder(self, name: str) -> Scope | None:
        """Return the scope whose variable the name is here, None for a global."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return None
            if name in scope.bound and name not in scope.outer:
                return scope
            scope = scope.parent
        return None

    def variable(self, name: str) -> Variable:
        """Return the variable that a name means here."""
        holder = self.holder(name)
        if holder is None:
            return Variable("deref" if name in self.function.free else "global", name)
        if holder.function is self.function and name not in holder.cells:
            return Variable("local", name)
        return Variable("deref", name)


class Scopes(ast.NodeVisitor):
    """The scope of each function and comprehension of a tree."""

    def __init__(self, function: ast.Lambda | ast.FunctionDef, free: frozenset[str], version: tuple[int, int]) -> None:
        self.version = version
        self.of: dict[ast.AST, Scope] = {}
        self.all: list[Scope] = []
        self.current: Scope | None = None
        self.function(function)
        for scope in self.all:
            for name in scope.uses:
                _capture(scope, name, free)

    def new(self, node: ast.AST, parameters: tuple[str, ...], *, inline: bool = False) -> Scope:
        scope = Scope(self.current, inline, parameters, set(parameters))
        self.of[node] = scope
        self.all.append(scope)
        return scope

    def function(self, node: ast.Lambda | ast.FunctionDef) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        scope = self.new(node, tuple(argument.arg for argument in every if argument is not None))
        before, self.current = self.current, scope
        for part in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(part)
        self.current = before

    # what opens a scope

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.around(node)
        self.function(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.bind(node.name)
        self.around(node)
        self.function(node)

    def around(self, node: ast.Lambda | ast.FunctionDef) -> None:
        """Visit what runs where the function is made."""
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                self.visit(decorator)
            for _, annotation in annotated(node):
                self.visit(annotation)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self.comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self.comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self.comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.comprehension(node)

    def comprehension(self, node: Comprehension) -> None:
        self.visit(node.generators[0].iter)
        before = self.current
        if not (isinstance(node, ast.ListComp) and self.version < (3, 0)):
            inline = self.version >= (3, 12) and not isinstance(node, ast.GeneratorExp)
            self.current = self.new(node, () if inline else (".0",), inline=inline)
        for index, generator in enumerate(node.generators):
            if index:
                self.visit(generator.iter)
            self.visit(generator.target)
            for test in generator.ifs:
                self.visit(test)
        for part in ("key", "elt", "value"):
            if hasattr(node, part):
                self.visit(getattr(node, part))
        self.current = before

    def inlined_names(self, scope: Scope) -> set[str]:
        """Return the names that an inlined comprehension puts aside: its own and those of such inside it."""
        names = scope.bound - scope.outer
        for inner in self.all:
            if inner.inline and inner.parent is scope:
                names |= self.inlined_names(inner)
        return names

    # what binds a name

    def bind(self, name: str) -> None:
        assert self.current is not None
        self.current.bound.add(name)
        self.current.uses.append(name)

    def visit_Name(self, node: ast.Name) -> None:
        assert self.current is not None
        if isinstance(node.ctx, ast.Load):
            self.current.uses.append(node.id)
        else:
            self.bind(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.current
        assert scope is not None
        while scope.parent is not None and scope in self.comprehension_scopes():
            scope.outer.add(node.target.id)
            scope = scope.parent
        scope.bound.add(node.target.id)
        assert self.current is not None
        self.current.uses.append(node.target.id)

    def comprehension_scopes(self) -> list[Scope]:
        return [scope for node, scope in self.of.items() if isinstance(node, COMPREHENSIONS)]

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name)

    def visit_Global(self, node: ast.Global) -> None:
        assert self.current is not None
        self.current.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        assert self.current is not None
        self.current.outer.update(node.names)


def annotated(node: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """Return the annotated parameters in the order in which they are evaluated, the result last."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    found = [(each.arg, each.annotation) for each in every if each is not None and each.annotation is not None]
    return [*found, *([("return", node.returns)] if node.returns is not None else [])]


def _capture(scope: Scope, name: str, free: frozenset[str]) -> None:
    """Note which functions pass a name on from an outer one."""
    holder = scope.holder(name)
    if holder is None and (name not in free or _is_global(scope, name)):
        return
    function: Scope | None = scope.function
    last = holder.function if holder is not None else None
    while function is not None and function is not last:
        function.free.add(name)
        if holder is not None:
            holder.cells.add(name)
        function = function.parent.function if function.parent is not None else None


def _is_global(scope: Scope | None, name: str) -> bool:
    while scope is not None:
        if name in scope.globals:
            return True
        scope = scope.parent
    return False
