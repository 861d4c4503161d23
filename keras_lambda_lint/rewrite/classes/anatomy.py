"""The parts of one class that a rewrite works on."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites


class Anatomy:
    """The methods of a class, what its constructor does, and how it calls that of its base."""

    def __init__(self, sites: FileSites, node: ast.ClassDef) -> None:
        self.sites = sites
        self.node = node

    def method(self, name: str) -> ast.FunctionDef | None:
        """Return the method that the class itself defines last under a name."""
        found = [each for each in self.node.body if isinstance(each, ast.FunctionDef) and each.name == name]
        return found[-1] if found else None

    @cached_property
    def constructor(self) -> ast.FunctionDef | None:
        """The constructor that the class itself defines."""
        return self.method("__init__")

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
