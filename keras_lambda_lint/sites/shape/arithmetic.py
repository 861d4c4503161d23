"""What Python's operators do to the shapes of their operands."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.sites.model import Effect
from keras_lambda_lint.sites.shape import dims
from keras_lambda_lint.sites.shape.dims import Dim, ShapeError, Symbol
from keras_lambda_lint.sites.shape.tensors import (
    UNKNOWN,
    Abstract,
    Items,
    Length,
    Plain,
    Tensor,
    integer,
    length,
    shape_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.GtE: operator.ge,
}


def binary(op: ast.operator, left: Abstract, right: Abstract) -> Abstract:
    """Return the result of an operator; raise `ShapeError` where the operands cannot meet."""
    if isinstance(left, Plain) and isinstance(right, Plain):
        return _plain(op, left.value, right.value)
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(op, ast.Add):
        return Items(left.items + right.items)
    if isinstance(left, Items) and isinstance(op, ast.Mult) and 0 <= (integer(right) or -1) <= 64:
        return Items(left.items * (integer(right) or 0))
    if _is_length(left, right):
        return _lengths(op, left, right)
    if isinstance(op, ast.MatMult):
        return _matrices(left, right)
    one, other = _operand(left), _operand(right)
    if one is None or other is None:
        return UNKNOWN
    is_float = one.is_float or other.is_float
    if one.shape is None or other.shape is None:
        return _of_unknown_rank(one, other)
    return Tensor(dims.broadcast(one.shape, other.shape), is_float=is_float)


def _plain(op: ast.operator, left: object, right: object) -> Abstract:
    apply = _OPERATORS.get(type(op))
    numbers = (int, float)
    if left is None or right is None:
        raise ShapeError("arithmetic with `None`, which `x.shape` holds where Keras does not know a length")
    if apply is None or not isinstance(left, numbers) or not isinstance(right, numbers):
        return Tensor(()) if isinstance(left, numbers) and isinstance(right, numbers) else UNKNOWN
    if not right and isinstance(op, (ast.Div, ast.FloorDiv, ast.Mod)):
        return UNKNOWN
    return Plain(apply(left, right))


def _is_length(left: Abstract, right: Abstract) -> bool:
    """Return whether one operand is a length and the other a length or an integer."""
    held = any(isinstance(each, Length) or (isinstance(each, Tensor) and each.content) for each in (left, right))
    return held and length(left) is not None and length(right) is not None


def _lengths(op: ast.operator, left: Abstract, right: Abstract) -> Abstract:
    one, other = length(left), length(right)
    assert one is not None
    assert other is not None
    result: Dim
    if isinstance(op, ast.Mult):
        result = dims.scaled(one, other)
    elif isinstance(one, int) and isinstance(other, int) and isinstance(op, (ast.Add, ast.Sub)):
        result = one + other if isinstance(op, ast.Add) else one - other
    elif isinstance(one, int) and isinstance(other, int) and isinstance(op, ast.FloorDiv) and other:
        result = one // other
    else:
        names = [str(each) if isinstance(each, int) else each.text for each in (one, other)]
        stated = all(isinstance(each, int) or each.stated for each in (one, other))
        result = Symbol(f"({names[0]} {type(op).__name__} {names[1]})", stated)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return Tensor((), content=(result,))
    return Plain(result) if isinstance(result, int) else Length(result)


def _operand(value: Abstract) -> Tensor | None:
    if isinstance(value, Tensor):
        return value
    shape = shape_of(value)
    return None if shape is None else Tensor(shape)


def _of_unknown_rank(one: Tensor, other: Tensor) -> Abstract:
    if other.shape == () or one.shape == ():
        return one if other.shape == () else other
    if one.opaque is not None or other.opaque is not None:
        return UNKNOWN
    same = one.effect is other.effect is Effect.SAME and one.shape is other.shape is None
    return one if same else UNKNOWN


def _matrices(left: Abstract, right: Abstract) -> Abstract:
    one, other = _operand(left), _operand(right)
    if one is None or other is None or one.shape is None or other.shape is None:
        return UNKNOWN
    return Tensor(dims.multiplied(one.shape, other.shape), is_float=one.is_float and other.is_float)


def compared(op: ast.cmpop, left: Abstract, right: Abstract) -> Abstract:
    """Return the result of a comparison."""
    apply = _COMPARISONS.get(type(op))
    made = isinstance(left, (Tensor, Items)) or isinstance(right, (Tensor, Items))
    if made and isinstance(op, (ast.Is, ast.IsNot)) and Plain(None) in (left, right):
        return Plain(isinstance(op, ast.IsNot))
    if isinstance(left, Plain) and isinstance(right, Plain):
        ordered = type(left.value) is type(right.value) or isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot))
        return Plain(apply(left.value, right.value)) if apply is not None and ordered else UNKNOWN
    if apply is None or isinstance(op, (ast.Is, ast.IsNot)):
        return UNKNOWN
    result = binary(ast.Sub(), left, right)
    return result.with_dtype(is_float=False) if isinstance(result, Tensor) else UNKNOWN


def subscript(whole: Abstract, indices: Sequence[Abstract | tuple[Abstract, ...]], text: str) -> Abstract:
    """Return a part of a value; slices are tuples of their three bounds. Raise `ShapeError` where the part does not exist."""
    if isinstance(whole, Items):
        return _item(whole, indices, text)
    if not isinstance(whole, Tensor):
        return UNKNOWN
    if whole.shape is None:
        return _of_unknown_tensor(whole, indices)
    if whole.content is not None and len(whole.shape) == 1 and len(indices) == 1:
        return _content(whole.content, indices[0], text)
    if not all(_is_simple(index) for index in indices):
        return UNKNOWN
    named = sum(index not in (Plain(Ellipsis), Plain(None)) for index in indices)
    if named > len(whole.shape):
        raise ShapeError(f"`{text}` takes {named} axes of a tensor of shape {dims.written(whole.shape)}")
    taken: list[Dim] = []
    position = 0
    for index in indices:
        if index == Plain(Ellipsis):
            rest = len(whole.shape) - named
            taken += whole.shape[position : position + rest]
            position += rest
        elif index == Plain(None):
            taken.append(1)
        else:
            taken += _along(whole.shape[position], index, text, position)
            position += 1
    return whole.moved((*taken, *whole.shape[position:]))


def _is_simple(index: Abstract | tuple[Abstract, ...]) -> bool:
    """Return whether an index is a slice, an ellipsis, a new axis or a single place."""
    if isinstance(index, tuple):
        return all(bound == Plain(None) or length(bound) is not None for bound in index)
    return index in (Plain(Ellipsis), Plain(None)) or length(index) is not None


def _along(dim: Dim, index: Abstract | tuple[Abstract, ...], text: str, position: int) -> list[Dim]:
    """Return what an index leaves of an axis."""
    if not isinstance(index, tuple):
        number = length(index)
        if isinstance(dim, int) and isinstance(number, int) and not -dim <= number < dim:
            raise ShapeError(f"`{text}` takes place {number} of axis {position}, which has length {dim}")
        return []
    bounds = [length(bound) for bound in index]
    if any(isinstance(bound, Symbol) for bound in bounds):
        return [Symbol(text, any(isinstance(bound, Symbol) and bound.stated for bound in bounds))]
    numbers = [bound if isinstance(bound, int) else None for bound in bounds]
    if numbers[2] == 0:
        raise ShapeError(f"`{text}` has step 0")
    return [dims.sliced(dim, slice(*numbers), ":".join(map(str, numbers)))]


def _item(whole: Items, indices: Sequence[Abstract | tuple[Abstract, ...]], text: str) -> Abstract:
    (index, *more) = indices
    if more:
        return UNKNOWN
    if isinstance(index, tuple):
        bounds = [None if bound == Plain(None) else integer(bound) for bound in index]
        certain = all(bound == Plain(None) or number is not None for bound, number in zip(index, bounds, strict=True))
        return Items(whole.items[slice(*bounds)]) if certain and bounds[2] != 0 else UNKNOWN
    number = integer(index)
    if number is None:
        return UNKNOWN
    if not -len(whole.items) <= number < len(whole.items):
        raise ShapeError(f"`{text}` takes place {number} of {len(whole.items)}")
    return whole.items[number]


def _content(content: dims.Shape, index: Abstract | tuple[Abstract, ...], text: str) -> Abstract:
    part = _item(Items(tuple(Tensor((), content=(dim,)) for dim in content)), [index], text)
    if isinstance(part, Items):
        return Tensor(
            (len(part.items),), content=tuple(dim for item in part.items if (dim := length(item)) is not None)
        )
    return part


def _of_unknown_tensor(whole: Tensor, indices: Sequence[Abstract | tuple[Abstract, ...]]) -> Abstract:
    """Return what is known of a part of a tensor of unknown rank, which may also be a list of tensors."""
    slices = [index for index in indices if isinstance(index, tuple)]
    places = [index for index in indices if not isinstance(index, tuple) and integer(index) is not None]
    rest = [index for index in indices if index == Plain(Ellipsis)]
    simple = len(slices) + len(places) + len(rest) == len(indices)
    # `x[0]` may take a tensor out of a list of inputs; `x[:, 0]` cannot.
    if simple and places and isinstance(indices[0], tuple):
        return whole.moved(None)
    whole_slices = not places and all(_keeps(index) for index in slices)
    return whole if simple and whole_slices else UNKNOWN


def _keeps(index: tuple[Abstract, ...]) -> bool:
    return index[:2] == (Plain(None), Plain(None)) and index[2] in (Plain(None), Plain(1), Plain(-1))
