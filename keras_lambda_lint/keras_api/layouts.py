"""The conditions of the rows in `idioms.py` on axes, lengths and factors, and the arguments of the layer that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple, TypeAlias

Filled: TypeAlias = Mapping[str, object]
"""Values for the names in the layer's arguments."""


class Facts(NamedTuple):
    """The constants that a pattern found, by name, and what is known of the shape of the input, batch dimension included."""

    constants: Mapping[str, Any]
    shape: tuple[int | None, ...] | None

    @property
    def axis(self) -> int | None:
        """The constant `a`, where it is an integer."""
        value = self.constants["a"]
        return value if _is_whole(value) else None


def are_numbers(facts: Facts) -> bool:
    """Return whether all constants are numbers, and none divides by 0."""
    values = facts.constants.values()
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values) and 0 not in values


def feature_axis(facts: Facts) -> Filled | None:
    """One axis that is not the batch's."""
    return None if facts.axis is None or not _is_inner(facts, facts.axis) else {}


def positive(facts: Facts) -> Filled | None:
    """A positive number."""
    value = facts.constants["a"]
    return {} if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else None


def whole(facts: Facts) -> Filled | None:
    """Positive integers only."""
    return {} if all(_is_whole(value) and value > 0 for value in facts.constants.values()) else None


def expanded(facts: Facts) -> Filled | None:
    """One more axis of length 1, behind the batch's."""
    if facts.shape is None or facts.axis is None:
        return None
    rank = len(facts.shape)
    position = facts.axis if facts.axis >= 0 else rank + 1 + facts.axis
    if not 1 <= position <= rank:
        return None
    return _target((*facts.shape[1:position], 1, *facts.shape[position:]))


def squeezed(facts: Facts) -> Filled | None:
    """One axis less, whose length is known to be 1, behind the batch's."""
    if facts.shape is None or facts.axis is None:
        return None
    rank = len(facts.shape)
    position = facts.axis if facts.axis >= 0 else rank + facts.axis
    if not 1 <= position < rank or facts.shape[position] != 1:
        return None
    return _target((*facts.shape[1:position], *facts.shape[position + 1 :]))


def reshaped(facts: Facts) -> Filled | None:
    """A new shape whose first length is -1 and whose others have as many elements as one sample has."""
    shape = facts.constants["a"]
    if facts.shape is None or None in facts.shape[1:] or not _are_whole(shape) or len(shape) < 2 or shape[0] != -1:
        return None
    lengths = [length for length in facts.shape[1:] if length is not None]
    return {"shape": tuple(shape[1:])} if min(shape[1:]) > 0 and prod(shape[1:]) == prod(lengths) else None


def permuted(facts: Facts) -> Filled | None:
    """A permutation that leaves the batch's axis where it is."""
    axes = facts.constants["a"]
    if not _are_whole(axes) or len(axes) < 2 or axes[0] != 0 or sorted(axes) != list(range(len(axes))):
        return None
    return {"axes": tuple(axes[1:])}


def repeated(facts: Facts) -> Filled | None:
    """Copies along the second of three axes."""
    copies = facts.constants["a"]
    if not _are_whole(copies) or len(copies) != 3 or copies[0] != 1 or copies[2] != 1 or copies[1] < 1:
        return None
    return {"n": copies[1]}


def cropped_steps(facts: Facts) -> Filled | None:
    """A slice of the second of three axes."""
    borders = _borders(facts)
    return {"steps": borders[0]} if borders is not None and len(borders) == 1 else None


def cropped_images(facts: Facts) -> Filled | None:
    """A slice of one or both of the axes of images, channels last."""
    borders = _borders(facts)
    if borders is None or len(borders) > 2:
        return None
    return {"borders": (*borders, (0, 0))[:2]}


def padded_steps(facts: Facts) -> Filled | None:
    """Zeros around the second of three axes."""
    around = _pairs(facts.constants["a"])
    return {"steps": around[1]} if around is not None and len(around) == 3 and _only(around, (1,)) else None


def padded_images(facts: Facts) -> Filled | None:
    """Zeros around images, channels last."""
    around = _pairs(facts.constants["a"])
    return {"borders": around[1:3]} if around is not None and len(around) == 4 and _only(around, (1, 2)) else None


def bilinear(facts: Facts) -> Filled | None:
    """A height and a width, with the interpolation that `Resizing` has by itself."""
    return {} if facts.constants["m"] == "bilinear" and _is_size(facts) else None


def other_interpolation(facts: Facts) -> Filled | None:
    """A height and a width, with an interpolation that was measured."""
    return {} if facts.constants["m"] in ("nearest", "bicubic") and _is_size(facts) else None


def image_axes(facts: Facts) -> Filled | None:
    """The two axes of images, channels last."""
    axes = facts.constants["a"]
    if not _are_whole(axes) or len(axes) != 2:
        return None
    return {} if sorted(axis % 4 for axis in axes) == [1, 2] and all(-4 <= axis < 4 for axis in axes) else None


def dot_axes(facts: Facts) -> Filled | None:
    """One axis of each input that is not the batch's."""
    axes = facts.constants["a"]
    pair = (axes, axes) if _is_whole(axes) else axes
    return {} if _are_whole(pair) and len(pair) == 2 and min(pair) > 0 else None


def _borders(facts: Facts) -> tuple[tuple[int, int], ...] | None:
    """Return how much a `cut` takes off both ends of each axis behind the batch's, up to the last that it shortens."""
    slices = facts.constants["a"]
    shape = facts.shape
    if shape is None or len(slices) > len(shape) or slices[0] != (None, None):
        return None
    borders: list[tuple[int, int]] = []
    for length, (start, stop) in zip(shape[1:], slices[1:], strict=False):
        first, last = start or 0, _taken_off(stop, length)
        if first < 0 or last is None or (length is not None and first + last >= length):
            return None
        borders.append((first, last))
    while borders and borders[-1] == (0, 0):
        borders.pop()
    return tuple(borders) or None


def _taken_off(stop: int | None, length: int | None) -> int | None:
    if stop is None:
        return 0
    if stop < 0:
        return -stop
    return None if length is None or stop > length else length - stop


def _pairs(value: object) -> tuple[tuple[int, int], ...] | None:
    if not isinstance(value, tuple) or not all(_are_whole(pair) and len(pair) == 2 for pair in value):
        return None
    return tuple(tuple(pair) for pair in value)


def _only(around: tuple[tuple[int, int], ...], axes: tuple[int, ...]) -> bool:
    return all(pair == (0, 0) or position in axes for position, pair in enumerate(around))


def _target(lengths: tuple[int | None, ...]) -> Filled | None:
    """Return the argument of `Reshape`, which can leave one length open."""
    if lengths.count(None) > 1:
        return None
    return {"shape": tuple(-1 if length is None else length for length in lengths)}


def _is_size(facts: Facts) -> bool:
    return all(_is_whole(facts.constants[name]) and facts.constants[name] > 0 for name in ("a", "b"))


def _is_inner(facts: Facts, axis: int) -> bool:
    """Return whether an axis is certainly not the batch's."""
    if axis == -1:
        return facts.shape is None or len(facts.shape) > 1
    if axis > 0:
        return True
    return axis < 0 and facts.shape is not None and len(facts.shape) + axis > 0


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(value: object) -> bool:
    return isinstance(value, tuple) and all(_is_whole(each) for each in value)
