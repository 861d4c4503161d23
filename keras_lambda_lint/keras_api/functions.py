"""Functions of libraries: which of them Keras finds again by name when a model is loaded.

Measured on keras 3.15.1, tf_keras 2.21 and TensorFlow 2.21: `Lambda(op)` saved and loaded in a fresh process. Keras 3 saves the
`__name__` and looks it up among its activations; Keras 2 cannot put such a function into a `.keras` file, or refuses to load it.
"""

from __future__ import annotations

import builtins

from keras_lambda_lint.keras_api.activations import BUILTIN_NAMES
from keras_lambda_lint.keras_api.names import below_keras

TENSORFLOW_NAMES_FOUND = frozenset(
    {"elu", "gelu", "leaky_relu", "relu", "relu6", "selu", "sigmoid", "softplus", "softsign", "tanh"}
)
"""Operations of TensorFlow whose `__name__` is an activation of the same values; `tf.nn.softmax` is named `softmax_v2`, `silu` `swish`."""


def is_library(qualified: str) -> bool:
    """Return whether a qualified name is a function of TensorFlow, Keras, NumPy or Python, and no class."""
    root, _, last = qualified.partition(".")
    if root == "builtins":
        return callable(getattr(builtins, last, None))
    known = root in ("numpy", "tensorflow") or below_keras(qualified) is not None
    return known and not qualified.rpartition(".")[2][:1].isupper()


def is_found_by_name(qualified: str) -> bool:
    """Return whether Keras 3 finds a library's function again when it loads a model that holds it."""
    rest = below_keras(qualified)
    last = qualified.rpartition(".")[2]
    if rest is not None:
        return last in BUILTIN_NAMES and rest.startswith(("activations.", "ops."))
    return qualified.startswith("tensorflow.") and last in TENSORFLOW_NAMES_FOUND
