"""Names that `keras.activations.get` resolves by itself."""

BUILTIN_NAMES = frozenset({
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
})  # fmt: skip
"""All of keras 3.15.1."""

REPLACED_NAMES = BUILTIN_NAMES - {"hard_swish", "swish"}
"""The names whose unregistered function Keras 3 replaces by its own when it loads a model, without a word.

Measured on keras 3.0.5 to 3.15.1 for `relu`, `softmax` and `linear`, and on 3.15.1 for each, in `Lambda`, `Activation` and `activation=`. A
function is looked up by the name in its `def`, and `swish` and `hard_swish` of Keras are named `silu` and `hard_silu`: these two fail.
"""

_AS_LAYERS = {
    "elu": frozenset({"ELU()", "ELU(1)", "ELU(1.0)"}),
    "linear": frozenset({"Identity()"}),
    "relu": frozenset({"ReLU()"}),
    "relu6": frozenset({"ReLU(6)", "ReLU(6.0)"}),
    "silu": frozenset({'Activation("swish")'}),
}


def spellings_as_layer(name: str) -> frozenset[str]:
    """Return the layers of `keras_api/idioms.py` that compute what the activation of this name does."""
    return _AS_LAYERS.get(name, frozenset()) | {f'Activation("{name}")'}
