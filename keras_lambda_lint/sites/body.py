"""What the body of a function does: found when first asked for, since most rules never ask."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import FunctionNode
    from keras_lambda_lint.source.text import Source


@dataclass(frozen=True)
class BodyCall:
    """A call in the body of a function."""

    span: Span
    callee: Span
    names: frozenset[str]
    """The qualified names of what is called; those that the file does not tell start with `?`."""
    node: ast.Call


class Body:
    """The body of one function: nested functions included, its own defaults and decorators not."""

    def __init__(self, node: FunctionNode, source: Source, index: Index, values: Values) -> None:
        self.node = node
        self.source = source
        self.index = index
        self.values = values

    @property
    def names(self) -> Names:
        """What resolves the names of the file that the function stands in."""
        return self.values.names

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Return all nodes of the body, outer ones first."""
        parts = [self.node.body] if isinstance(self.node, ast.Lambda) else self.node.body
        return tuple(node for part in parts for node in ast.walk(part))

    @cached_property
    def calls(self) -> tuple[BodyCall, ...]:
        """Return the calls of the body, sorted by place."""
        found = (
            BodyCall(self.source.span(node), self.source.span(node.func), self.names.of(node.func), node)
            for node in self.nodes
            if isinstance(node, ast.Call)
        )
        return tuple(sorted(found, key=lambda call: call.span))
