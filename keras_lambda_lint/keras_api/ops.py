"""What operations do to shapes and dtypes: tables by the last part of the qualified name.

Measured on TensorFlow 2.21, keras 3.15.1 and tf_keras 2.21; the names hold below `tensorflow`, `keras.backend` and `keras.ops`.
"""

from __future__ import annotations

from typing import TypeVar

from keras_lambda_lint.keras_api.names import below_keras

Argument = TypeVar("Argument")

ELEMENTWISE = frozenset(
    (
        "abs acos acosh asin asinh atan atanh cast ceil clip clip_by_norm clip_by_value cos cosh elu erf exp expm1 floor gelu "
        "hard_sigmoid hard_tanh identity invert is_nan is_inf isfinite isinf isnan l2_normalize leaky_relu log log1p log_sigmoid "
        "log_softmax logical_not mish nan_to_num negative normalize ones_like reciprocal relu relu6 round rsqrt selu sigmoid sign silu sin "
        "sinh softmax softplus softsign sqrt square stop_gradient swish tan tanh zeros_like cumsum cumprod flip reverse to_float "
        "convert_to_tensor relu_6 random_shuffle cast_to_floatx squareplus hard_silu hard_swish celu is_finite exponential"
    ).split()
)
"""The result has the shape of the first argument."""

BROADCASTING = frozenset(
    (
        "add atan2 divide div divide_no_nan equal floor_divide floordiv floormod greater greater_equal less less_equal logical_and "
        "logical_or maximum minimum mod multiply not_equal pow power squared_difference subtract truediv true_divide"
    ).split()
)
"""The result has the broadcast shape of the first two arguments."""

REDUCTIONS = {
    "all": None, "any": None, "argmax": -1, "argmin": -1, "logsumexp": None, "max": None, "mean": None, "min": None, "prod": None,
    "reduce_all": None, "reduce_any": None, "reduce_logsumexp": None, "reduce_max": None, "reduce_mean": None, "reduce_min": None,
    "reduce_prod": None, "reduce_std": None, "reduce_sum": None, "reduce_variance": None, "std": None, "sum": None, "var": None,
}  # fmt: skip
"""Reductions with `axis` as second argument, and the axis where none is given; None reduces all axes."""

OTHERS = {
    "add_n": "joined_sum x", "add_all": "joined_sum x",
    "batch_dot": "batch_dot x y axes", "batch_flatten": "batch_flatten x",
    "broadcast_to": "filled x shape",
    "concat": "concatenate x axis=0", "concatenate": "concatenate x axis=0", "backend.concatenate": "concatenate x axis=-1",
    "backend.dot": "dot x y",
    "ensure_shape": "filled x shape",
    "expand_dims": "expand_dims x axis", "backend.expand_dims": "expand_dims x axis=-1",
    "fill": "filled_with shape", "ones": "filled_with shape", "zeros": "filled_with shape", "random_normal": "filled_with shape",
    "random_uniform": "filled_with shape", "truncated_normal": "filled_with shape", "random.normal": "filled_with shape",
    "random.uniform": "filled_with shape", "random.truncated_normal": "filled_with shape",
    "random.stateless_normal": "filled_with shape", "random.stateless_uniform": "filled_with shape",
    "flatten": "flatten x",
    "gather": "gather x indices axis=0", "take": "gather x indices axis", "backend.gather": "gather x indices axis=0",
    "image.resize": "resize x size", "image.resize_images": "resize x size", "image.resize_bilinear": "resize x size",
    "image.resize_nearest_neighbor": "resize x size", "image.resize_bicubic": "resize x size",
    "int_shape": "static_shape x",
    "matmul": "matmul x y transpose_a transpose_b",
    "norm": "norm x ord axis keepdims",
    "one_hot": "one_hot x depth", "backend.one_hot": "one_hot x depth",
    "pad": "pad x paddings",
    "permute_dimensions": "transpose x perm",
    "repeat": "repeat x repeats axis", "backend.repeat": "repeat_rows x n", "repeat_elements": "repeat x repeats axis",
    "reshape": "reshape x shape",
    "resize_images": "scale x height width format",
    "shape": "dynamic_shape x", "ops.shape": "ops_shape x",
    "split": "split x parts axis=0", "ops.split": "split_at x parts axis=0",
    "squeeze": "squeeze x axis",
    "stack": "stack x axis=0",
    "tile": "tile x multiples",
    "transpose": "transpose x perm",
    "unstack": "unstack x num axis=0",
    "where": "where condition x y",
}  # fmt: skip
"""Operations with a rule of their own, then the parameters by position, with the default of `axis`.

A prefix is the group below the package that the row holds for; without one it holds for all groups that have no row of their own.
"""

SAME_PARAMETER = {
    "a": "x", "array": "x", "arrays": "x", "axes": "axis", "b": "y", "concat_dim": "axis", "data_format": "format", "dim": "axis",
    "dims": "shape", "features": "x", "height_factor": "height", "images": "x", "indices_or_sections": "parts", "input": "x",
    "input_tensor": "x", "inputs": "x", "keep_dims": "keepdims", "logits": "x", "n": "multiples", "newshape": "shape",
    "num_classes": "depth", "num_or_size_splits": "parts", "pad_width": "paddings", "params": "x", "pattern": "perm",
    "reduction_indices": "axis", "reference": "x", "rep": "repeats", "reps": "multiples", "target_shape": "shape", "tensor": "x",
    "tensors": "x", "value": "x", "values": "x", "width_factor": "width", "x1": "x", "x2": "y", "xs": "x",
}  # fmt: skip
"""Other names that versions and frameworks give to the same parameter."""

INTEGERS_ONLY = {"one_hot": 0, "gather": 1, "embedding_lookup": 1}
"""Operations of TensorFlow that refuse a float, and the position of that argument.

Keras 3 infers the shape of a `Lambda` with a float32 placeholder, whatever dtype the input has (FINDINGS section 5).
"""

OPAQUE = frozenset({"py_function", "numpy_function", "py_func"})
"""Operations whose result has no static shape: Keras 3 cannot infer it on the TensorFlow backend (FINDINGS section 5)."""

NUMPY_OF_NUMBERS = frozenset("abs cos exp float32 float64 log log10 log2 sin sqrt square".split())
"""Functions of numpy that make a number of a number."""

NOT_FLOAT = frozenset(
    "all any argmax argmin cast equal greater greater_equal is_nan is_inf isfinite isinf isnan less less_equal logical_and logical_not "
    "logical_or not_equal reduce_all reduce_any shape size bucketize hash searchsorted to_hash_bucket_fast top_k".split()
)
"""Operations whose result need not be a float: Keras 3 declares float32 for a `Lambda` all the same, a Layer declares the real dtype."""

AXIS_SECOND = frozenset(
    (
        "all any argmax argmin concat concatenate cumsum expand_dims flip l2_normalize log_softmax logsumexp max mean min prod reduce_all "
        "reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_sum reverse softmax squeeze stack std sum var"
    ).split()
)
"""The second parameter is an axis (signatures of TensorFlow 2.21, tf_keras 2.21 and keras 3.15.1)."""

_FRAMEWORKS = ("tensorflow.", "tensorflow.compat.v1.", "tensorflow.compat.v2.")
_GROUPS = frozenset(
    ("", "math", "nn", "linalg", "image", "random", "compat.v1", "compat.v1.image", "compat.v1.nn", "compat.v1.math")
)
_KERAS_GROUPS = {
    "backend": "backend", "ops": "ops", "ops.numpy": "ops", "ops.nn": "ops", "ops.image": "ops.image", "activations": "activations",
    "random": "random", "ops.linalg": "ops",
}  # fmt: skip


def _parts(qualified: str) -> tuple[str, str] | None:
    """Return the group and the last part of the name of an operation on tensors; None for anything else."""
    rest = below_keras(qualified)
    if rest is not None:
        group, _, last = rest.rpartition(".")
        return (_KERAS_GROUPS[group], last) if group in _KERAS_GROUPS else None
    for framework in _FRAMEWORKS:
        if qualified.startswith(framework):
            group, _, last = qualified[len(framework) :].rpartition(".")
            if group in _GROUPS:
                return group.rpartition(".")[2] if group.startswith("compat") else group, last
    return None


def operation(qualified: str) -> str | None:
    """Return the name of an operation on tensors, such as `reduce_mean`; None for anything else."""
    parts = _parts(qualified)
    return None if parts is None else parts[1]


def rule_of(qualified: str) -> str | None:
    """Return the row of `OTHERS` that an operation has; None where it has none."""
    parts = _parts(qualified)
    if parts is None:
        return None
    group, last = parts
    for prefix in (group, group.rpartition(".")[2]):
        row = OTHERS.get(f"{prefix}.{last}")
        if row is not None:
            return row
    return OTHERS.get(last) if group not in ("image", "ops.image", "random", "activations") else None


def bound(parameters: list[str], arguments: list[Argument], keywords: dict[str, Argument]) -> dict[str, Argument]:
    """Return the arguments of a call by the name of the parameter, under the first of its names."""
    named = {name if name in parameters else SAME_PARAMETER.get(name, name): value for name, value in keywords.items()}
    return {**dict(zip(parameters, arguments, strict=False)), **named}


def default_axis(qualified: str, name: str) -> int | None:
    """Return the axis that a reduction takes where none is given; None for all axes."""
    if name in ("argmax", "argmin"):
        rest = below_keras(qualified)
        return -1 if rest is not None and rest.startswith("backend") else None if rest is not None else 0
    return REDUCTIONS[name]
