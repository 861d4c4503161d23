"""Which models are run on less, or after their layers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGE_INPUTS = 200_000
_LARGE_MODEL = 10_000_000
_SLOW = 4.0
"""Seconds of computing for the first two calls."""
_HEAVY_MODEL = 300_000
_HEAVY_LAYERS = 60


def is_large(model: Any, arrays: list[NDArray[Any]], seconds: float) -> bool:
    """Return whether a model is run on fewer inputs, from what it takes and how long its first two calls computed."""
    size = sum(array.size for array in arrays)
    return bool(model.count_params() > _LARGE_MODEL) or size > _LARGE_INPUTS or seconds > _SLOW


def is_heavy(model: Any) -> bool:
    """Return whether a model may not be done in time, or end the process: its layers of sites are measured alone before it."""
    layers = model._flatten_layers(recursive=True, include_self=False) if getattr(model, "built", False) else ()
    return bool(layers) and (model.count_params() > _HEAVY_MODEL or sum(1 for _ in layers) > _HEAVY_LAYERS)
