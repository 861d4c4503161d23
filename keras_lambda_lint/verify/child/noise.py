"""Recorded noise: what random operations draw while a layer or model is called is the same in every process.

The first normal numbers that a call draws are the same ones each time, then the second, and so on; likewise for other kinds of
noise. Means, limits and rates stay with the operations, so that a wrong one shows.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child import noise_host, noise_keras, noise_tensorflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.verify.child.framework import Framework

SIZE = 65_521
"""Recorded numbers of each kind, used in a circle: a prime, so that rows of an array do not repeat."""
_STEP = 7_919
_SEED = 20240229
_GRID = 2048
"""Uniform numbers are multiples of its inverse, so that half precision holds them and none becomes 1."""


class Noise:
    """Where noise comes from in this process, once it is installed."""

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self.tables = _tables()
        self._depth = 0
        self._turns: dict[str, int] = {}
        self._real = False
        self.drawn = 0
        """How often noise was drawn so far."""

    def install(self) -> None:
        """Patch the class of all layers and the functions that draw numbers, for the rest of this process."""
        self._delimit(self._framework.Layer)
        noise_host.install(self)
        if self._framework.backend == "tensorflow":
            noise_tensorflow.install(self)
        else:
            noise_keras.install(self, self._framework.keras, self._framework.backend)

    @contextmanager
    def real(self) -> Iterator[None]:
        """Let numbers be drawn as without this class while the body runs."""
        before, self._real = self._real, True
        try:
            yield
        finally:
            self._real = before

    @property
    def active(self) -> bool:
        """Whether numbers that are drawn now come from the record."""
        return self._depth > 0 and not self._real

    def start(self, kind: str) -> int:
        """Return where in the record of a kind (`normal`, `truncated`, `uniform` or `gumbel`) the next draw starts."""
        turn = self._turns[kind] = self._turns.get(kind, -1) + 1
        self.drawn += 1
        return turn * _STEP % SIZE

    def numbers(self, kind: str, shape: Sequence[int]) -> Any:
        """Return the next numbers of a kind as an array."""
        places = self.start(kind) + np.arange(int(np.prod(shape, dtype=np.int64)))
        return np.take(self.tables[kind], places, mode="wrap").reshape(shape)

    def _delimit(self, layer: Any) -> None:
        """Begin the record anew with each call of a layer or model that no other one makes."""
        original = layer.__call__

        @functools.wraps(original)
        def call(instance: Any, *args: Any, **kwargs: Any) -> Any:
            if self._depth == 0:
                self._turns.clear()
            self._depth += 1
            try:
                return original(instance, *args, **kwargs)
            finally:
                self._depth -= 1

        layer.__call__ = call


def _tables() -> dict[str, Any]:
    generator = np.random.default_rng(_SEED)
    normal = generator.standard_normal(SIZE)
    cut = generator.standard_normal(2 * SIZE)
    uniform = generator.integers(0, _GRID, SIZE) / _GRID
    gumbel = generator.gumbel(size=SIZE)
    tables = {"normal": normal, "truncated": cut[np.abs(cut) < 2][:SIZE], "uniform": uniform, "gumbel": gumbel}
    return {kind: table.astype("float32") for kind, table in tables.items()}
