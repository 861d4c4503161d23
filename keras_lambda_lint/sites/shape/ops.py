"""What operations do to shapes: one function per rule of `keras_api.ops.OTHERS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.sites.shape import dims
from keras_lambda_lint.sites.shape.dims import Shape, ShapeError, Symbol
from keras_lambda_lint.sites.shape.tensors import (
    UNKNOWN,
    Abstract,
    Items,
    Length,
    Plain,
    Tensor,
    elements,
    integer,
    integers,
    length,
    lengths,
    shape_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments: TypeAlias = "dict[str, Abstract]"
"""The evaluated arguments of a call by the name of the parameter."""


def reduction(given: Arguments, default: int | None) -> Abstract:
    """Return what a reduction makes of its argument; `default` is the axis where none is given, None for all."""
    axes, all_axes = _axes(given, default)
    kept = given.get("keepdims", Plain(False))
    x = _tensor(given.get("x", UNKNOWN))
    if not isinstance(kept, Plain) or x is None:
        return UNKNOWN
    if x.shape is None:
        return UNKNOWN if kept.value else x.moved(None)
    # TensorFlow takes any axis of a scalar or a vector in `argmax`.
    lenient = len(x.shape) < 2 and any(not -len(x.shape) <= axis < len(x.shape) for axis in axes or ())
    if lenient or (axes is None and not all_axes):
        return UNKNOWN
    return Tensor(dims.reduced(x.shape, axes, keepdims=bool(kept.value)), is_float=x.is_float)


def _axes(given: Arguments, default: int | None) -> tuple[list[int] | None, bool]:
    """Return the axes that a reduction takes, and whether it takes all."""
    axis = given.get("axis")
    if axis is None or axis == Plain(None):
        return (None, True) if default is None else ([default], False)
    return integers(axis), False


def _tensor(value: Abstract) -> Tensor | None:
    if isinstance(value, Tensor):
        return value
    shape = shape_of(value)
    return None if shape is None else Tensor(shape)


def _x(given: Arguments) -> Tensor:
    return _tensor(given.get("x", UNKNOWN)) or Tensor(None)


def _axis(given: Arguments) -> int | None:
    return integer(given.get("axis", UNKNOWN))


def _parts(given: Arguments) -> tuple[tuple[Tensor, ...], list[Shape]] | None:
    """Return the tensors that an operation joins, and their shapes."""
    parts = elements(given.get("x", UNKNOWN))
    tensors = tuple(tensor for part in parts or () if (tensor := _tensor(part)) is not None)
    shapes = [tensor.shape for tensor in tensors if tensor.shape is not None]
    return (tensors, shapes) if parts and len(shapes) == len(parts) else None


def _concatenate(given: Arguments) -> Abstract:
    found, axis = _parts(given), _axis(given)
    if found is None or axis is None:
        return UNKNOWN
    tensors, shapes = found
    joined = dims.concatenated(shapes, axis)
    content = None
    if all(len(shape) == 1 for shape in shapes):
        known = [lengths(part) for part in elements(given["x"]) or ()]
        content = None if None in known else tuple(dim for each in known for dim in each or ())
    return Tensor(joined, content=content, is_float=all(tensor.is_float for tensor in tensors))


def _stack(given: Arguments) -> Abstract:
    found, axis = _parts(given), _axis(given)
    if found is None or axis is None:
        return UNKNOWN
    tensors, shapes = found
    if len({len(shape) for shape in shapes}) > 1:
        raise ShapeError(f"tensors of shapes {', '.join(map(dims.written, shapes))} cannot be stacked")
    common = tuple(dims.agreed(list(column), shapes) for column in zip(*shapes, strict=True))
    position = dims.axis_of(axis, len(common) + 1)
    content = lengths(given["x"]) if not common else None
    stacked = (*common[:position], len(tensors), *common[position:])
    return Tensor(stacked, content=content, is_float=all(tensor.is_float for tensor in tensors))


def _joined_sum(given: Arguments) -> Abstract:
    found = _parts(given)
    if found is None or len(set(found[1])) > 1:
        return UNKNOWN
    return Tensor(found[1][0], is_float=all(tensor.is_float for tensor in found[0]))


def _expand_dims(given: Arguments) -> Abstract:
    x, axis = _x(given), _axis(given)
    if x.shape is None:
        return x.moved(None)
    if axis is None:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape) + 1)
    return x.moved((*x.shape[:position], 1, *x.shape[position:]))


def _squeeze(given: Arguments) -> Abstract:
    x = _x(given)
    axes = integers(given.get("axis", UNKNOWN))
    if x.shape is None:
        return UNKNOWN if axes is None else x.moved(None)
    if axes is None:
        return UNKNOWN
    gone = {dims.axis_of(axis, len(x.shape)) for axis in axes}
    for position in gone:
        if isinstance(x.shape[position], int) and x.shape[position] != 1:
            raise ShapeError(f"`squeeze` of axis {position} of a tensor of shape {dims.written(x.shape)}")
    return x.moved(tuple(dim for position, dim in enumerate(x.shape) if position not in gone))


def _split(given: Arguments) -> Abstract:
    x, axis, sizes = _x(given), _axis(given), given.get("parts", UNKNOWN)
    if x.shape is None or axis is None:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape))
    whole = x.shape[position]
    number = integer(sizes)
    if number is not None and number > 0:
        if isinstance(whole, int) and whole % number:
            raise ShapeError(f"{number} equal parts of an axis of length {whole}")
        part = whole // number if isinstance(whole, int) else Symbol(f"{whole.text}/{number}", whole.stated)
        return _pieces(x, position, (part,) * number)
    several = lengths(sizes)
    if several is None or -1 in several:
        return UNKNOWN
    if isinstance(whole, int) and all(isinstance(dim, int) for dim in several) and dims.summed(several) != whole:
        raise ShapeError(f"parts of lengths {dims.written(several)} of an axis of length {whole}")
    return _pieces(x, position, several)


def _split_at(given: Arguments) -> Abstract:
    x, axis, places = _x(given), _axis(given), integers(given.get("parts", UNKNOWN))
    if isinstance(given.get("parts"), Plain):
        return _split(given)
    if x.shape is None or axis is None or places is None:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape))
    whole = x.shape[position]
    if not isinstance(whole, int):
        return UNKNOWN
    cuts = zip([0, *places], [*places, whole], strict=True)
    return _pieces(x, position, tuple(len(range(*slice(start, stop).indices(whole))) for start, stop in cuts))


def _pieces(x: Tensor, position: int, sizes: Shape) -> Items:
    assert x.shape is not None
    before, after = x.shape[:position], x.shape[position + 1 :]
    return Items(tuple(x.moved((*before, size, *after)) for size in sizes))


def _unstack(given: Arguments) -> Abstract:
    x, axis = _x(given), _axis(given)
    if x.shape is None or axis is None:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape))
    whole = x.shape[position]
    if not isinstance(whole, int):
        return UNKNOWN
    return Items((x.moved((*x.shape[:position], *x.shape[position + 1 :])),) * whole)


def _transpose(given: Arguments) -> Abstract:
    x = _x(given)
    if x.shape is None:
        return UNKNOWN
    perm = given.get("perm", Plain(None))
    order = list(range(len(x.shape)))[::-1] if perm == Plain(None) else integers(perm)
    if order is None:
        return UNKNOWN
    if sorted(each % len(x.shape) for each in order) != list(range(len(x.shape))) if x.shape else bool(order):
        raise ShapeError(f"axes {tuple(order)} of a tensor of shape {dims.written(x.shape)}")
    return x.moved(tuple(x.shape[each] for each in order))


def _reshape(given: Arguments) -> Abstract:
    x = _x(given)
    target = lengths(given.get("shape", UNKNOWN))
    if target is None:
        return _no_length(given.get("shape", UNKNOWN))
    shape = dims.reshaped(x.shape, target)
    return UNKNOWN if shape is None else Tensor(shape, is_float=x.is_float)


def _no_length(shape: Abstract) -> Abstract:
    if isinstance(shape, Items) and Plain(None) in shape.items:
        raise ShapeError("a shape that holds `None`, as `x.shape` does where Keras does not know a length")
    return UNKNOWN


def _filled(given: Arguments) -> Abstract:
    target = lengths(given.get("shape", UNKNOWN))
    return UNKNOWN if target is None or -1 in target else Tensor(target, is_float=_x(given).is_float)


def _filled_with(given: Arguments) -> Abstract:
    target = lengths(given.get("shape", UNKNOWN))
    return _no_length(given.get("shape", UNKNOWN)) if target is None else Tensor(target)


def _flatten(given: Arguments) -> Abstract:
    x = _x(given)
    return UNKNOWN if x.shape is None else Tensor(dims.reshaped(x.shape, (-1,)), is_float=x.is_float)


def _batch_flatten(given: Arguments) -> Abstract:
    x = _x(given)
    rest = dims.reshaped(x.shape[1:], (-1,)) if x.shape else None
    if not x.shape or rest is None:
        return UNKNOWN
    rows, flat = x.shape[0], rest[0]
    if isinstance(rows, Symbol) and not rows.stated and isinstance(flat, int):
        flat = Symbol("flat", length=flat)
    return Tensor((rows, flat), is_float=x.is_float)


def _one_hot(given: Arguments) -> Abstract:
    x, depth = _x(given), length(given.get("depth", UNKNOWN))
    if "axis" in given or x.shape is None or depth is None:
        return Tensor(None, x.moved(None).effect) if x.shape is None and "axis" not in given else UNKNOWN
    return Tensor((*x.shape, depth))


def _gather(given: Arguments) -> Abstract:
    x, axis, indices = _x(given), _axis(given), shape_of(given.get("indices", UNKNOWN))
    if x.shape is None or axis is None or indices is None or "batch_dims" in given:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape))
    return x.moved((*x.shape[:position], *indices, *x.shape[position + 1 :]))


def _resize(given: Arguments) -> Abstract:
    x = _x(given)
    if "format" in given or x.shape is None or len(x.shape) not in (3, 4):
        return UNKNOWN
    size = given.get("size", UNKNOWN)
    found = lengths(size)
    if found is None or len(found) != 2 or isinstance(size, Tensor) or "preserve_aspect_ratio" in given:
        return UNKNOWN
    return Tensor((*x.shape[:-3], *found, x.shape[-1]), is_float=x.is_float)


def _scale(given: Arguments) -> Abstract:
    x, height, width = _x(given), integer(given.get("height", UNKNOWN)), integer(given.get("width", UNKNOWN))
    last = given.get("format") == Plain("channels_last")
    if x.shape is None or len(x.shape) != 4 or height is None or width is None or not last:
        return UNKNOWN
    batch, rows, columns, channels = x.shape
    return x.moved((batch, dims.scaled(rows, height), dims.scaled(columns, width), channels))


def _matmul(given: Arguments) -> Abstract:
    flags = [given.get(name, Plain(False)) for name in ("transpose_a", "transpose_b")]
    x, y = _x(given), _tensor(given.get("y", UNKNOWN))
    if x.shape is None or y is None or y.shape is None or not all(isinstance(flag, Plain) for flag in flags):
        return UNKNOWN
    turned = [
        (*shape[:-2], shape[-1], shape[-2]) if flag != Plain(False) and len(shape) > 1 else shape
        for shape, flag in zip((x.shape, y.shape), flags, strict=True)
    ]
    if min(map(len, turned)) < 2:
        return UNKNOWN
    return Tensor(dims.multiplied(turned[0], turned[1]), is_float=x.is_float)


def _dot(given: Arguments) -> Abstract:
    x, y = _x(given), _tensor(given.get("y", UNKNOWN))
    if x.shape is None or y is None or y.shape is None or len(x.shape) < 2 or len(y.shape) != 2:
        return UNKNOWN
    return Tensor((*x.shape[:-1], y.shape[-1]), is_float=x.is_float)


def _batch_dot(given: Arguments) -> Abstract:
    x, y = _x(given), _tensor(given.get("y", UNKNOWN))
    axes = integers(given.get("axes", given.get("axis", UNKNOWN)))
    if x.shape is None or y is None or y.shape is None or axes is None or min(len(x.shape), len(y.shape)) < 2:
        return UNKNOWN
    one, other = dims.axis_of(axes[0], len(x.shape)), dims.axis_of(axes[-1], len(y.shape))
    left = tuple(dim for position, dim in enumerate(x.shape) if position != one)
    right = tuple(dim for position, dim in enumerate(y.shape) if position not in (0, other))
    return Tensor((*left, *right, *([] if left[1:] or right else [1])), is_float=x.is_float)


def _tile(given: Arguments) -> Abstract:
    x, multiples = _x(given), lengths(given.get("multiples", UNKNOWN))
    if x.shape is None or multiples is None or len(multiples) != len(x.shape):
        return UNKNOWN
    return x.moved(tuple(dims.scaled(dim, factor) for dim, factor in zip(x.shape, multiples, strict=True)))


def _repeat(given: Arguments) -> Abstract:
    x, axis, repeats = _x(given), _axis(given), length(given.get("repeats", UNKNOWN))
    if not x.shape or axis is None or repeats is None:
        return UNKNOWN
    position = dims.axis_of(axis, len(x.shape))
    return x.moved((*x.shape[:position], dims.scaled(x.shape[position], repeats), *x.shape[position + 1 :]))


def _repeat_rows(given: Arguments) -> Abstract:
    x, number = _x(given), integer(given.get("multiples", given.get("n", UNKNOWN)))
    if x.shape is None or number is None or len(x.shape) != 2:
        return UNKNOWN
    return x.moved((x.shape[0], number, x.shape[1]))


def _pad(given: Arguments) -> Abstract:
    x, paddings = _x(given), elements(given.get("paddings", UNKNOWN))
    sizes = [integers(pair) for pair in paddings or () if isinstance(pair, Items)]
    if x.shape is None or len(sizes) != len(x.shape) or any(pair is None or len(pair) != 2 for pair in sizes):
        return UNKNOWN
    grown = zip(x.shape, sizes, strict=True)
    return x.moved(tuple(dim if not any(pair or ()) else dims.summed([dim, *(pair or ())]) for dim, pair in grown))


def _where(given: Arguments) -> Abstract:
    parts = [_tensor(given.get(name, UNKNOWN)) for name in ("condition", "x", "y")]
    shapes = [part.shape for part in parts if part is not None and part.shape is not None]
    if len(shapes) != 3:
        return UNKNOWN
    return Tensor(dims.broadcast(dims.broadcast(shapes[0], shapes[1]), shapes[2]))


def _dynamic_shape(given: Arguments) -> Abstract:
    x = _x(given)
    return UNKNOWN if x.shape is None else Tensor((len(x.shape),), content=x.shape)


def static_shape(given: Arguments) -> Abstract:
    """Return what `x.shape` is: a tuple that holds None for lengths that Keras does not know."""
    x = _x(given)
    if x.shape is None:
        return UNKNOWN
    return Items(
        tuple(Plain(dim) if isinstance(dim, int) else Length(dim) if dim.stated else Plain(None) for dim in x.shape)
    )


def _ops_shape(given: Arguments) -> Abstract:
    x = _x(given)
    if x.shape is None:
        return UNKNOWN
    return Items(tuple(Plain(dim) if isinstance(dim, int) else Tensor((), content=(dim,)) for dim in x.shape))


RULES: dict[str, Callable[[Arguments], Abstract]] = {
    "batch_dot": _batch_dot,
    "batch_flatten": _batch_flatten,
    "concatenate": _concatenate,
    "dot": _dot,
    "dynamic_shape": _dynamic_shape,
    "expand_dims": _expand_dims,
    "filled": _filled,
    "filled_with": _filled_with,
    "flatten": _flatten,
    "gather": _gather,
    "joined_sum": _joined_sum,
    "matmul": _matmul,
    "norm": lambda given: reduction(given, None),
    "one_hot": _one_hot,
    "ops_shape": _ops_shape,
    "pad": _pad,
    "repeat": _repeat,
    "repeat_rows": _repeat_rows,
    "reshape": _reshape,
    "resize": _resize,
    "scale": _scale,
    "split": _split,
    "split_at": _split_at,
    "squeeze": _squeeze,
    "stack": _stack,
    "static_shape": static_shape,
    "tile": _tile,
    "transpose": _transpose,
    "unstack": _unstack,
    "where": _where,
}
