"""What operations do to shapes and dtypes: tables by the last part of the qualified name.

Measured on TensorFlow 2.21, keras 3.15.1 and tf_keras 2.21; the names hold below `tensorflow`, `keras.backend` and `keras.ops`.
"""

from __future__ import annotations

from keras_lambda_lint.keras_api.names import below_keras

ELEMENTWISE = frozenset(
    (
        "abs acos acosh asin asinh atan atanh cast ceil clip clip_by_norm clip_by_value cos cosh elu erf exp expm1 floor gelu "
        "hard_sigmoid hard_tanh identity invert is_nan is_inf isfinite isinf isnan l2_normalize leaky_relu log log1p log_sigmoid "
        "log_softmax logical_not mish nan_to_num negative ones_like reciprocal relu relu6 round rsqrt selu sigmoid sign silu sin sinh "
        "softmax softplus softsign sqrt square stop_gradient swish tan tanh zeros_like"
    ).split()
)
"""The result has the shape of the first argument."""

BROADCASTING = frozenset(
    "add divide equal greater greater_equal less less_equal maximum minimum multiply not_equal pow power subtract".split()
)
"""The result has the broadcast shape of the first two arguments."""

REDUCTIONS = {
    "all": None, "any": None, "argmax": -1, "argmin": -1, "logsumexp": None, "max": None, "mean": None, "min": None, "prod": None,
    "reduce_all": None, "reduce_any": None, "reduce_logsumexp": None, "reduce_max": None, "reduce_mean": None, "reduce_min": None,
    "reduce_prod": None, "reduce_std": None, "reduce_sum": None, "reduce_variance": None, "std": None, "sum": None, "var": None,
}  # fmt: skip
"""Reductions with `axis` as second argument, and the axis where none is given; None reduces all axes."""

INTEGERS_ONLY = {"one_hot": 0, "gather": 1, "embedding_lookup": 1}
"""Operations of TensorFlow that refuse a float, and the position of that argument.

Keras 3 infers the shape of a `Lambda` with a float32 placeholder, whatever dtype the input has (FINDINGS section 5).
"""

OPAQUE = frozenset({"py_function", "numpy_function", "py_func"})
"""Operations whose result has no static shape: Keras 3 cannot infer it on the TensorFlow backend (FINDINGS section 5)."""

NOT_FLOAT = frozenset(
    "all any argmax argmin cast equal greater greater_equal is_nan is_inf isfinite isinf isnan less less_equal logical_and logical_not "
    "logical_or not_equal reduce_all reduce_any shape size bucketize hash searchsorted to_hash_bucket_fast top_k".split()
)
"""Operations whose result need not be a float: Keras 3 declares float32 for a `Lambda` all the same, a Layer declares the real dtype."""

_FRAMEWORKS = ("tensorflow.", "tensorflow.compat.v1.", "tensorflow.compat.v2.")
_GROUPS = ("", "math.", "nn.", "linalg.")


def operation(qualified: str) -> str | None:
    """Return the name of an operation on tensors, such as `reduce_mean`; None for anything else."""
    rest = below_keras(qualified)
    if rest is not None:
        group, _, last = rest.rpartition(".")
        return last if group in ("backend", "ops", "activations", "ops.numpy", "ops.nn") else None
    for framework in _FRAMEWORKS:
        if qualified.startswith(framework):
            group, _, last = qualified[len(framework) :].rpartition(".")
            if group + "." * bool(group) in _GROUPS:
                return last
    return None


def default_axis(qualified: str, name: str) -> int | None:
    """Return the axis that a reduction takes where none is given; None for all axes."""
    if name in ("argmax", "argmin"):
        rest = below_keras(qualified)
        return -1 if rest is not None and rest.startswith("backend") else None if rest is not None else 0
    return REDUCTIONS[name]
