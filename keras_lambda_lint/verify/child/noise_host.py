"""Recorded noise for the functions of `numpy.random` and `random` that have no generator of their own."""

from __future__ import annotations

import functools
import random
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.noise import Noise

_FRAMEWORKS = ("keras.", "tf_keras.", "tensorflow.", "jax.", "torch.")


def install(noise: Noise) -> None:
    """Patch both modules."""
    arrays, numbers = _Arrays(noise), _Numbers(noise)
    for module, source, names in (
        (
            np.random,
            arrays,
            "normal standard_normal randn uniform rand random random_sample ranf sample randint permutation",
        ),
        (random, numbers, "random uniform gauss normalvariate randint"),
    ):
        for name in names.split():
            _replace(module, name, noise, getattr(source, name))


def _replace(module: Any, name: str, noise: Noise, drawn: Callable[..., Any]) -> None:
    original = getattr(module, name)

    @functools.wraps(original)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__", "")) + "."
        # Keras and TensorFlow themselves make seeds with these functions.
        if not noise.active or caller.startswith(_FRAMEWORKS):
            return original(*args, **kwargs)
        return drawn(*args, **kwargs)

    setattr(module, name, recorded)


class _Arrays:
    """The functions of `numpy.random`, with its parameters."""

    def __init__(self, noise: Noise) -> None:
        self._noise = noise

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        return loc + scale * self._drawn("normal", size, loc, scale)

    def standard_normal(self, size: Any = None) -> Any:
        return self._drawn("normal", size)

    def randn(self, *sizes: int) -> Any:
        return self._drawn("normal", sizes or None)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        return low + (np.asarray(high) - low) * self._drawn("uniform", size, low, high)

    def rand(self, *sizes: int) -> Any:
        return self._drawn("uniform", sizes or None)

    def random(self, size: Any = None) -> Any:
        return self._drawn("uniform", size)

    random_sample = ranf = sample = random

    def randint(self, low: Any, high: Any = None, size: Any = None, dtype: Any = int) -> Any:
        low, high = (0, low) if high is None else (low, high)
        drawn = np.floor(low + (np.asarray(high) - low) * self._drawn("uniform", size, low, high)).astype(dtype)
        return drawn if drawn.ndim else drawn.item()

    def permutation(self, x: Any) -> Any:
        values = np.arange(x) if isinstance(x, int | np.integer) else np.asarray(x)
        return values[np.argsort(self._drawn("uniform", len(values)), kind="stable")]

    def _drawn(self, kind: str, size: Any, *parameters: Any) -> Any:
        if size is None:
            size = np.broadcast_shapes(*(np.shape(each) for each in parameters))
            if not size:
                return float(self._noise.numbers(kind, ()))
        elif np.ndim(size) == 0:
            size = (int(size),)
        return self._noise.numbers(kind, [int(each) for each in size]).astype("float64")


class _Numbers:
    """The functions of `random`, with its parameters."""

    def __init__(self, noise: Noise) -> None:
        self._noise = noise

    def random(self) -> float:
        return float(self._noise.numbers("uniform", ()))

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.random()

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return mu + sigma * float(self._noise.numbers("normal", ()))

    normalvariate = gauss

    def randint(self, a: int, b: int) -> int:
        return a + int(self.random() * (b - a + 1))
