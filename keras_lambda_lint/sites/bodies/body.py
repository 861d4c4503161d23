"""What the body of a function does: found when first asked for, since most rules never ask."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.bodies.numpy_calls import numpy_calls
from keras_lambda_lint.sites.bodies.randomness import random_calls
from keras_lambda_lint.sites.bodies.side_effects import side_effects
from keras_lambda_lint.sites.bodies.state import captured_layers, creations
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.bodies.numpy_calls import NumpyCall
    from keras_lambda_lint.sites.bodies.randomness import RandomCall
    from keras_lambda_lint.sites.bodies.side_effects import SideEffect
    from keras_lambda_lint.sites.bodies.state import CapturedLayer, Creation
    from keras_lambda_lint.sites.model import Capture
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import FunctionNode
    from keras_lambda_lint.source.text import Source


class BodyCall(NamedTuple):
    """A call in the body of a function."""

    span: Span
    callee: Span
    names: frozenset[str]
    """The qualified names of what is called; those that the file does not tell start with `?`."""
    node: ast.Call

    @property
    def name(self) -> str:
        """What is called, as the source spells it."""
        return ast.unparse(self.node.func)


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
        return tuple(node for part in parts for node in walk(part))

    @cached_property
    def calls(self) -> tuple[BodyCall, ...]:
        """Return the calls of the body, sorted by place."""
        found = (
            BodyCall(self.source.span(node), self.source.span(node.func), self.names.of(node.func), node)
            for node in self.nodes
            if isinstance(node, ast.Call)
        )
        return tuple(sorted(found, key=lambda call: call.span))

    @cached_property
    def tensorflow_calls(self) -> tuple[BodyCall, ...]:
        """Return the calls of TensorFlow's own operations."""
        return tuple(call for call in self.calls if call.names and all(map(api.is_tensorflow_operation, call.names)))

    @cached_property
    def creations(self) -> tuple[Creation, ...]:
        """Return the variables and layers with state that the body makes."""
        return tuple(creations(self))

    @cached_property
    def random_calls(self) -> tuple[RandomCall, ...]:
        """Return the calls of the body that draw random numbers."""
        return tuple(random_calls(self))

    @cached_property
    def numpy_calls(self) -> tuple[NumpyCall, ...]:
        """Return the calls of the body that hand a tensor to NumPy."""
        return tuple(numpy_calls(self))

    def layers(self, captures: tuple[Capture, ...]) -> tuple[CapturedLayer, ...]:
        """Return the layers among the captures of the function and the defaults of its parameters."""
        return tuple(captured_layers(self, captures))

    def side_effects(self, captures: tuple[Capture, ...]) -> tuple[SideEffect, ...]:
        """Return what the body changes outside of the function."""
        return tuple(side_effects(self, captures))

    def captured_root(self, node: ast.expr) -> ast.Name | None:
        """Return the name that an expression such as `cache["x"].y` starts from, where it is of a scope around the function."""
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if not isinstance(node, ast.Name) or node not in self.index.reads:
            return None
        owner = self.index.reads[node].scope.owner(node.id)
        return None if owner is None or owner.within(self.index.scope_of(self.node)) else node
