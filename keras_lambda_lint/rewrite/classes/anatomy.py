"""The parts of one class that a rewrite works on."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.style import style_of
from keras_lambda_lint.source.parameters import with_defaults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites


_WRITTEN = ("__init__", "build", "get_config")
"""The methods that rewrites add to."""


class Anatomy:
    """The methods of a class, what its constructor does, and how it calls that of its base.

    Raises `NoFix` for a class that calls its instance anything but `self`.
    """

    def __init__(self, sites: FileSites, node: ast.ClassDef) -> None:
        self.sites = sites
        self.node = node
        for method in filter(None, map(self.method, _WRITTEN)):
            names = [argument.arg for argument, _, _ in with_defaults(method.args)]
            if names[:1] != ["self"]:
                raise NoFix(f"the first parameter of `{method.name}` is not called `self`")

    def method(self, name: str) -> ast.FunctionDef | None:
        """Return the method that the class itself defines last under a name."""
        found = [each for each in self.node.body if isinstance(each, ast.FunctionDef) and each.name == name]
        return found[-1] if found else None

    @cached_property
    def constructor(self) -> ast.FunctionDef | None:
        """The constructor that the class itself defines."""
        return self.method("__init__")

    @cached_property
    def width(self) -> int:
        """The line length of the project."""
        return style_of(self.sites.source.filename).width

    def is_self(self, node: ast.expr) -> bool:
        """Return whether an expression is `self`."""
        return isinstance(node, ast.Name) and node.id == "self"

    @cached_property
    def base_constructor(self) -> ast.Call | None:
        """The one call of the base class's constructor, as a statement of the constructor's own block; None where there is no such call."""
        calls = list(self._base_constructors())
        return calls[0] if len(calls) == 1 else None

    def _base_constructors(self) -> Iterator[ast.Call]:
        """Yield the calls of the base class's constructor; as a second one what is no statement of the block itself."""
        constructor = self.constructor
        for inner in ast.walk(constructor) if constructor is not None else ():
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "__init__":
                yield inner
                statement = self.sites.index.parents[inner]
                if not (isinstance(statement, ast.Expr) and self.sites.index.parents[statement] is constructor):
                    yield inner

    @cached_property
    def kept(self) -> dict[str, ast.Assign | ast.AnnAssign]:
        """The attributes of `self` that the constructor's own block assigns, each alone, and that nothing else in the class assigns."""
        found: dict[str, ast.Assign | ast.AnnAssign] = {}
        for statement in self.constructor.body if self.constructor is not None else ():
            targets: list[ast.expr] = []
            if isinstance(statement, ast.Assign):
                targets = statement.targets
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                targets = [statement.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Attribute) and self.is_self(targets[0].value):
                assert isinstance(statement, (ast.Assign, ast.AnnAssign))
                found[targets[0].attr] = statement
        return {name: statement for name, statement in found.items() if self.stores.get(name) == 1}

    @cached_property
    def stores(self) -> dict[str, int]:
        """How often the class assigns each attribute of `self`."""
        counted: dict[str, int] = {}
        for node in ast.walk(self.node):
            if isinstance(node, ast.Attribute) and self.is_self(node.value) and not isinstance(node.ctx, ast.Load):
                counted[node.attr] = counted.get(node.attr, 0) + 1
        return counted

    @cached_property
    def attributes(self) -> frozenset[str]:
        """All names that the class reads or assigns on `self`, or binds in its body."""
        on_self = {
            node.attr for node in ast.walk(self.node) if isinstance(node, ast.Attribute) and self.is_self(node.value)
        }
        return frozenset(on_self | set(self.sites.index.scopes[self.node].bindings))

    @cached_property
    def defaults(self) -> dict[str, ast.expr]:
        """The default values of the constructor's parameters."""
        assert self.constructor is not None
        return {
            argument.arg: default
            for argument, _, default in with_defaults(self.constructor.args)
            if default is not None
        }

    @cached_property
    def indent(self) -> str:
        """The white space before the methods."""
        method = next((each for each in self.node.body if isinstance(each, ast.FunctionDef)), self.node.body[0])
        return line_indent(self.sites.source.line(method.lineno))

    @cached_property
    def step(self) -> str:
        """By how much a block is indented in the class."""
        outer = line_indent(self.sites.source.line(self.node.lineno))
        return self.indent[len(outer) :] or "    "

    def super_of(self, instance: str) -> str:
        """Return how the class says `super()`: plainly, or as Python 2 needs it, for `self` or `cls`."""
        for node in ast.walk(self.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super":
                return f"super({self.node.name}, {instance})" if node.args else "super()"
        return "super()"

    def room(self, depth: int) -> str:
        """Return the white space before statements of a method, `depth` blocks deep."""
        return self.indent + self.step * depth
