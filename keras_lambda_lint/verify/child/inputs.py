"""What a model takes, and arrays to feed it: several value ranges, batches of 1 and 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.trace import Tracer

RANGES = ("normal", "wide", "zeros", "tiny", "negative", "not finite")
PADDED = "padded"
"""One more range, for models that make masks."""
SIZES = ((4, 7), (16, 24), (64, 96))
"""Sizes for an unknown dimension, with batch 1 and with batch 3; larger ones where a model refuses the small."""
_BATCHES = (1, 3)
_LARGER, _LARGEST, _LARGER_SIZE = 9, 128, 2048
"""Samples of a larger batch: as many as hold so many numbers, within limits."""
_INTEGERS = 10
_WIDE_INTEGERS = 100_003
"""More than half precision can count to."""
_ODD = (np.nan, np.inf, -np.inf)
"""What samples hold in some places in the range `not finite`, one of them each in turn."""


@dataclass(frozen=True)
class Leaf:
    """One tensor that a model takes."""

    shape: tuple[int | None, ...]
    """With the batch dimension."""
    dtype: str
    limit: int | None
    """Whole numbers below this only; None: any number."""


@dataclass(frozen=True)
class Signature:
    """What a model takes."""

    leaves: tuple[Leaf, ...]
    pack: Callable[[list[Any]], tuple[Any, ...]]
    """Makes the arguments of a call from one tensor per leaf."""
    masks: bool = False
    """Something in it makes a mask of what is padded with zeros."""


@dataclass(frozen=True)
class Case:
    """One set of inputs."""

    values: str
    """The value range."""
    label: str
    arrays: list[Any]


class NoInputsError(Exception):
    """It is not known what a model takes."""


def signature(framework: Framework, tracer: Tracer, model: Any, given: list[dict[str, Any]]) -> Signature:
    """Return what a model takes, from its definition, else from its first call, else as it is given; raise `NoInputsError`."""
    limit = _least_input_dim(framework, model)
    tensors = _declared(framework, model)
    if tensors:
        fed = _feeds_embedding(framework, model, tensors)
        leaves = tuple(
            Leaf(tuple(tensor.shape), _name(tensor.dtype), limit if id(tensor) in fed else None) for tensor in tensors
        )
        structure = getattr(model, "_inputs_struct", None)
        if structure is None:
            structure = getattr(model, "_nested_inputs", None)
        if structure is None:
            structure = tensors[0] if len(tensors) == 1 else list(tensors)
        masks = _makes_masks(framework, model)
        return Signature(leaves, lambda flat: (framework.nest.pack_sequence_as(structure, flat),), masks)
    args = tracer.first_call(model)
    if args is None and given:
        return _as_given(given, limit)
    if args is None:
        raise NoInputsError("its input shape is unknown: it is neither declared nor is the model called")
    leaves = tuple(
        Leaf((None, *tuple(value.shape)[1:]), _name(value.dtype), limit)
        for value in framework.flatten(args)
        if hasattr(value, "dtype")
    )

    def pack(flat: list[Any]) -> tuple[Any, ...]:
        remaining = iter(flat)
        mapped = [next(remaining) if hasattr(value, "dtype") else value for value in framework.flatten(args)]
        return tuple(framework.nest.pack_sequence_as(args, mapped))

    return Signature(leaves, pack, _makes_masks(framework, model))


def _as_given(given: list[dict[str, Any]], limit: int | None) -> Signature:
    leaves = tuple(Leaf(tuple(each["shape"]), each["dtype"], limit) for each in given)

    def pack(flat: list[Any]) -> tuple[Any, ...]:
        if given[0]["name"]:
            return ({each["name"]: value for each, value in zip(given, flat, strict=True)},)
        return (flat[0] if len(flat) == 1 else list(flat),)

    return Signature(leaves, pack)


def cases(what: Signature, seed: int, sizes: tuple[int, int], whole: tuple[int, int] | None = None) -> list[Case]:
    """Return the input cases for a signature; raise `NoInputsError` for a type that cannot be made up.

    Whole numbers are from `whole`, from the first to before the second, where it is given.
    """
    ranges = (*RANGES, PADDED) if what.masks else RANGES
    return [
        Case(
            values,
            f"{values}, batch {batch}",
            [_array(leaf, values, batch, size, (seed, number, index), whole) for index, leaf in enumerate(what.leaves)],
        )
        for number, (values, batch, size) in enumerate(
            (values, batch, size) for values in ranges for batch, size in zip(_BATCHES, sizes, strict=True)
        )
    ]


def fewer(all_cases: list[Case]) -> list[Case]:
    """Return the first range with each batch, and the others with batch 1 only: for models that take long."""
    return [*all_cases[: len(_BATCHES)], *all_cases[len(_BATCHES) :: len(_BATCHES)]]


def _array(leaf: Leaf, values: str, batch: int, size: int, seed: tuple[int, ...], whole: tuple[int, int] | None) -> Any:
    generator = np.random.default_rng(seed)
    first = leaf.shape[:1]
    shape = tuple([dimension or batch for dimension in first] + [dimension or size for dimension in leaf.shape[1:]])
    kind = _kind(leaf.dtype)
    if kind == "bool":
        return generator.integers(0, 2, shape).astype(bool)
    if kind == "integer" or leaf.limit is not None:
        made = _whole(generator, leaf, values, shape) if whole is None else generator.integers(*whole, shape)
        return (_padded(made) if values == PADDED else made).astype(_numpy_name(leaf.dtype))
    if kind != "float":
        raise NoInputsError(f"no inputs can be made up for dtype {leaf.dtype}")
    return _scaled(generator.standard_normal(shape), values).astype(_numpy_name(leaf.dtype))


def _whole(generator: np.random.Generator, leaf: Leaf, values: str, shape: tuple[int, ...]) -> Any:
    if leaf.limit is not None:
        bound = {"zeros": 1, "tiny": 2}.get(values, leaf.limit)
        return generator.integers(0, max(min(bound, leaf.limit), 1), shape)
    bound = {"zeros": 1, "tiny": 2, "wide": _WIDE_INTEGERS}.get(values, _INTEGERS)
    if values == "negative" and not leaf.dtype.startswith("uint"):
        return -generator.integers(1, bound, shape)
    return generator.integers(0, min(bound, np.iinfo(leaf.dtype).max), shape)


def like(arrays: list[Any], values: str, seed: int) -> list[Any] | None:
    """Return arrays of a value range with the shapes and dtypes of others; None where none holds real numbers."""
    generator = np.random.default_rng(seed)
    if not any(array.dtype.kind == "f" for array in arrays):
        return None
    return [
        _scaled(generator.standard_normal(array.shape), values).astype(array.dtype)
        if array.dtype.kind == "f"
        else array
        for array in arrays
    ]


def larger(arrays: list[Any]) -> list[Any]:
    """Return arrays with more samples than others have: those that are there, again and again.

    Real numbers of the copies are changed a little, and in each second sample are whole quarters: what decides at a limit shows.
    """
    generator = np.random.default_rng(len(arrays))
    least = max(min((array[0].size for array in arrays if array.ndim and len(array)), default=1), 1)
    samples = min(max(_LARGER_SIZE // least, _LARGER), _LARGEST)
    times = -(-samples // max((len(array) for array in arrays if array.ndim), default=1))
    made = []
    for array in arrays:
        copies = np.concatenate([array] * times) if array.ndim and len(array) else array
        if array.dtype.kind == "f" and array.ndim:
            factors = 1 + np.arange(len(copies)) / 64
            copies = copies * factors.reshape(-1, *[1] * (array.ndim - 1))
            copies[1::2] = np.round(generator.standard_normal(copies[1::2].shape) * 8) / 4
        made.append(copies.astype(array.dtype))
    return made


def mask_of(array: Any) -> Any:
    """Return a mask of the second dimension that hides something, and keeps something of each sample."""
    return np.arange(array.shape[1]) % 3 < np.ones((len(array), 1)) * 2


def _scaled(normal: Any, values: str) -> Any:
    match values:
        case "wide":
            return normal * 100
        case "zeros":
            return normal * 0
        case "tiny":
            return normal * 1e-6
        case "negative":
            return -np.abs(normal)
        case "not finite":
            return _with_odd_places(normal)
        case "padded":
            return _padded(normal)
        case _:
            return normal


def _padded(array: Any) -> Any:
    """Return sequences of different lengths: zeros from some place of the second dimension on, earlier in later samples."""
    result = np.array(array)
    for index, sample in enumerate(result if result.ndim > 1 else ()):
        sample[max(len(sample) - 1 - index, 1) :] = 0
    return result


def _with_odd_places(normal: Any) -> Any:
    """Return the numbers with a few that are NaN or infinite: of one sort in each sample, so that none hides another."""
    result = np.array(normal)
    for index, sample in enumerate(result.reshape(result.shape[0], -1) if result.ndim and result.size else ()):
        sample[index % min(4, sample.size) :: 4] = _ODD[index % len(_ODD)]
    return result


def _kind(dtype: str) -> str:
    if dtype.startswith(("int", "uint")):
        return "integer"
    if dtype.startswith(("float", "bfloat", "complex")):
        return "float"
    return dtype


def _numpy_name(dtype: str) -> str:
    return "float32" if dtype == "bfloat16" else dtype


def _name(dtype: Any) -> str:
    return str(getattr(dtype, "name", dtype))


def _declared(framework: Framework, model: Any) -> list[Any]:
    """Return the symbolic inputs of a functional model, or of a sequential one that is built or starts with an `Input`."""
    graph = getattr(model, "_functional", None) or model
    if not getattr(graph, "_is_graph_network", True):
        return []
    inputs = getattr(graph, "inputs", None)  # Keras 3 raises AttributeError where a layer in the model failed.
    if inputs or not isinstance(model, framework.Sequential):
        return list(inputs or [])
    first = next(iter(getattr(model, "_layers", ())), None)
    return [first.output] if isinstance(first, framework.keras.layers.InputLayer) else []


def _makes_masks(framework: Framework, model: Any) -> bool:
    masking = framework.keras.layers.Masking
    return any(isinstance(each, masking) or getattr(each, "mask_zero", False) for each in model._flatten_layers())


def _least_input_dim(framework: Framework, model: Any) -> int | None:
    sizes = [layer.input_dim for layer in model._flatten_layers() if isinstance(layer, framework.Embedding)]
    return min(sizes) if sizes else None


def _feeds_embedding(framework: Framework, model: Any, tensors: list[Any]) -> set[int]:
    """Return the ids of inputs that an `Embedding` reads directly, and of all whole-number inputs."""
    fed = {id(tensor) for tensor in tensors if _kind(_name(tensor.dtype)) == "integer"}
    for layer in model._flatten_layers():
        if isinstance(layer, framework.Embedding):
            for node in layer._inbound_nodes:
                read = getattr(node, "input_tensors", None)
                fed.update(id(tensor) for tensor in framework.flatten(read))
    return fed
