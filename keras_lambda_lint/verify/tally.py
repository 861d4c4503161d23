"""Counts how far the outputs of layers are from the original's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from keras_lambda_lint.verify.verdict import BINS, DECADES, LayerErrors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from keras_lambda_lint.verify.evidence import Recorded

_EDGES = np.array([10.0**power for power in DECADES])


@dataclass
class Tally:
    """The errors of one layer, case by case."""

    shape: tuple[int, ...] = ()
    largest: float = 0.0
    magnitude: float = 0.0
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(BINS), np.int64))

    def add(self, name: str, reference: Recorded, other: Recorded) -> None:
        """Count the errors of one recording, where both sides have numbers of one shape; what is not finite is left out."""
        if not other.has(name) or reference.shape(name) != other.shape(name):
            return
        before, after = reference.value(name), other.value(name)
        if before.shape != after.shape or not {before.dtype.kind, after.dtype.kind} <= set("biufc"):
            return
        wide = np.complex128 if "c" in (before.dtype.kind, after.dtype.kind) else np.float64
        finite = np.isfinite(before.astype(wide)) & np.isfinite(after.astype(wide))
        expected, actual = before.astype(wide)[finite], after.astype(wide)[finite]
        if not expected.size:
            return
        error, magnitude = np.abs(actual - expected), float(np.abs(expected).max())
        relative = error / (magnitude or 1.0)
        unequal = relative[error > 0]
        self.counts[0] += expected.size - unequal.size
        self.counts[1:] += np.bincount(np.searchsorted(_EDGES, unequal, side="right"), minlength=len(BINS) - 1)
        self.largest = max(self.largest, float(error.max()))
        self.magnitude = max(self.magnitude, magnitude)
        self.shape = max(self.shape, reference.shape(name))

    def errors(self, layer: str) -> LayerErrors:
        """Return what was counted."""
        return LayerErrors(layer, self.shape, self.largest, self.magnitude, tuple(map(int, self.counts)))
