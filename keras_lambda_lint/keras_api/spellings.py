"""One name for one operation on tensors, however TensorFlow, the Keras backend, `keras.ops` and `keras.activations` spell it.

Signatures read off TensorFlow 2.21, keras 3.15.1 and tf_keras 2.21 (`tests/keras_api/test_spellings.py` compares them again). Parameters
stand in the order of the operation's own, so that a call becomes its arguments by position. Arguments left out below, such as `name`,
do not change the value.
"""

from __future__ import annotations

from keras_lambda_lint.keras_api.names import below_keras

SPELLINGS: dict[str, tuple[str, ...]] = {
    "add": ("tensorflow.add(x, y)", "tensorflow.math.add(x, y)", "ops.add(x1, x2)"),
    "add_n": ("tensorflow.add_n(inputs)", "tensorflow.math.add_n(inputs)"),
    "batch_dot": ("backend.batch_dot(x, y, axes=None)",),
    "batch_flatten": ("backend.batch_flatten(x)",),
    "clip": (
        "tensorflow.clip_by_value(t, clip_value_min, clip_value_max)",
        "backend.clip(x, min_value, max_value)",
        "ops.clip(x, x_min, x_max)",
    ),
    "concat": (
        "tensorflow.concat(values, axis)",
        "backend.concatenate(tensors, axis=-1)",
        "ops.concatenate(xs, axis=0)",
    ),
    "divide": (
        "tensorflow.divide(x, y)",
        "tensorflow.math.divide(x, y)",
        "ops.divide(x1, x2)",
        "ops.true_divide(x1, x2)",
    ),
    "elu": (
        "tensorflow.nn.elu(features)",
        "backend.elu(x, alpha=1.0)",
        "ops.elu(x, alpha=1.0)",
        "activations.elu(x, alpha=1.0)",
    ),
    "exp": (
        "tensorflow.exp(x)",
        "tensorflow.math.exp(x)",
        "backend.exp(x)",
        "ops.exp(x)",
        "activations.exponential(x)",
    ),
    "expand_dims": (
        "tensorflow.expand_dims(input, axis)",
        "backend.expand_dims(x, axis=-1)",
        "ops.expand_dims(x, axis)",
    ),
    "gelu": (
        "tensorflow.nn.gelu(features, approximate=False)",
        "ops.gelu(x, approximate=True)",
        "activations.gelu(x, approximate=False)",
    ),
    "hard_sigmoid": ("backend.hard_sigmoid(x)",),
    "identity": ("tensorflow.identity(input)", "activations.linear(x)"),
    "l2_normalize": (
        "tensorflow.nn.l2_normalize(x, axis=None, epsilon=1e-12)",
        "tensorflow.math.l2_normalize(x, axis=None, epsilon=1e-12)",
        "tensorflow.linalg.l2_normalize(x, axis=None, epsilon=1e-12)",
        "backend.l2_normalize(x, axis=None)",
    ),
    "leaky_relu": (
        "tensorflow.nn.leaky_relu(features, alpha=0.2)",
        "ops.leaky_relu(x, negative_slope=0.2)",
        "activations.leaky_relu(x, negative_slope=0.2)",
    ),
    "max": (
        "tensorflow.reduce_max(input_tensor, axis=None, keepdims=False)",
        "tensorflow.math.reduce_max(input_tensor, axis=None, keepdims=False)",
        "backend.max(x, axis=None, keepdims=False)",
        "ops.max(x, axis=None, keepdims=False)",
        "ops.amax(x, axis=None, keepdims=False)",
    ),
    "maximum": (
        "tensorflow.maximum(x, y)",
        "tensorflow.math.maximum(x, y)",
        "backend.maximum(x, y)",
        "ops.maximum(x1, x2)",
    ),
    "mean": (
        "tensorflow.reduce_mean(input_tensor, axis=None, keepdims=False)",
        "tensorflow.math.reduce_mean(input_tensor, axis=None, keepdims=False)",
        "backend.mean(x, axis=None, keepdims=False)",
        "ops.mean(x, axis=None, keepdims=False)",
    ),
    "minimum": (
        "tensorflow.minimum(x, y)",
        "tensorflow.math.minimum(x, y)",
        "backend.minimum(x, y)",
        "ops.minimum(x1, x2)",
    ),
    "multiply": ("tensorflow.multiply(x, y)", "tensorflow.math.multiply(x, y)", "ops.multiply(x1, x2)"),
    "negative": ("tensorflow.negative(x)", "tensorflow.math.negative(x)", "ops.negative(x)"),
    "pad": ("tensorflow.pad(tensor, paddings, mode='CONSTANT', constant_values=0)",),
    "pad_images": ("backend.spatial_2d_padding(x, padding=((1, 1), (1, 1)), data_format=None)",),
    "pad_steps": ("backend.temporal_padding(x, padding=(1, 1))",),
    "relu": (
        "tensorflow.nn.relu(features)",
        "ops.relu(x)",
        "backend.relu(x, alpha=0.0, max_value=None, threshold=0.0)",
        "activations.relu(x, alpha=0.0, max_value=None, threshold=0.0)",
    ),
    "relu6": ("tensorflow.nn.relu6(features)", "ops.relu6(x)", "activations.relu6(x)"),
    "repeat": ("backend.repeat(x, n)",),
    "reshape": ("tensorflow.reshape(tensor, shape)", "backend.reshape(x, shape)", "ops.reshape(x, newshape)"),
    "resize": (
        "tensorflow.image.resize(images, size, method='bilinear', preserve_aspect_ratio=False, antialias=False)",
    ),
    "resize_images": ("backend.resize_images(x, height_factor, width_factor, data_format, interpolation='nearest')",),
    "selu": ("tensorflow.nn.selu(features)", "ops.selu(x)", "activations.selu(x)"),
    "sigmoid": (
        "tensorflow.sigmoid(x)",
        "tensorflow.nn.sigmoid(x)",
        "tensorflow.math.sigmoid(x)",
        "backend.sigmoid(x)",
        "ops.sigmoid(x)",
        "activations.sigmoid(x)",
    ),
    "softmax": (
        "tensorflow.nn.softmax(logits, axis=-1)",
        "backend.softmax(x, axis=-1)",
        "ops.softmax(x, axis=-1)",
        "activations.softmax(x, axis=-1)",
    ),
    "softplus": (
        "tensorflow.nn.softplus(features)",
        "tensorflow.math.softplus(features)",
        "backend.softplus(x)",
        "ops.softplus(x)",
        "activations.softplus(x)",
    ),
    "softsign": (
        "tensorflow.nn.softsign(features)",
        "backend.softsign(x)",
        "ops.softsign(x)",
        "activations.softsign(x)",
    ),
    "squeeze": (
        "tensorflow.squeeze(input, axis=None)",
        "backend.squeeze(x, axis)",
        "ops.squeeze(x, axis=None)",
    ),
    "subtract": ("tensorflow.subtract(x, y)", "tensorflow.math.subtract(x, y)", "ops.subtract(x1, x2)"),
    "swish": (
        "tensorflow.nn.swish(features, beta=1.0)",
        "tensorflow.nn.silu(features, beta=1.0)",
        "ops.swish(x)",
        "ops.silu(x)",
        "activations.swish(x)",
        "activations.silu(x)",
    ),
    "tanh": (
        "tensorflow.tanh(x)",
        "tensorflow.nn.tanh(x)",
        "tensorflow.math.tanh(x)",
        "backend.tanh(x)",
        "ops.tanh(x)",
        "activations.tanh(x)",
    ),
    "tile": ("tensorflow.tile(input, multiples)", "ops.tile(x, repeats)"),
    "transpose": (
        "tensorflow.transpose(a, perm=None, conjugate=False)",
        "backend.permute_dimensions(x, pattern)",
        "ops.transpose(x, axes=None)",
    ),
}
"""The spellings of each operation. Names of Keras hang below any package of Keras.

The defaults are what the call means where the argument is left out: `tf.nn.softmax(x, axis=None)` takes the last axis.
"""

CONSTANTS = {
    "tensorflow.image.ResizeMethod.BILINEAR": "bilinear",
    "tensorflow.image.ResizeMethod.NEAREST_NEIGHBOR": "nearest",
    "tensorflow.image.ResizeMethod.BICUBIC": "bicubic",
}
"""Names that stand for a value."""

_MODULES_OF_OPS = ("ops.numpy.", "ops.nn.")


def by_spelling() -> dict[str, tuple[str, str]]:
    """Return the operation and the signature, as `f(x, axis=None)`, by qualified name."""
    return {
        signature.partition("(")[0]: (operation, "f" + signature[signature.index("(") :])
        for operation, signatures in SPELLINGS.items()
        for signature in signatures
    }


def spelling(qualified: str) -> str:
    """Return a qualified name as the table writes it: without the package, for a name of Keras."""
    rest = below_keras(qualified)
    if rest is None:
        return qualified.replace("tensorflow.compat.v2.", "tensorflow.", 1)
    for module in _MODULES_OF_OPS:
        if rest.startswith(module):
            return "ops." + rest[len(module) :]
    return rest
