"""What the functions of `Lambda` layers do to the shape of their input. Says nothing where the code does not tell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.sites.model import Effect, ShapeChange
from keras_lambda_lint.sites.shape import dims
from keras_lambda_lint.sites.shape.body import Body, TrialFails
from keras_lambda_lint.sites.shape.dims import Shape, Symbol
from keras_lambda_lint.sites.shape.model_shapes import ModelShapes
from keras_lambda_lint.sites.shape.tensors import (
    UNKNOWN,
    Abstract,
    Items,
    Tensor,
    integer,
)
from keras_lambda_lint.source.parameters import with_defaults

if TYPE_CHECKING:
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import FunctionNode

_SUPPLIED = ("mask", "training")
"""Parameters that Keras itself gives a value."""


class Shapes:
    """Infers the shapes of one file."""

    def __init__(self, index: Index, names: Names, values: Values) -> None:
        self.index = index
        self.names = names
        self.values = values
        self.model = ModelShapes(index, names, values)

    def of(self, call: ast.Call, function: FunctionNode | None) -> ShapeChange:
        """Return what the function of a `Lambda` call does to the shape of the layer's input."""
        if not isinstance(function, (ast.Lambda, ast.FunctionDef)):
            return ShapeChange(Effect.UNKNOWN)
        given = self._placeholder(self.model.input_of(call))
        known = self._parameters(call, function, given)
        if known is None:
            return ShapeChange(Effect.UNKNOWN)
        try:
            result = Body(self.index, self.names, self.values).result(function, known)
        except TrialFails as failure:
            certain = self.model.is_symbolic(call)
            return ShapeChange(
                Effect.FAILS if certain else Effect.UNKNOWN, reason=str(failure), by_dtype=failure.by_dtype
            )
        return self._change(call, given, result)

    def integer(self, node: ast.expr) -> int | None:
        """Return the integer that an expression is, also through names that are bound once; None for anything else."""
        return integer(self.model.constant(node))

    def _placeholder(self, given: Abstract) -> Abstract:
        """Return an input as Keras 3 tries the function with: a float, whatever the model says."""
        if isinstance(given, Items):
            return Items(tuple(self._placeholder(item) for item in given.items))
        shape = given.shape if isinstance(given, Tensor) else None
        return Tensor(shape, Effect.SAME, is_float=True)

    def _parameters(self, call: ast.Call, function: FunctionNode, given: Abstract) -> dict[str, Abstract] | None:
        """Return what the parameters hold: the input, then `arguments=`, then defaults."""
        parameters = list(with_defaults(function.args))
        if not parameters or parameters[0][1] != "positional":
            return None
        known: dict[str, Abstract] = {}
        for argument, kind, default in parameters:
            known[argument.arg] = UNKNOWN
            if kind in ("positional", "keyword") and default is not None and argument.arg not in _SUPPLIED:
                known[argument.arg] = self.model.constant(default)
        for keyword in call.keywords:
            if keyword.arg == "arguments" or keyword.arg is None:
                known.update(self._arguments(keyword.value, known))
        if len(call.args) > 3:
            known.update(self._arguments(call.args[3], known))
        return {**known, parameters[0][0].arg: given}

    def _arguments(self, node: ast.expr, known: dict[str, Abstract]) -> dict[str, Abstract]:
        if not isinstance(node, ast.Dict) or not all(isinstance(key, ast.Constant) for key in node.keys):
            return dict.fromkeys(known, UNKNOWN)
        return {
            str(key.value): self.model.constant(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }

    def _change(self, call: ast.Call, given: Abstract, result: Abstract) -> ShapeChange:
        if isinstance(result, Items):
            return self._several(result)
        if not isinstance(result, Tensor):
            return ShapeChange(Effect.UNKNOWN)
        if result.opaque is not None and result.shape is None:
            effect = Effect.FAILS if self.model.is_symbolic(call) else Effect.UNKNOWN
            return ShapeChange(effect, reason=f"`{result.opaque}` has no static shape")
        if result.shape is None:
            return ShapeChange(result.effect)
        inputs = given.items if isinstance(given, Items) else (given,)
        effects = {_effect(result.shape, each) for each in inputs}
        effect = effects.pop() if len(effects) == 1 else Effect.UNKNOWN
        lengths = tuple(dim if isinstance(dim, int) else None for dim in result.shape)
        return ShapeChange(effect, dims.written(result.shape), lengths=lengths, hidden=_hidden(result.shape))

    def _several(self, result: Items) -> ShapeChange:
        shapes = [item.shape for item in result.items if isinstance(item, Tensor) and item.shape is not None]
        if len(shapes) < len(result.items) or not shapes:
            return ShapeChange(Effect.UNKNOWN)
        return ShapeChange(Effect.CHANGED, f"[{', '.join(map(dims.written, shapes))}]")


def _effect(result: Shape, given: Abstract) -> Effect:
    """Return how the shape of a result compares to that of an input."""
    if not isinstance(given, Tensor) or given.shape is None:
        return Effect.UNKNOWN
    if result == given.shape:
        return Effect.SAME
    return Effect.CHANGED if dims.differ(result, given.shape) or _hidden(result) else Effect.UNKNOWN


def _hidden(shape: Shape) -> tuple[tuple[int, int], ...]:
    """Return the axes whose length the code determines and Keras does not see, with that length."""
    return tuple(
        (axis, dim.length) for axis, dim in enumerate(shape) if isinstance(dim, Symbol) and dim.length is not None
    )
