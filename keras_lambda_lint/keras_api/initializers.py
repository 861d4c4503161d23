"""Calls that make the first value of a variable, and the initializers that make the same.

Measured on keras 3.15.1, tf_keras 2.21.0 and tensorflow 2.21.0: filled values are equal, random ones have the same distribution and other
numbers.
"""

from __future__ import annotations

from typing import NamedTuple

from keras_lambda_lint.keras_api.names import below_keras


class Filling(NamedTuple):
    """A call that makes a tensor or an array, and the initializer that fills a weight alike."""

    parameters: tuple[str, ...]
    initializer: str
    """The name of a string initializer, or of a class below `keras.initializers`."""
    settings: tuple[tuple[str, str], ...] = ()
    """The parameters of the class, which the call takes under the same names, and their values in the call where it does not give them."""
    drawn: bool = False


_NORMAL = (("mean", "0.0"), ("stddev", "1.0"))
_UNIFORM = (("minval", "0.0"), ("maxval", "1.0"))
_DRAWN = {
    "normal": Filling(("shape", "mean", "stddev", "dtype", "seed"), "RandomNormal", _NORMAL, drawn=True),
    "truncated_normal": Filling(("shape", "mean", "stddev", "dtype", "seed"), "TruncatedNormal", _NORMAL, drawn=True),
    "uniform": Filling(("shape", "minval", "maxval", "dtype", "seed"), "RandomUniform", _UNIFORM, drawn=True),
}
FILLINGS = {
    **{
        f"{module}.{name}": Filling(("shape", "dtype"), name)
        for module in ("tensorflow", "numpy", "keras.ops")
        for name in ("zeros", "ones")
    },
    "tensorflow.fill": Filling(("shape", "value"), "Constant", (("value", ""),)),
    **{f"tensorflow.random.{name}": row for name, row in _DRAWN.items()},
    **{f"keras.random.{name}": row for name, row in _DRAWN.items()},
    "tensorflow.random_normal": _DRAWN["normal"],
    "tensorflow.random_uniform": _DRAWN["uniform"],
    "tensorflow.truncated_normal": _DRAWN["truncated_normal"],
}
"""By qualified name; the last three are those of TensorFlow 1."""

DEFAULT_DTYPES = {"numpy": '"float64"'}
"""The dtype of what a package fills where the call does not say it; others: float32."""


def makes_initializer(qualified: str) -> bool:
    """Return whether calling this name gives an initializer, which `add_weight` takes whether it is Keras' or TensorFlow's."""
    rest = below_keras(qualified) or ""
    last = qualified.rpartition(".")[2]
    of_tensorflow = qualified.startswith("tensorflow.") and (
        last.endswith("_initializer") or qualified.startswith("tensorflow.initializers.")
    )
    return of_tensorflow or rest.startswith("initializers.")


VARIABLE_MEMBERS = frozenset({"assign", "assign_add", "assign_sub", "dtype", "name", "numpy", "shape", "trainable"})
"""What a `tf.Variable` and a variable of Keras 3 both have, to the same effect."""

WANTS_TENSORFLOW_VARIABLE = frozenset(
    {"apply_gradients", "batch_jacobian", "gradient", "jacobian", "minimize", "watch"}
)
"""Methods of TensorFlow's tapes and optimizers: they take no variable of Keras 3."""
