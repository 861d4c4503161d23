"""Which models are run on less, after their layers alone, or not at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGE_INPUTS = 200_000
_LARGE_MODEL = 10_000_000
_SLOW = 4.0
"""Seconds of computing for the first two calls."""
_HEAVY_MODEL = 300_000
_HEAVY_LAYERS = 60
_HEAVY_OUTPUTS = 3_000_000
_UNKNOWN_SIZE = 16
_BYTES = 4 * 3 * 3
"""For each number that a layer returns: as a float of a batch of three, with its gradient and what an operation works on."""


def layers_of(model: Any) -> list[Any]:
    """Return the layers of a model, and those in them."""
    return list(model._flatten_layers(recursive=True, include_self=False))


def is_large(model: Any, arrays: list[NDArray[Any]], seconds: float) -> bool:
    """Return whether a model is run on fewer inputs, from what it takes and how long its first two calls computed."""
    size = sum(array.size for array in arrays)
    return bool(model.count_params() > _LARGE_MODEL) or size > _LARGE_INPUTS or seconds > _SLOW


def is_heavy(model: Any) -> bool:
    """Return whether a model may not be done in time, or end the process: its layers of sites are measured alone before it."""
    if not getattr(model, "built", False):
        return False
    try:
        layers = layers_of(model)
        return len(layers) > _HEAVY_LAYERS or model.count_params() > _HEAVY_MODEL or _outputs(layers) > _HEAVY_OUTPUTS
    except Exception:  # noqa: BLE001 - a model of somebody's class may raise anything; measuring it will say what
        return False


def memory_of(model: Any) -> int:
    """Return about how many bytes it takes to run a model with gradients; 0 where that is not known."""
    return _outputs(layers_of(model)) * _BYTES if getattr(model, "built", False) else 0


def _outputs(layers: list[Any]) -> int:
    """Return how many numbers layers return for one sample, as far as they know their outputs."""
    return sum(math.prod(_sizes(layer)) for layer in layers)


def _sizes(layer: Any) -> list[int]:
    shape = getattr(getattr(layer, "output", None), "shape", None)
    try:
        return [size or _UNKNOWN_SIZE for size in list(shape or ())[1:]] or [0]
    except ValueError:  # A shape of TensorFlow whose rank is unknown.
        return [0]
