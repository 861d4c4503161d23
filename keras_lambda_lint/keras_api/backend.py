"""The functions of `keras.backend` that newer packages no longer have, and what computes the same on Keras 3.

Measured on keras 3.15.1 (whose `keras.backend` has 14 names), tf_keras 2.21 (148 names) and the `tf.keras.backend` of TensorFlow 2.21
(137 names), which keeps most of them. `tests/keras_api/test_backend.py` runs every row.
"""

from __future__ import annotations

from typing import NamedTuple

from keras_lambda_lint.keras_api.names import FOREIGN, below_keras, keras_root


class BackendFunction(NamedTuple):
    """A function that is gone: what to write instead, and in what that differs."""

    name: str
    instead: str
    """A function that takes the same positional arguments, or an expression of the arguments; empty where there is none."""
    differs: str
    """What `instead` does differently, in a few words; empty where values, shapes and dtypes are equal."""

    @property
    def is_exact(self) -> bool:
        """Whether there is a replacement with the same values, shapes and dtypes."""
        return bool(self.instead) and not self.differs


_SAME_NAME = (
    "abs all any arange cast categorical_crossentropy cos dot dtype elu equal exp greater greater_equal less less_equal log logsumexp "
    "max maximum min minimum ndim not_equal one_hot ones_like prod reshape round sigmoid sign sin softmax softplus softsign "
    "sparse_categorical_crossentropy square squeeze stack std stop_gradient sum tanh tile transpose zeros_like"
).split()
"""Functions that `keras.ops` has under the same name, with equal results."""

_EXACT = {
    "batch_flatten": "keras.ops.reshape(x, (keras.ops.shape(x)[0], -1))",
    "batch_get_value": "[keras.ops.convert_to_numpy(each) for each in tensors]",
    "batch_normalization": "keras.ops.batch_normalization(x, mean, var, axis=-1, offset=beta, scale=gamma)",
    "bias_add": "keras.ops.add",
    "cast_to_floatx": "keras.ops.cast(x, keras.config.floatx())",
    "concatenate": "keras.ops.concatenate(tensors, axis=-1)",
    "constant": "keras.ops.convert_to_tensor(value, dtype=keras.config.floatx())",
    "conv1d": "keras.ops.conv",
    "conv2d": "keras.ops.conv",
    "conv3d": "keras.ops.conv",
    "count_params": "math.prod(x.shape)",
    "cumprod": "keras.ops.cumprod(x, axis=0)",
    "cumsum": "keras.ops.cumsum(x, axis=0)",
    "depthwise_conv2d": "keras.ops.depthwise_conv",
    "eval": "keras.ops.convert_to_numpy",
    "expand_dims": "keras.ops.expand_dims(x, axis=-1)",
    "flatten": "keras.ops.reshape(x, (-1,))",
    "gather": "keras.ops.take(x, indices, axis=0)",
    "get_value": "keras.ops.convert_to_numpy",
    "hard_sigmoid": "keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)",
    "in_top_k": "keras.ops.in_top_k(targets, predictions, k)",
    "int_shape": "tuple(x.shape)",
    "is_sparse": "isinstance(x, tf.SparseTensor)",
    "is_tensor": "keras.ops.is_tensor",
    "l2_normalize": "keras.ops.normalize(x, axis=-1, epsilon=1e-6)",
    "map_fn": "keras.ops.map",
    "permute_dimensions": "keras.ops.transpose",
    "pool2d": "keras.ops.max_pool(x, pool_size, strides=1)",
    "pool3d": "keras.ops.max_pool(x, pool_size, strides=1)",
    "pow": "keras.ops.power",
    "relu": "keras.ops.relu(x)",
    "repeat": "keras.ops.repeat(keras.ops.expand_dims(x, 1), n, axis=1)",
    "repeat_elements": "keras.ops.repeat",
    "reverse": "keras.ops.flip",
    "separable_conv2d": "keras.ops.separable_conv",
    "spatial_2d_padding": "keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))",
    "spatial_3d_padding": "keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (1, 1), (0, 0)))",
    "sqrt": "keras.ops.sqrt(keras.ops.maximum(x, 0))",
    "temporal_padding": "keras.ops.pad(x, ((0, 0), (1, 1), (0, 0)))",
    "to_dense": "keras.ops.convert_to_tensor(x, sparse=False)",
    "update": "x.assign(value)",
    "update_add": "x.assign_add(value)",
    "update_sub": "x.assign_sub(value)",
}
"""Other replacements with equal results."""

_DIFFERENT = {
    "argmax": ("keras.ops.argmax(x, axis=-1)", "is int32, not int64"),
    "argmin": ("keras.ops.argmin(x, axis=-1)", "is int32, not int64"),
    "batch_dot": ("keras.ops.matmul", "takes no `axes`"),
    "binary_crossentropy": ("keras.ops.binary_crossentropy", "adds no epsilon in the logarithm"),
    "clip": ("keras.ops.clip", "takes no `None` as a bound"),
    "conv2d_transpose": ("keras.ops.conv_transpose", "takes no output shape"),
    "ctc_batch_cost": ("keras.ops.ctc_loss", "takes the lengths as vectors"),
    "dropout": ("keras.random.dropout", "drops other elements for the same seed"),
    "eye": ("keras.ops.eye", "makes a tensor, no variable"),
    "image_dim_ordering": ("keras.config.image_data_format", "says `channels_last` for `tf`"),
    "mean": ("keras.ops.mean", "rounds float16 otherwise, and makes a float of integers"),
    "ones": ("keras.ops.ones", "makes a tensor, no variable"),
    "placeholder": ("keras.Input", "takes the shape without the batch size"),
    "random_bernoulli": ("keras.random.binomial(shape, counts=1, probabilities=p)", "draws other numbers for the same seed"),
    "random_binomial": ("keras.random.binomial(shape, counts=1, probabilities=p)", "draws other numbers for the same seed"),
    "random_normal": ("keras.random.normal", "draws other numbers for the same seed"),
    "random_uniform": ("keras.random.uniform", "draws other numbers for the same seed"),
    "resize_images": ("keras.layers.UpSampling2D((height, width))(x)", "casts float16 to the dtype of the layer"),
    "resize_volumes": ("keras.layers.UpSampling3D((depth, height, width))(x)", "casts float16 to the dtype of the layer"),
    "set_image_dim_ordering": ("keras.config.set_image_data_format", "takes `channels_last` for `tf`"),
    "set_value": ("x.assign(value)", "returns the variable"),
    "shape": ("keras.ops.shape", "is a tuple, not a tensor"),
    "switch": ("keras.ops.where", "takes no functions as branches"),
    "truncated_normal": ("keras.random.truncated_normal", "draws other numbers for the same seed"),
    "var": ("keras.ops.var", "rounds float16 otherwise"),
    "variable": ("keras.Variable", "is a variable of Keras, not of TensorFlow"),
    "zeros": ("keras.ops.zeros", "makes a tensor, no variable"),
}  # fmt: skip
"""The nearest replacements, and in what they differ."""

_NONE = (
    "batch_set_value binary_focal_crossentropy categorical_focal_crossentropy control_dependencies conv3d_transpose ctc_decode "
    "ctc_label_dense_to_sparse experimental foldl foldr function get_session get_variable_shape gradients identity in_test_phase "
    "in_train_phase is_placeholder is_variable learning_phase learning_phase_scope local_conv1d local_conv2d "
    "manual_variable_initialization moving_average_update name_scope normalize_batch_in_training print_tensor random_normal_variable "
    "random_uniform_variable reset_uids rnn separable_conv1d set_learning_phase set_session"
).split()
"""Functions without an equivalent that was measured."""

REMOVED = {
    name: BackendFunction(name, instead, differs)
    for name, (instead, differs) in {
        **{name: (f"keras.ops.{name}", "") for name in _SAME_NAME},
        **{name: (instead, "") for name, instead in _EXACT.items()},
        **_DIFFERENT,
        **dict.fromkeys(_NONE, ("", "")),
    }.items()
}
"""What `keras.backend` of Keras 3 lacks."""

EARLIER = frozenset(
    "control_dependencies conv3d_transpose get_session get_variable_shape identity image_dim_ordering is_placeholder is_tensor "
    "is_variable logsumexp separable_conv1d set_image_dim_ordering set_session".split()
)
"""Those of Keras 1 and of Keras up to 2.12 that tf_keras 2.21 lacks too (read off the packages 1.2.2, 2.3.1 and 2.12.0)."""

REMOVED_FROM_TENSORFLOW = EARLIER | frozenset(
    "experimental function in_test_phase in_train_phase learning_phase learning_phase_scope local_conv1d local_conv2d "
    "manual_variable_initialization normalize_batch_in_training placeholder print_tensor random_binomial reset_uids "
    "set_learning_phase".split()
)
"""What `tf.keras.backend` lacks since TensorFlow 2.16, whose Keras is Keras 3."""

_OF_TENSORFLOW = ("tensorflow.keras", "tensorflow.compat.v1.keras", "tensorflow.compat.v2.keras")


def may_lead_to_backend(qualified: str) -> bool:
    """Return whether a backend that lacks functions on Keras 3 may hang below a qualified name."""
    root = keras_root(qualified + ".x")
    return qualified.partition(".")[0] not in FOREIGN and (root is None or root in ("keras", *_OF_TENSORFLOW))


def may_be_backend(qualified: str) -> bool:
    """Return whether a qualified name may be such a backend: it is called so, or comes from a package that is not known."""
    known = qualified.partition(".")[0] in ("keras", "tensorflow", "tf_keras")
    return may_lead_to_backend(qualified) and (qualified.endswith(".backend") or not known)


def removed_backend_function(qualified: str) -> BackendFunction | None:
    """Return what is known of a function of `keras.backend` that the package it is read from lacks on Keras 3; None for all others.

    `tf_keras.backend` and TensorFlow's private `tensorflow.python.keras` lack none of them.
    """
    group, _, name = (below_keras(qualified) or "").rpartition(".")
    found = REMOVED.get(name) if group == "backend" else None
    root = keras_root(qualified)
    lacks = root == "keras" or (root in _OF_TENSORFLOW and name in REMOVED_FROM_TENSORFLOW)
    return found if lacks else None
