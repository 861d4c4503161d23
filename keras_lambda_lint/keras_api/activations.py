"""Names that `keras.activations.get` resolves by itself.

Measured on keras 3.0.5 to 3.15.1: an unregistered function of one of these names is replaced by Keras' own when the model is loaded,
without a word (FINDINGS section 3-4).
"""

BUILTIN_NAMES = frozenset({
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
})  # fmt: skip
