"""Recorded noise for TensorFlow, below everything that draws: `tf.random`, `tf.nn.dropout`, both backends of Keras.

The operations that make standard numbers are replaced; what scales and shifts them stays.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.noise import Noise

_OPS = "tensorflow.python.ops."
_KERAS = ("keras.", "tf_keras.")


def install(noise: Noise) -> None:
    """Patch the generated operations of TensorFlow."""
    import tensorflow as tf

    source = _Source(noise, tf)
    patched: dict[str, dict[str, Callable[..., Any]]] = {
        "gen_random_ops": {
            "random_standard_normal": source.normal,
            "random_uniform": source.uniform,
            "random_uniform_int": source.whole,
            "truncated_normal": source.truncated,
            "multinomial": source.categorical,
            "random_shuffle": source.shuffled,
        },
        "gen_stateless_random_ops": {
            "stateless_multinomial": source.categorical,
            "stateless_random_binomial": source.binomial,
        },
        "gen_stateless_random_ops_v2": {
            "stateless_random_normal_v2": source.normal,
            "stateless_random_uniform_v2": source.uniform,
            "stateless_random_uniform_int_v2": source.whole,
            "stateless_truncated_normal_v2": source.truncated,
            "stateless_shuffle": source.shuffled,
        },
    }
    for module, operations in patched.items():
        for name, drawn in operations.items():
            _replace(importlib.import_module(_OPS + module), name, noise, drawn)


def _replace(module: Any, name: str, noise: Noise, drawn: Callable[..., Any]) -> None:
    original = getattr(module, name)
    signature = inspect.signature(original)
    chosen_seed = name.startswith("stateless")

    @functools.wraps(original)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        if noise.active and not (chosen_seed and _asked_by_user(sys._getframe(1))):
            arguments = signature.bind(*args, **kwargs)
            arguments.apply_defaults()
            made = drawn(**arguments.arguments)
            if made is not NotImplemented:
                return made
        return original(*args, **kwargs)

    setattr(module, name, recorded)


def _asked_by_user(frame: Any) -> bool:
    """Whether somebody's code called a stateless function: its seed is an argument like any other."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "") + "."
        if not module.startswith("tensorflow."):
            return not module.startswith(_KERAS)
        frame = frame.f_back
    return False


class _Source:
    """The standard numbers as tensors; each function takes the arguments of the operation that it stands for."""

    def __init__(self, noise: Noise, tf: Any) -> None:
        self._noise = noise
        self._tf = tf

    def normal(self, shape: Any, dtype: Any, **_rest: Any) -> Any:
        return self._numbers("normal", shape, dtype)

    def truncated(self, shape: Any, dtype: Any, **_rest: Any) -> Any:
        return self._numbers("truncated", shape, dtype)

    def uniform(self, shape: Any, dtype: Any, **_rest: Any) -> Any:
        return self._numbers("uniform", shape, dtype)

    def whole(self, shape: Any, minval: Any, maxval: Any, **_rest: Any) -> Any:
        tf = self._tf
        low, high = tf.convert_to_tensor(minval), tf.convert_to_tensor(maxval)
        span = tf.cast(high - low, "float64")
        return low + tf.cast(tf.floor(self._numbers("uniform", shape, tf.float64) * span), low.dtype)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any, **_rest: Any) -> Any:
        tf = self._tf
        count = tf.get_static_value(tf.convert_to_tensor(counts))
        if count is None or (count != 1).any():
            return NotImplemented
        uniform = self._numbers("uniform", shape, tf.float64)
        return tf.cast(uniform <= tf.cast(probs, "float64"), dtype)

    def categorical(self, logits: Any, num_samples: Any, output_dtype: Any, **_rest: Any) -> Any:
        tf = self._tf
        logits = tf.convert_to_tensor(logits)
        sizes = tf.shape(logits)
        noise = self._numbers("gumbel", tf.stack([sizes[0], num_samples, sizes[1]]), logits.dtype)
        return tf.argmax(logits[:, None, :] + noise, axis=-1, output_type=output_dtype)

    def shuffled(self, value: Any, **_rest: Any) -> Any:
        tf = self._tf
        order = tf.argsort(self._numbers("uniform", tf.shape(value)[:1], tf.float32), stable=True)
        return tf.gather(value, order)

    def _numbers(self, kind: str, shape: Any, dtype: Any) -> Any:
        """Return recorded numbers in a shape that may be known only when the graph runs."""
        tf, tables = self._tf, self._noise.tables
        shape = tf.convert_to_tensor(shape, dtype_hint=tf.int32)
        static = tf.get_static_value(shape)
        if static is not None:
            return tf.constant(self._noise.numbers(kind, [int(size) for size in static]), dtype)
        places = (self._noise.start(kind) + tf.range(tf.reduce_prod(shape))) % len(tables[kind])
        return tf.cast(tf.reshape(tf.gather(tf.constant(tables[kind]), places), shape), dtype)
