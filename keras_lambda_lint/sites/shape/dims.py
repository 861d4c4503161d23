"""The algebra of static shapes: lengths that may be unknown, and what operations make of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Symbol:
    """A length that is no number here: equal symbols are equal lengths."""

    text: str
    stated: bool = False
    """The model states it, so Keras knows it; only this file does not tell the number."""
    length: int | None = None
    """The number, where the code determines it and Keras does not see it all the same."""


Dim: TypeAlias = int | Symbol
Shape: TypeAlias = tuple[Dim, ...]

BATCH = Symbol("batch")


class ShapeError(Exception):
    """What was asked of shapes that do not fit, in words."""


def written(shape: Shape) -> str:
    """Return a shape as Python writes it: `None` for lengths that only the run tells, `?` for those that this file does not."""
    parts = [str(dim) if isinstance(dim, int) else "?" if dim.stated else "None" for dim in shape]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def differ(one: Shape, other: Shape) -> bool:
    """Return whether two shapes certainly differ."""
    if len(one) != len(other):
        return True
    return any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(one, other, strict=True))


def axis_of(axis: int, rank: int) -> int:
    """Return an axis counted from the front; raise `ShapeError` where there is none."""
    if not -rank <= axis < rank:
        raise ShapeError(f"axis {axis} of a tensor with {rank} {'axis' if rank == 1 else 'axes'}")
    return axis % rank


def broadcast(one: Shape, other: Shape) -> Shape:
    """Return the shape that two shapes broadcast to; raise `ShapeError` where they do not."""
    dims: list[Dim] = []
    for position in range(1, max(len(one), len(other)) + 1):
        a = one[-position] if position <= len(one) else 1
        b = other[-position] if position <= len(other) else 1
        if a == b or b == 1:
            dims.append(a)
        elif a == 1:
            dims.append(b)
        elif isinstance(a, Symbol) and isinstance(b, Symbol):
            dims.append(Symbol(f"{a.text}|{b.text}", a.stated or b.stated))
        elif isinstance(a, Symbol):
            dims.append(b)
        elif isinstance(b, Symbol):
            dims.append(a)
        else:
            raise ShapeError(f"shapes {written(one)} and {written(other)} do not broadcast")
    return tuple(reversed(dims))


def reduced(shape: Shape, axes: Iterable[int] | None, *, keepdims: bool) -> Shape:
    """Return a shape without some axes, or with length 1 there; None reduces all. Raise `ShapeError` for an axis that is not there."""
    gone = set(range(len(shape))) if axes is None else {axis_of(axis, len(shape)) for axis in axes}
    if keepdims:
        return tuple(1 if position in gone else dim for position, dim in enumerate(shape))
    return tuple(dim for position, dim in enumerate(shape) if position not in gone)


def sliced(dim: Dim, part: slice, text: str) -> Dim:
    """Return the length of a slice of an axis."""
    if part in (slice(None), slice(None, None, 1), slice(None, None, -1)):
        return dim
    if isinstance(dim, int):
        return len(range(*part.indices(dim)))
    return Symbol(f"{dim.text}[{text}]", dim.stated)


def summed(dims: Iterable[Dim]) -> Dim:
    """Return the sum of lengths."""
    terms = list(dims)
    numbers = [dim for dim in terms if isinstance(dim, int)]
    symbols = [dim for dim in terms if isinstance(dim, Symbol)]
    if not symbols:
        return sum(numbers)
    return Symbol("+".join(symbol.text for symbol in symbols) + f"+{sum(numbers)}", all(s.stated for s in symbols))


def scaled(dim: Dim, factor: Dim) -> Dim:
    """Return the product of two lengths."""
    if 1 in (dim, factor):
        return factor if dim == 1 else dim
    if isinstance(dim, int) and isinstance(factor, int):
        return dim * factor
    symbols = [each for each in (dim, factor) if isinstance(each, Symbol)]
    return Symbol("*".join(each.text for each in symbols) + f"*{dim}{factor}", all(each.stated for each in symbols))


def concatenated(shapes: list[Shape], axis: int) -> Shape:
    """Return the shape of tensors joined along an axis; raise `ShapeError` where they do not fit."""
    rank = len(shapes[0])
    if any(len(shape) != rank for shape in shapes):
        raise ShapeError(f"tensors of shapes {', '.join(map(written, shapes))} cannot be joined: their ranks differ")
    axis = axis_of(axis, rank)
    dims: list[Dim] = []
    for position in range(rank):
        column = [shape[position] for shape in shapes]
        dims.append(summed(column) if position == axis else agreed(column, shapes))
    return tuple(dims)


def agreed(column: list[Dim], shapes: list[Shape]) -> Dim:
    """Return the length that tensors have in common on an axis; raise `ShapeError` where two numbers contradict."""
    numbers = {dim for dim in column if isinstance(dim, int)}
    if len(numbers) > 1:
        raise ShapeError(f"tensors of shapes {', '.join(map(written, shapes))} do not fit together")
    return numbers.pop() if numbers else next((dim for dim in column if dim != column[0]), column[0])


def reshaped(shape: Shape | None, target: Shape) -> Shape | None:
    """Return the shape that a tensor takes on, -1 filled in; None where that is not known. Raise `ShapeError` where it cannot."""
    wanted = [dim for dim in target if dim != -1]
    if len(target) - len(wanted) > 1:
        return None  # TensorFlow finds it wrong only when it runs
    known = shape is not None and all(isinstance(dim, int) for dim in shape)
    if shape is not None and not known and len(wanted) == len(target) and all(isinstance(dim, int) for dim in wanted):
        return target if not _volume(shape) or _volume(target) % _volume(shape) == 0 else None
    if not known or any(isinstance(dim, Symbol) for dim in wanted):
        return tuple(_rest(shape, wanted) if dim == -1 else dim for dim in target)
    assert shape is not None
    total, rest = _volume(shape), _volume(tuple(wanted))
    fits = rest and total % rest == 0 if -1 in target else total == rest
    if not fits:
        raise ShapeError(f"a tensor of shape {written(shape)} cannot take the shape {written(target)}")
    return tuple(total // rest if dim == -1 else dim for dim in target)


def _volume(shape: Shape) -> int:
    return prod(dim for dim in shape if isinstance(dim, int))


def _rest(shape: Shape | None, wanted: list[Dim]) -> Dim:
    """Return the length that -1 stands for, where not all lengths are numbers."""
    if shape is None:
        return Symbol("rest")
    left = list(shape)
    for dim in [each for each in wanted if isinstance(each, Symbol)]:
        if dim not in left:
            return Symbol("rest", any(isinstance(each, Symbol) and each.stated for each in (*shape, *wanted)))
        left.remove(dim)
    numbers = _volume(tuple(dim for dim in wanted if isinstance(dim, int)))
    symbols = [dim for dim in left if isinstance(dim, Symbol)]
    volume = _volume(tuple(left))
    if not symbols and numbers and volume % numbers == 0:
        if all(dim.stated for dim in wanted if isinstance(dim, Symbol)):
            return volume // numbers
        # Keras does not cancel the lengths that it does not know against each other.
        return Symbol("rest", length=volume // numbers)
    if len(symbols) == 1 and volume == numbers:
        return symbols[0]
    return Symbol("rest", any(symbol.stated for symbol in symbols))


def multiplied(one: Shape, other: Shape) -> Shape:
    """Return the shape of a product of matrices, leading axes broadcast; raise `ShapeError` where they do not fit."""
    if len(one) < 2 or len(other) < 2:
        raise ShapeError(f"a product of matrices of shapes {written(one)} and {written(other)}")
    if differ((one[-1],), (other[-2],)):
        raise ShapeError(f"a product of matrices of shapes {written(one)} and {written(other)}")
    return (*broadcast(one[:-2], other[:-2]), one[-2], other[-1])
