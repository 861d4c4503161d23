"""How a call of TensorFlow's own operations is written with `keras.ops`, where the two are equal.

The rows read as those of `backend_calls`. What is missing differs: `tf.reduce_mean` of integers is an integer, `tf.argmax` is int64,
`tf.divide` of integers float64, `tf.gather` refuses indices below zero, `tf.nn.l2_normalize` of tiny values rounds otherwise.

Measured on TensorFlow 2.21 and keras 3.15.1, values, shapes and dtypes, on normal, huge, tiny and special floats, float16, integers
and booleans; `tests/keras_api/test_tensorflow_calls.py` measures it again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.backend_calls import parsed

if TYPE_CHECKING:
    from keras_lambda_lint.keras_api.backend_calls import Row

_ROWS = """
tf.abs(x) -> ops.abs(x)
tf.add(x, y) -> ops.add(x1=x, x2=y)
tf.cast(x, dtype) -> ops.cast(x, dtype)
tf.clip_by_value(t, clip_value_min, clip_value_max) -> ops.clip(x=t, x_min=clip_value_min, x_max=clip_value_max)
tf.concat(values, axis) -> ops.concatenate(xs=values, axis=axis)
tf.cos(x) -> ops.cos(x)
tf.cumsum(x, axis=0) -> ops.cumsum(x, axis)
tf.equal(x, y) -> ops.equal(x1=x, x2=y)
tf.exp(x) -> ops.exp(x)
tf.expand_dims(input, axis) -> ops.expand_dims(x=input, axis=axis)
tf.floor(x) -> ops.floor(x)
tf.greater(x, y) -> ops.greater(x1=x, x2=y)
tf.greater_equal(x, y) -> ops.greater_equal(x1=x, x2=y)
tf.less(x, y) -> ops.less(x1=x, x2=y)
tf.less_equal(x, y) -> ops.less_equal(x1=x, x2=y)
tf.logical_and(x, y) -> ops.logical_and(x1=x, x2=y)
tf.logical_not(x) -> ops.logical_not(x)
tf.logical_or(x, y) -> ops.logical_or(x1=x, x2=y)
tf.math.ceil(x) -> ops.ceil(x)
tf.math.erf(x) -> ops.erf(x)
tf.math.expm1(x) -> ops.expm1(x)
tf.math.log(x) -> ops.log(x)
tf.math.log1p(x) -> ops.log1p(x)
tf.math.rsqrt(x) -> ops.rsqrt(x)
tf.matmul(a, b) -> ops.matmul(x1=a, x2=b)
tf.maximum(x, y) -> ops.maximum(x1=x, x2=y)
tf.minimum(x, y) -> ops.minimum(x1=x, x2=y)
tf.multiply(x, y) -> ops.multiply(x1=x, x2=y)
tf.negative(x) -> ops.negative(x)
tf.nn.elu(features) -> ops.elu(x=features)
tf.nn.gelu(features) -> ops.gelu(x=features, approximate=False)
tf.nn.leaky_relu(features, alpha=0.2) -> ops.leaky_relu(x=features, negative_slope=alpha)
tf.nn.log_softmax(logits, axis=-1) -> ops.log_softmax(x=logits, axis=axis)
tf.nn.relu(features) -> ops.relu(x=features)
tf.nn.relu6(features) -> ops.relu6(x=features)
tf.nn.selu(features) -> ops.selu(x=features)
tf.nn.softmax(logits, axis=...) -> ops.softmax(x=logits, axis=axis)
tf.nn.softplus(features) -> ops.softplus(x=features)
tf.nn.softsign(features) -> ops.softsign(x=features)
tf.not_equal(x, y) -> ops.not_equal(x1=x, x2=y)
tf.ones_like(input, dtype=...) -> ops.ones_like(x=input, dtype=dtype)
tf.pow(x, y) -> ops.power(x1=x, x2=y)
tf.reduce_all(input_tensor, axis=..., keepdims=...) -> ops.all(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_any(input_tensor, axis=..., keepdims=...) -> ops.any(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_logsumexp(input_tensor, axis=..., keepdims=...) -> ops.logsumexp(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_max(input_tensor, axis=..., keepdims=...) -> ops.max(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_min(input_tensor, axis=..., keepdims=...) -> ops.min(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_prod(input_tensor, axis=..., keepdims=...) -> ops.prod(x=input_tensor, axis=axis, keepdims=keepdims)
tf.reduce_sum(input_tensor, axis=..., keepdims=...) -> ops.sum(x=input_tensor, axis=axis, keepdims=keepdims)
tf.repeat(input, repeats, axis) -> ops.repeat(x=input, repeats=repeats, axis=axis)
tf.reshape(tensor, shape) -> ops.reshape(x=tensor, newshape=shape)
tf.reverse(tensor, axis) -> ops.flip(x=tensor, axis=axis)
tf.round(x) -> ops.round(x)
tf.shape(input) -> ops.shape(x=input)
tf.sigmoid(x) -> ops.sigmoid(x)
tf.sign(x) -> ops.sign(x)
tf.sin(x) -> ops.sin(x)
tf.sqrt(x) -> ops.sqrt(x)
tf.square(x) -> ops.square(x)
tf.squeeze(input, axis=...) -> ops.squeeze(x=input, axis=axis)
tf.stack(values, axis=...) -> ops.stack(x=values, axis=axis)
tf.stop_gradient(input) -> ops.stop_gradient(variable=input)
tf.subtract(x, y) -> ops.subtract(x1=x, x2=y)
tf.tan(x) -> ops.tan(x)
tf.tanh(x) -> ops.tanh(x)
tf.tile(input, multiples) -> ops.tile(x=input, repeats=multiples)
tf.transpose(a, perm=...) -> ops.transpose(x=a, axes=perm)
tf.where(condition, x, y) -> ops.where(condition, x1=x, x2=y)
tf.zeros_like(input, dtype=...) -> ops.zeros_like(x=input, dtype=dtype)
"""

MIXING = frozenset(
    (
        "add clip_by_value concat equal greater greater_equal less less_equal matmul maximum minimum multiply not_equal pow stack "
        "subtract where"
    ).split()
)
"""Operations on several tensors: TensorFlow gives an array of NumPy the dtype of the other tensor, `keras.ops` keeps its own."""

DTYPES = frozenset("bfloat16 bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8".split())
"""The dtypes that `keras.ops` takes by the name that they have in TensorFlow."""

_SAME_GROUPS = ("math", "linalg", "nn")
"""Groups that hold operations of `tf` itself under a second name: `tf.math.exp` is `tf.exp`."""
_PREFIX = "tensorflow."


@cache
def rows() -> dict[str, tuple[Row, ...]]:
    """Return the rows by the name of the operation: `tf.exp`."""
    return parsed(_ROWS)


def row_name(qualified: str) -> str | None:
    """Return the name under which the rows of an operation stand; None where it has none."""
    if not qualified.startswith(_PREFIX):
        return None
    name = qualified[len(_PREFIX) :]
    group, _, last = name.rpartition(".")
    candidates = [
        name,
        *([last] if group in _SAME_GROUPS else ()),
        *(f"{each}.{last}" for each in _SAME_GROUPS if group in _SAME_GROUPS),
    ]
    return next((f"tf.{each}" for each in candidates if f"tf.{each}" in rows()), None)


def written_value(qualified: str) -> str | None:
    """Return how a constant of TensorFlow is written without it: a dtype by its name, `tf.newaxis` as `None`; None for others."""
    name = qualified[len(_PREFIX) :] if qualified.startswith(_PREFIX) else ""
    name = name.removeprefix("dtypes.")
    if name == "newaxis":
        return "None"
    return f'"{name}"' if name in DTYPES else None
