"""Recorded noise for `keras.random` on JAX and PyTorch, where shapes are known whenever something is drawn."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.noise import Noise


def install(noise: Noise, keras: Any, backend: str) -> None:
    """Patch the functions of a backend of Keras 3 that draw numbers; `gamma` and the like stay as they are."""
    # No public name: the functions of `keras.random` look these up when they are called.
    module = importlib.import_module(f"keras.src.backend.{backend}.random")
    source = _Source(noise, keras)
    for name in ("normal", "uniform", "truncated_normal", "randint", "categorical", "dropout", "shuffle"):
        _replace(module, name, noise, getattr(source, name))


def _replace(module: Any, name: str, noise: Noise, drawn: Callable[..., Any]) -> None:
    original = getattr(module, name)

    @functools.wraps(original)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        if not noise.active:
            return original(*args, **kwargs)
        return drawn(*args, **{name: value for name, value in kwargs.items() if name != "seed"})

    setattr(module, name, recorded)


class _Source:
    """The functions of `keras.random`, with their parameters but for the seed."""

    def __init__(self, noise: Noise, keras: Any) -> None:
        self._noise = noise
        self._keras = keras
        self._ops = keras.ops

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, *_seed: Any) -> Any:
        return self._numbers("normal", shape, dtype) * stddev + mean

    def truncated_normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, *_seed: Any) -> Any:
        return self._numbers("truncated", shape, dtype) * stddev + mean

    def uniform(self, shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, *_seed: Any) -> Any:
        return self._numbers("uniform", shape, dtype) * (maxval - minval) + minval

    def randint(self, shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", *_seed: Any) -> Any:
        drawn = self._numbers("uniform", shape, "float32") * (maxval - minval)
        return self._ops.cast(self._ops.floor(drawn), dtype) + minval

    def categorical(self, logits: Any, num_samples: int, dtype: Any = "int64", *_seed: Any) -> Any:
        rows, classes = logits.shape
        noise = self._numbers("gumbel", (rows, num_samples, classes), logits.dtype)
        return self._ops.cast(self._ops.argmax(logits[:, None, :] + noise, axis=-1), dtype)

    def dropout(self, inputs: Any, rate: float, noise_shape: Any = None, *_seed: Any) -> Any:
        if rate in (0.0, 1.0):
            return inputs if rate == 0.0 else self._ops.zeros_like(inputs)
        shape = [
            size if wanted is None else wanted
            for size, wanted in zip(inputs.shape, noise_shape or inputs.shape, strict=True)
        ]
        keeps = self._numbers("uniform", shape, "float32") >= rate
        return self._ops.where(keeps, inputs / (1 - rate), self._ops.zeros_like(inputs))

    def shuffle(self, x: Any, axis: int = 0, *_seed: Any) -> Any:
        order = np.argsort(self._noise.numbers("uniform", (x.shape[axis],)), kind="stable")
        return self._ops.take(x, order, axis=axis)

    def _numbers(self, kind: str, shape: Any, dtype: Any) -> Any:
        dtype = dtype or self._keras.config.floatx()
        if not all(isinstance(size, int | np.integer) for size in shape):
            # JAX infers a shape with symbolic sizes: no number is asked for.
            return self._ops.zeros(shape, dtype)
        return self._ops.convert_to_tensor(self._noise.numbers(kind, shape), dtype=dtype)
