"""What the processes left behind: results and recorded arrays, read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.record import read
from keras_lambda_lint.verify.child.spread import RUNS
from keras_lambda_lint.verify.tolerance import TOLERANCES, Difference, Tolerance, difference, largest_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_TOLD_APART = 2
"""One number may be drawn or fixed."""
_FEWEST = 16
"""Drawn numbers of which means are compared."""
_SIGMAS = 5.0
"""Standard errors that are taken for chance: of thousands of elements none goes beyond."""


@dataclass
class Evidence:
    """The results of the four roles; `{"failure": reason}` for one that has none."""

    original: dict[str, Any] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)
    original_again: dict[str, Any] = field(default_factory=dict)
    fixed_again: dict[str, Any] = field(default_factory=dict)


class Recorded:
    """Named arrays that a child recorded, in order."""

    def __init__(self, entry: dict[str, Any] | None) -> None:
        self._entry = entry or {"names": [], "dtypes": [], "shapes": []}
        self._dtypes: dict[str, str] = dict(zip(self._entry["names"], self._entry["dtypes"], strict=True))
        self._shapes = dict(zip(self._entry["names"], self._entry["shapes"], strict=True))

    @cached_property
    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        return read(self._entry) if self._entry["names"] else {}

    def names(self, *prefixes: str) -> list[str]:
        """Return the names that start with one of the prefixes."""
        return [name for name in self._entry["names"] if name.startswith(prefixes)]

    def has(self, name: str) -> bool:
        """Return whether something was recorded under a name."""
        return name in self._dtypes

    def is_none(self, name: str) -> bool:
        """Return whether what was recorded does not exist, such as a gradient that is cut."""
        return self._dtypes[name] == "none"

    def value(self, name: str) -> NDArray[np.generic]:
        """Return an array."""
        return self._arrays[name]

    def dtype(self, name: str) -> str:
        """Return the dtype as the framework names it."""
        return self._dtypes[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape, before anything was left out of a large array."""
        return tuple(self._shapes[name])

    def noise(self, name: str, again: Recorded) -> float:
        """Return by how much a second recording of the same differs."""
        if not (self.has(name) and again.has(name)):
            return 0.0
        return largest_error(self.value(name), again.value(name))


def differ(
    reference: Recorded,
    other: Recorded,
    name: str,
    noise: float = 0.0,
    tolerances: Mapping[str, Tolerance] = TOLERANCES,
) -> Difference | None:
    """Return how two recordings of one name differ, or None; a cut gradient equals one of zeros."""
    if not other.has(name):
        return Difference("is missing")
    nones = reference.is_none(name), other.is_none(name)
    if any(nones):
        present = other if nones[0] else reference
        zero = all(nones) or not np.any(present.value(name))
        if zero and "grad/" in name:
            return None
        return None if all(nones) else Difference("does not exist" if nones[1] else "exists only in the fixed model")
    if reference.shape(name) != other.shape(name):
        return Difference(f"shape {reference.shape(name)} became {other.shape(name)}")
    dtypes = reference.dtype(name), other.dtype(name)
    return difference(reference.value(name), other.value(name), *dtypes, noise, tolerances)


def spreads_differ(reference: Recorded, other: Recorded, stem: str) -> bool:
    """Return whether means and deviations of many draws differ by more than chance explains."""
    (mean, deviation), (mean_2, deviation_2) = (
        (each.value(f"{stem}mean").astype("float64"), each.value(f"{stem}deviation").astype("float64"))
        for each in (reference, other)
    )
    if mean.shape != mean_2.shape:
        return True
    sure = _SIGMAS / RUNS**0.5
    spread = np.hypot(deviation, deviation_2)
    slack = 1e-5 * np.abs(mean)
    return bool(
        (np.abs(mean - mean_2) > sure * spread + slack).any()
        or (np.abs(deviation - deviation_2) > sure * spread + slack).any()
    )


def starts_differ(reference: Recorded, other: Recorded, name: str) -> bool:
    """Return whether the first values of a weight, of which `(count, mean, deviation)` is recorded, are others.

    Those that are drawn are drawn anew in each process: only their mean and deviation must be what chance explains.
    """
    if not (reference.has(name) and other.has(name)):
        return False
    (count, mean, deviation), (_, mean_2, deviation_2) = (
        each.value(name).astype("float64") for each in (reference, other)
    )
    if count < _TOLD_APART:
        return False
    slack = 1e-6 * (abs(mean) + deviation)
    spread = _SIGMAS * np.hypot(deviation, deviation_2) / max(count, 1.0) ** 0.5 if count >= _FEWEST else np.inf
    if not deviation or not deviation_2:
        return bool(abs(mean - mean_2) > slack or abs(deviation - deviation_2) > slack)
    return bool(abs(mean - mean_2) > spread + slack or abs(deviation - deviation_2) > spread + slack)
