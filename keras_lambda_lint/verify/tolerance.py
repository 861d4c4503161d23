"""When two arrays count as equal, and by how much they differ when they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Tolerance:
    """Allowed difference: `relative` of the element, plus `absolute` of the array's magnitude."""

    relative: float
    absolute: float


EXACT = Tolerance(0.0, 0.0)
TOLERANCES = {
    "float16": Tolerance(1e-3, 1e-5),
    "bfloat16": Tolerance(1.6e-2, 1e-5),
    "float32": Tolerance(1.3e-6, 1e-5),
    "float64": Tolerance(1e-7, 1e-7),
    "complex64": Tolerance(1.3e-6, 1e-5),
    "complex128": Tolerance(1e-7, 1e-7),
}
ACROSS_DEVICES = {
    "float16": Tolerance(1e-2, 1e-3),
    "bfloat16": Tolerance(3.2e-2, 1e-2),
    "float32": Tolerance(1e-4, 1e-4),
    "float64": Tolerance(1e-7, 1e-7),
    "complex64": Tolerance(1e-4, 1e-4),
    "complex128": Tolerance(1e-7, 1e-7),
}
"""A GPU against the CPU: sums are taken in another order, and functions such as `exp` are other approximations."""
_SMALLEST_SCALE = 1e-9
"""Magnitude assumed for an array of zeros, so that rounding noise against zero passes."""


@dataclass(frozen=True)
class Difference:
    """How two arrays differ."""

    reason: str
    """Such as `shape (3, 4) became (3, 5)` or `error 2`."""

    def __str__(self) -> str:
        return self.reason


def difference(
    reference: NDArray[np.generic],
    other: NDArray[np.generic],
    dtype: str,
    other_dtype: str,
    noise: float = 0.0,
    tolerances: Mapping[str, Tolerance] = TOLERANCES,
) -> Difference | None:
    """Return how `other` differs from `reference` beyond the tolerance of `dtype`, or None.

    NaN equals NaN in the same place, infinities equal those of the same sign. `noise` is how far the reference
    differs from itself between two runs.
    """
    if reference.shape != other.shape:
        return Difference(f"shape {_shape(reference)} became {_shape(other)}")
    if dtype != other_dtype:
        return Difference(f"dtype {dtype} became {other_dtype}")
    tolerance = tolerances.get(dtype)
    if tolerance is None:
        unequal = reference != other
        count = int(np.count_nonzero(unequal))
        return Difference(f"{count} of {reference.size} values differ") if count else None
    wide = np.complex128 if dtype.startswith("complex") else np.float64
    expected, actual = reference.astype(wide), other.astype(wide)
    finite = np.isfinite(expected)
    if _odd_places_differ(expected, actual, finite):
        return Difference("NaN or infinity in other places")
    if not finite.any():
        return None
    expected, actual = expected[finite], actual[finite]
    error = np.abs(actual - expected)
    magnitude = max(float(np.abs(expected).max()), _SMALLEST_SCALE)
    allowed = tolerance.relative * np.abs(expected) + tolerance.absolute * magnitude + 4 * noise
    if (error <= allowed).all():
        return None
    worst = float(error.max())
    return Difference(f"error {worst:.3g}, would pass with tolerance {worst / magnitude:.3g}")


def largest_error(reference: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Return the largest absolute difference at places where both are finite; 0 where shapes differ."""
    if reference.shape != other.shape or reference.dtype.kind not in "fc":
        return 0.0
    both = np.isfinite(reference) & np.isfinite(other)
    return float(np.abs(other[both].astype(np.float64) - reference[both]).max()) if both.any() else 0.0


def _odd_places_differ(expected: NDArray[np.generic], actual: NDArray[np.generic], finite: NDArray[np.bool_]) -> bool:
    if (np.isfinite(actual) != finite).any():
        return True
    odd, other = expected[~finite], actual[~finite]
    return bool(((odd != other) & ~(np.isnan(odd) & np.isnan(other))).any())


def _shape(array: NDArray[np.generic]) -> str:
    return str(tuple(array.shape))
