"""The parameters of Keras that take a function, and what becomes of a function of one's own there when the model is loaded.

Measured on keras 3.15.1 and tf_keras 2.21.0, in a fresh process:

| slot | Keras 3 `.keras`, `.h5` | Keras 2 `.keras` | Keras 2 `.h5` |
|---|---|---|---|
| activation, initializer, regularizer, constraint | loads if registered or supplied | the same | fails, registered and supplied too |
| ... a lambda | fails, with `safe_mode=False` too | the same | fails |
| ... an activation named as one of Keras | Keras' own; in `.keras` even if one is supplied | Keras' own, unless supplied | the same |
| loss, metric | loads if registered or supplied, or with `compile=False` | the same | the same |
| ... named as one of Keras | as any other | Keras' own, unless supplied | the same |
"""

from __future__ import annotations

import re
from enum import Enum

from keras_lambda_lint.keras_api.activations import REPLACED_NAMES
from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.keras_api.names import is_layer_class


class Role(Enum):
    """What a function does in a Keras slot."""

    ACTIVATION = "activation"
    INITIALIZER = "initializer"
    REGULARIZER = "regularizer"
    CONSTRAINT = "constraint"
    LOSS = "loss"
    METRIC = "metric"
    FUNCTION = "function"
    """What an own layer takes and calls."""

    @property
    def belongs_to_training(self) -> bool:
        """Whether Keras restores it only with the training state, which `compile=False` leaves out."""
        return self in (Role.LOSS, Role.METRIC)


_OF_LAYERS = (
    (re.compile(r"(?:\w+_)?activation"), Role.ACTIVATION),
    (re.compile(r"(?:\w+_)?initializer|(?:inner_|forget_bias_)?init"), Role.INITIALIZER),
    (re.compile(r"\w+_regularizer"), Role.REGULARIZER),
    (re.compile(r"\w+_constraint"), Role.CONSTRAINT),
)
"""Keywords of layers, those of Keras 1 included."""

POSITIONAL = {"Activation": (0, Role.ACTIVATION), "Dense": (1, Role.ACTIVATION)}
"""Slots that programs fill by position, by the class of the layer."""

OF_COMPILE = {"loss": Role.LOSS, "metrics": Role.METRIC, "weighted_metrics": Role.METRIC}
COMPILE_PARAMETERS = ("optimizer", "loss", "metrics")
"""The first parameters of `Model.compile`, in Keras 1, 2 and 3."""

_KERAS_2_ACTIVATIONS = frozenset(
    "elu exponential gelu hard_sigmoid leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign swish "
    "tanh".split()
)
ACTIVATIONS_SINCE = {
    **dict.fromkeys(("gelu", "leaky_relu", "log_softmax", "relu6", "silu", "swish"), (2, 4)),
    "exponential": (2, 2),
    "mish": (2, 13),
}
"""Since which Keras 2 an activation of its own may have the name, for those that Keras 2.0 lacks (read off keras 2.0.9 to 2.15)."""

_KERAS_2_LOSSES = frozenset(
    "KLD MAE MAPE MSE MSLE binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy "
    "categorical_hinge cosine_similarity hinge huber kl_divergence kld kullback_leibler_divergence log_cosh logcosh mae mape "
    "mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mse msle poisson "
    "sparse_categorical_crossentropy squared_hinge".split()
)
_KERAS_2_METRICS = frozenset(
    "MAE MAPE MSE MSLE acc binary_accuracy binary_crossentropy categorical_accuracy categorical_crossentropy categorical_hinge "
    "cosine_proximity cosine_similarity hinge kullback_leibler_divergence log_cosh logcosh mae mape mean_absolute_error "
    "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mse msle poisson sparse_categorical_accuracy "
    "sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy".split()
)

SHADOWED = {
    (3, Role.ACTIVATION): REPLACED_NAMES,
    (2, Role.ACTIVATION): _KERAS_2_ACTIVATIONS,
    (2, Role.LOSS): _KERAS_2_LOSSES,
    (2, Role.METRIC): _KERAS_2_METRICS,
}
"""The names under which Keras finds a function of its own, by version and role, and loads that without a word."""


def role_in_layer(keyword: str) -> Role | None:
    """Return what a function does that a layer takes under a keyword; None for other keywords."""
    return next((role for pattern, role in _OF_LAYERS if pattern.fullmatch(keyword)), None)


def may_be_layer(qualified: str, unresolved: str) -> bool:
    """Return whether a name is a layer class of Keras, or has the name of one below a root of unknown origin."""
    root, _, last = qualified.rpartition(".")
    injected = root.partition(".")[0] == unresolved and last in LAYER_CLASSES
    return injected or is_layer_class(qualified)
