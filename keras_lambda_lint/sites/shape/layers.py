"""The output shapes of Keras' own layers, channels last, as `keras` 3.15.1 and `tf_keras` 2.21 compute them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.layer_shapes import LAYER_SHAPES
from keras_lambda_lint.sites.shape import dims
from keras_lambda_lint.sites.shape.dims import Dim, Shape, ShapeError, Symbol
from keras_lambda_lint.sites.shape.tensors import (
    UNKNOWN,
    Abstract,
    Items,
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


class LayerCall:
    """A layer's constructor arguments by name, as values."""

    def __init__(self, name: str, arguments: list[Abstract], keywords: dict[str, Abstract]) -> None:
        rule, *parameters = LAYER_SHAPES[name].split()
        self.rule = rule
        self.given = {**dict(zip(parameters, arguments, strict=False)), **keywords}

    def value(self, *names: str, default: object = None) -> Abstract:
        """Return the argument that has one of several names."""
        return next((self.given[name] for name in names if name in self.given), Plain(default))

    def several(self, count: int, *names: str, default: object = None) -> list[int] | None:
        """Return an argument that is one number for all axes, or one for each."""
        found = integers(self.value(*names, default=default))
        return found * count if found is not None and len(found) == 1 else found

    def flag(self, name: str) -> bool | None:
        """Return a boolean argument that is False by default; None where it is not known."""
        value = self.value(name, default=False)
        return bool(value.value) if isinstance(value, Plain) else None


def output(layer: LayerCall, given: Abstract) -> Abstract:
    """Return what a layer makes of its input; unknown where this file does not tell, or the shapes do not fit."""
    if layer.value("data_format") not in (Plain(None), Plain("channels_last")):
        return UNKNOWN
    try:
        shape = RULES[layer.rule](layer, given)
    except ShapeError:
        return UNKNOWN
    return UNKNOWN if shape is None else Tensor(shape)


def _same(_: LayerCall, given: Abstract) -> Shape | None:
    return shape_of(given) if isinstance(given, Tensor) else None


def _rank(given: Abstract, rank: int) -> Shape | None:
    shape = shape_of(given) if isinstance(given, Tensor) else None
    return shape if shape is not None and len(shape) == rank else None


def _dense(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, units = _same(layer, given), length(layer.value("units", "output_dim"))
    return None if shape is None or units is None or len(shape) < 2 else (*shape[:-1], units)


def _embedding(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, width = _same(layer, given), length(layer.value("output_dim"))
    return None if shape is None or width is None else (*shape, width)


def _flatten(layer: LayerCall, given: Abstract) -> Shape | None:
    shape = _same(layer, given)
    if not shape:
        return None
    rest = dims.reshaped(shape[1:], (-1,)) if len(shape) > 1 else (1,)
    return None if rest is None else (shape[0], *rest)


def _reshape(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, target = _same(layer, given), lengths(layer.value("target_shape"))
    if not shape or target is None:
        return None
    rest = dims.reshaped(shape[1:], target)
    return None if rest is None else (shape[0], *rest)


def _permute(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, order = _same(layer, given), integers(layer.value("dims"))
    if shape is None or order is None or sorted(order) != list(range(1, len(shape))):
        return None
    return (shape[0], *(shape[axis] for axis in order))


def _repeat_vector(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, number = _rank(given, 2), length(layer.value("n"))
    return None if shape is None or number is None else (shape[0], number, shape[1])


def _window(dim: Dim, size: int, stride: int, padding: str, dilation: int = 1) -> Dim:
    """Return how many windows fit on an axis."""
    reach = (size - 1) * dilation + 1
    if isinstance(dim, Symbol):
        return (
            dim
            if stride == 1 and padding != "valid"
            else Symbol(f"window({dim.text}, {reach}, {stride}, {padding})", dim.stated)
        )
    if padding == "valid":
        if dim < reach:
            raise ShapeError(f"a window of {reach} on an axis of length {dim}")
        return (dim - reach) // stride + 1
    return -(-dim // stride)


def _windows(layer: LayerCall, shape: Shape, sizes: list[int] | None, strides: list[int] | None) -> Shape | None:
    padding = layer.value("padding", "border_mode", default="valid")
    count = len(shape) - 2
    dilations = layer.several(count, "dilation_rate", default=1)
    if not isinstance(padding, Plain) or sizes is None or strides is None or dilations is None:
        return None
    if padding.value not in ("valid", "same", "causal") or not len(sizes) == len(strides) == len(dilations) == count:
        return None
    if min(*sizes, *strides, *dilations) < 1:
        return None
    each = zip(shape[1:-1], sizes, strides, dilations, strict=True)
    return tuple(_window(dim, size, stride, str(padding.value), dilation) for dim, size, stride, dilation in each)


def _conv(rank: int) -> Callable[[LayerCall, Abstract], Shape | None]:
    def convolution(layer: LayerCall, given: Abstract) -> Shape | None:
        shape, filters = _rank(given, rank + 2), length(layer.value("filters"))
        if shape is None or filters is None or "subsample" in layer.given or "nb_row" in layer.given:
            return None
        sizes, strides = layer.several(rank, "kernel_size"), layer.several(rank, "strides", default=1)
        inner = _windows(layer, shape, sizes, strides)
        return None if inner is None else (shape[0], *inner, filters)

    return convolution


def _pool(rank: int) -> Callable[[LayerCall, Abstract], Shape | None]:
    def pooling(layer: LayerCall, given: Abstract) -> Shape | None:
        shape = _rank(given, rank + 2)
        sizes = layer.several(rank, "pool_size", default=2)
        stated = layer.value("strides") != Plain(None)
        strides = layer.several(rank, "strides") if stated else sizes
        inner = None if shape is None else _windows(layer, shape, sizes, strides)
        return None if inner is None or shape is None else (shape[0], *inner, shape[-1])

    return pooling


def _global_pool(rank: int) -> Callable[[LayerCall, Abstract], Shape | None]:
    def pooling(layer: LayerCall, given: Abstract) -> Shape | None:
        shape, kept = _rank(given, rank + 2), layer.flag("keepdims")
        if shape is None or kept is None:
            return None
        return (shape[0], *([1] * rank if kept else []), shape[-1])

    return pooling


def _up(rank: int) -> Callable[[LayerCall, Abstract], Shape | None]:
    def sampling(layer: LayerCall, given: Abstract) -> Shape | None:
        shape, factors = _rank(given, rank + 2), layer.several(rank, "size", default=2)
        if shape is None or factors is None or len(factors) != rank:
            return None
        grown = zip(shape[1:-1], factors, strict=True)
        return (shape[0], *(dims.scaled(dim, factor) for dim, factor in grown), shape[-1])

    return sampling


def _edges(layer: LayerCall, name: str, rank: int, default: int) -> list[tuple[int, int]] | None:
    """Return by how much each axis grows or shrinks at its two ends."""
    value = layer.value(name, default=default)
    number = integer(value)
    if number is not None:
        return [(number, number)] * rank
    parts = elements(value)
    if parts is None:
        return None
    found = [integers(part) for part in parts]
    if rank == 1 and len(parts) == 2 and all(pair is not None and len(pair) == 1 for pair in found):
        return [(integer(parts[0]) or 0, integer(parts[1]) or 0)]
    if len(parts) != rank or None in found:
        return None
    return [(pair[0], pair[-1]) for pair in found if pair]


def _edged(name: str, rank: int, sign: int) -> Callable[[LayerCall, Abstract], Shape | None]:
    def edges(layer: LayerCall, given: Abstract) -> Shape | None:
        shape, both = _rank(given, rank + 2), _edges(layer, name, rank, 0 if sign < 0 else 1)
        if shape is None or both is None or (sign < 0 and name not in layer.given):
            return None
        changed = zip(shape[1:-1], both, strict=True)
        return (shape[0], *(dims.summed([dim, sign * sum(pair)]) for dim, pair in changed), shape[-1])

    return edges


def _recurrent(layer: LayerCall, given: Abstract) -> Shape | None:
    shape, units, whole = _rank(given, 3), length(layer.value("units", "output_dim")), layer.flag("return_sequences")
    if shape is None or units is None or whole is None or layer.flag("return_state") is not False:
        return None
    return (shape[0], shape[1], units) if whole else (shape[0], units)


def _shapes(given: Abstract) -> list[Shape] | None:
    found = [shape_of(item) for item in given.items] if isinstance(given, Items) else []
    return None if None in found or not found else [shape for shape in found if shape is not None]


def _concatenate(layer: LayerCall, given: Abstract) -> Shape | None:
    shapes, axis = _shapes(given), integer(layer.value("axis", default=-1))
    if shapes is None or axis is None:
        return None
    joined = dims.concatenated(shapes, axis)
    along = dims.axis_of(axis, len(joined))
    return tuple(dim if place == along else _met(dim, shapes, place) for place, dim in enumerate(joined))


def _merge(_: LayerCall, given: Abstract) -> Shape | None:
    shapes = _shapes(given)
    if shapes is None or len({len(shape) for shape in shapes}) != 1:
        return None
    merged = shapes[0]
    for shape in shapes[1:]:
        merged = dims.broadcast(merged, shape)
    return (shapes[0][0], *(_met(dim, shapes, place) for place, dim in enumerate(merged) if place))


def _met(dim: Dim, shapes: list[Shape], place: int) -> Dim:
    """Return the length of an axis of several tensors, no number where one does not tell it: Keras 3 has None there, Keras 2 the number."""
    column = {shape[place] for shape in shapes}
    symbols = [each for each in column if isinstance(each, Symbol)]
    texts = sorted(each.text for each in symbols)
    return Symbol(f"{dim}|{'|'.join(texts)}", stated=True) if symbols and isinstance(dim, int) else dim


RULES: dict[str, Callable[[LayerCall, Abstract], Shape | None]] = {
    "concatenate": _concatenate,
    "conv1": _conv(1),
    "conv2": _conv(2),
    "conv3": _conv(3),
    "crop1": _edged("cropping", 1, -1),
    "crop2": _edged("cropping", 2, -1),
    "dense": _dense,
    "embedding": _embedding,
    "flatten": _flatten,
    "global_pool1": _global_pool(1),
    "global_pool2": _global_pool(2),
    "global_pool3": _global_pool(3),
    "merge": _merge,
    "pad1": _edged("padding", 1, 1),
    "pad2": _edged("padding", 2, 1),
    "permute": _permute,
    "pool1": _pool(1),
    "pool2": _pool(2),
    "pool3": _pool(3),
    "recurrent": _recurrent,
    "repeat_vector": _repeat_vector,
    "reshape": _reshape,
    "same": _same,
    "up1": _up(1),
    "up2": _up(2),
}
