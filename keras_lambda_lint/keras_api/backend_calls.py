"""How a call of a function that `keras.backend` of Keras 3 lacks is written with `keras.ops`, and with TensorFlow.

Each row is the old call, the new one with `keras.ops`, and the one with TensorFlow, which runs on Keras 2 too. In the old call, a
parameter with the default `...` has the same default in the new one, a parameter with another default is written out, and one that is
missing has no counterpart. Rows are tried in their order. Where the results differ, `DIFFERENT` says in what.

Measured on keras 3.15.1 and tf_keras 2.21 (TensorFlow 2.21), values, shapes and dtypes, on normal, huge, tiny and special floats,
float16, integers and booleans; `tests/keras_api/test_backend_calls.py` measures it again.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ROWS = """
abs(x) -> ops.abs(x) | tf.abs(x)
all(x, axis=..., keepdims=...) -> ops.all(x, axis, keepdims)
any(x, axis=..., keepdims=...) -> ops.any(x, axis, keepdims)
arange(start, stop=..., step=..., dtype=...) -> ops.arange(start, stop, step, dtype)
argmax(x, axis=-1) -> ops.argmax(x, axis) | tf.argmax(input=x, axis=axis)
argmin(x, axis=-1) -> ops.argmin(x, axis) | tf.argmin(input=x, axis=axis)
bias_add(x, bias) -> ops.add(x1=x, x2=bias) | tf.nn.bias_add(value=x, bias=bias)
cast(x, dtype) -> ops.cast(x, dtype) | tf.cast(x, dtype)
cast_to_floatx(x) -> ops.cast(x, floatx) | tf.cast(x, floatx)
categorical_crossentropy(target, output, from_logits=..., axis=...) -> ops.categorical_crossentropy(target, output, from_logits, axis)
clip(x, min_value, max_value) -> ops.clip(x, x_min=min_value, x_max=max_value)
  | tf.clip_by_value(t=x, clip_value_min=min_value, clip_value_max=max_value)
concatenate(tensors, axis=-1) -> ops.concatenate(xs=tensors, axis=axis) | tf.concat(values=tensors, axis=axis)
constant(value, dtype) -> ops.convert_to_tensor(x=value, dtype=dtype) | tf.constant(value, dtype)
constant(value) -> ops.convert_to_tensor(x=value, dtype=floatx) | tf.constant(value, dtype=floatx)
conv1d(x, kernel, strides=..., padding=...) -> ops.conv(inputs=x, kernel=kernel, strides=strides, padding=padding)
conv2d(x, kernel, strides=..., padding=...) -> ops.conv(inputs=x, kernel=kernel, strides=strides, padding=padding)
conv3d(x, kernel, strides=..., padding=...) -> ops.conv(inputs=x, kernel=kernel, strides=strides, padding=padding)
cos(x) -> ops.cos(x) | tf.cos(x)
cumprod(x, axis=0) -> ops.cumprod(x, axis) | tf.math.cumprod(x, axis)
cumsum(x, axis=0) -> ops.cumsum(x, axis) | tf.cumsum(x, axis)
dot(x, y) -> ops.dot(x1=x, x2=y)
dtype(x) -> ops.dtype(x)
elu(x, alpha=...) -> ops.elu(x, alpha)
elu(x) -> ops.elu(x) | tf.nn.elu(features=x)
equal(x, y) -> ops.equal(x1=x, x2=y) | tf.equal(x, y)
eval(x) -> ops.convert_to_numpy(x)
exp(x) -> ops.exp(x) | tf.exp(x)
expand_dims(x, axis=-1) -> ops.expand_dims(x, axis) | tf.expand_dims(input=x, axis=axis)
flatten(x) -> ops.reshape(x, (-1,)) | tf.reshape(x, (-1,))
gather(reference, indices) -> ops.take(x=reference, indices=indices, axis=0) | tf.gather(params=reference, indices=indices)
get_value(x) -> ops.convert_to_numpy(x)
greater(x, y) -> ops.greater(x1=x, x2=y) | tf.greater(x, y)
greater_equal(x, y) -> ops.greater_equal(x1=x, x2=y) | tf.greater_equal(x, y)
hard_sigmoid(x) -> ops.clip(0.2 * x + 0.5, 0.0, 1.0) | tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)
in_top_k(predictions, targets, k) -> ops.in_top_k(targets=targets, predictions=predictions, k=k)
  | tf.math.in_top_k(targets=targets, predictions=predictions, k=k)
int_shape(x) -> tuple(x.shape) | tuple(x.shape)
is_tensor(x) -> ops.is_tensor(x) | tf.is_tensor(x)
l2_normalize(x, axis) -> ops.normalize(x, axis, epsilon=1e-6) | tf.nn.l2_normalize(x, axis)
less(x, y) -> ops.less(x1=x, x2=y) | tf.less(x, y)
less_equal(x, y) -> ops.less_equal(x1=x, x2=y) | tf.less_equal(x, y)
log(x) -> ops.log(x) | tf.math.log(x)
logsumexp(x, axis=..., keepdims=...) -> ops.logsumexp(x, axis, keepdims) | tf.reduce_logsumexp(input_tensor=x, axis=axis, keepdims=keepdims)
max(x, axis=..., keepdims=...) -> ops.max(x, axis, keepdims) | tf.reduce_max(input_tensor=x, axis=axis, keepdims=keepdims)
maximum(x, y) -> ops.maximum(x1=x, x2=y) | tf.maximum(x, y)
mean(x, axis=..., keepdims=...) -> ops.mean(x, axis, keepdims) | tf.reduce_mean(input_tensor=x, axis=axis, keepdims=keepdims)
min(x, axis=..., keepdims=...) -> ops.min(x, axis, keepdims) | tf.reduce_min(input_tensor=x, axis=axis, keepdims=keepdims)
minimum(x, y) -> ops.minimum(x1=x, x2=y) | tf.minimum(x, y)
ndim(x) -> ops.ndim(x) | len(x.shape)
not_equal(x, y) -> ops.not_equal(x1=x, x2=y) | tf.not_equal(x, y)
one_hot(indices, num_classes) -> ops.one_hot(x=indices, num_classes=num_classes) | tf.one_hot(indices, depth=num_classes)
ones_like(x, dtype=...) -> ops.ones_like(x, dtype) | tf.ones_like(input=x, dtype=dtype)
permute_dimensions(x, pattern) -> ops.transpose(x, axes=pattern) | tf.transpose(a=x, perm=pattern)
pow(x, a) -> ops.power(x1=x, x2=a) | tf.pow(x, y=a)
prod(x, axis=..., keepdims=...) -> ops.prod(x, axis, keepdims) | tf.reduce_prod(input_tensor=x, axis=axis, keepdims=keepdims)
relu(x) -> ops.relu(x) | tf.nn.relu(features=x)
relu(x, alpha=..., max_value=...) -> keras.activations.relu(x, negative_slope=alpha, max_value=max_value)
repeat(x, n) -> ops.repeat(ops.expand_dims(x, 1), repeats=n, axis=1) | tf.repeat(tf.expand_dims(x, 1), repeats=n, axis=1)
repeat_elements(x, rep, axis) -> ops.repeat(x, repeats=rep, axis=axis) | tf.repeat(input=x, repeats=rep, axis=axis)
reshape(x, shape) -> ops.reshape(x, newshape=shape) | tf.reshape(tensor=x, shape=shape)
reverse(x, axes) -> ops.flip(x, axis=axes)
round(x) -> ops.round(x) | tf.round(x)
set_value(x, value) -> x.assign(value) | x.assign(value)
shape(x) -> ops.shape(x) | tf.shape(input=x)
sigmoid(x) -> ops.sigmoid(x) | tf.sigmoid(x)
sign(x) -> ops.sign(x) | tf.sign(x)
sin(x) -> ops.sin(x) | tf.sin(x)
softmax(x, axis=...) -> ops.softmax(x, axis) | tf.nn.softmax(logits=x, axis=axis)
softplus(x) -> ops.softplus(x) | tf.nn.softplus(features=x)
softsign(x) -> ops.softsign(x) | tf.nn.softsign(features=x)
sparse_categorical_crossentropy(target, output, from_logits=...) -> ops.sparse_categorical_crossentropy(target, output, from_logits)
sqrt_not_negative(x) -> ops.sqrt(x) | tf.sqrt(x)
sqrt(x) -> ops.sqrt(ops.maximum(x, 0)) | tf.sqrt(tf.maximum(x, 0.0))
square(x) -> ops.square(x) | tf.square(x)
squeeze(x, axis) -> ops.squeeze(x, axis) | tf.squeeze(input=x, axis=axis)
stack(x, axis=...) -> ops.stack(x, axis) | tf.stack(values=x, axis=axis)
std(x, axis=..., keepdims=...) -> ops.std(x, axis, keepdims) | tf.math.reduce_std(input_tensor=x, axis=axis, keepdims=keepdims)
stop_gradient(variables) -> ops.stop_gradient(variable=variables) | tf.stop_gradient(input=variables)
sum(x, axis=..., keepdims=...) -> ops.sum(x, axis, keepdims) | tf.reduce_sum(input_tensor=x, axis=axis, keepdims=keepdims)
tanh(x) -> ops.tanh(x) | tf.tanh(x)
tile(x, n) -> ops.tile(x, repeats=n) | tf.tile(input=x, multiples=n)
transpose(x) -> ops.transpose(x) | tf.transpose(a=x)
update(x, new_x) -> x.assign(new_x) | x.assign(new_x)
update_add(x, increment) -> x.assign_add(increment) | x.assign_add(increment)
update_sub(x, decrement) -> x.assign_sub(decrement) | x.assign_sub(decrement)
var(x, axis=..., keepdims=...) -> ops.var(x, axis, keepdims) | tf.math.reduce_variance(input_tensor=x, axis=axis, keepdims=keepdims)
variable(value, dtype, name=...) -> keras.Variable(initializer=value, name=name, dtype=dtype)
variable(value, name=...) -> keras.Variable(initializer=value, name=name, dtype=floatx)
zeros_like(x, dtype=...) -> ops.zeros_like(x, dtype) | tf.zeros_like(input=x, dtype=dtype)
"""

DIFFERENT = {
    ("ops", "argmax"): "is int32, not int64",
    ("ops", "argmin"): "is int32, not int64",
    ("ops", "mean"): "rounds float16 otherwise, and makes a float of integers",
    ("ops", "var"): "rounds float16 otherwise",
    ("ops", "variable"): "is a variable of Keras, not of TensorFlow",
    ("tf", "mean"): "takes no booleans",
    ("tf", "std"): "takes no booleans",
    ("tf", "var"): "takes no booleans",
}
"""In what the result differs from that of the old function; all other rows are equal."""

ON_BOTH = frozenset("image_dim_ordering int_shape update update_add update_sub".split())
"""Functions whose replacement is the same on Keras 2 and 3."""
ORDERINGS = {"tf": "channels_last", "th": "channels_first"}
"""The words of Keras 1 for the order of axes, and what `image_data_format` says for them."""

NOT_NEGATIVE = frozenset("abs epsilon exp relu sigmoid softmax softplus sqrt square std var".split())
"""Functions without negative results: the `keras.backend.sqrt` of Keras 2 makes zeros of negative numbers first."""
KEEPS_SIGN = frozenset(
    "cast expand_dims flatten max mean min permute_dimensions prod reshape squeeze sum transpose".split()
)
"""Functions without negative results where the first argument is not negative."""

BOOLEAN = frozenset("all any equal greater greater_equal in_top_k less less_equal not_equal".split())
"""Functions with boolean results."""


_NAMES = re.compile(r"\b(?:ops|tf|keras)\b(?=\.)|\bfloatx\b")


@dataclass(frozen=True)
class Place:
    """Where an argument of the old call goes in the new one."""

    parameter: str
    keyword: str | None
    """Its name in the new call; None where it has to stand without one."""
    before: str = ""
    """What is written before its value."""
    after: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the value stands there as it is."""
        return not self.before and not self.after


@dataclass(frozen=True)
class NewCall:
    """The new call of a row."""

    function: str
    """`ops.sum`, `tf.reduce_sum`, a builtin, or a method of the first parameter: `x.assign`."""
    places: tuple[Place, ...]
    owner: str | None
    """The parameter whose method it is."""
    added: tuple[str, ...]
    """Further arguments, as they are written; `floatx` stands for the default dtype of floats."""

    @property
    def method(self) -> str | None:
        """The method of the first argument that is called; None for a function."""
        owner, _, name = self.function.rpartition(".")
        return name if owner == self.owner else None

    def spelled(self, name: Callable[[str], str]) -> NewCall:
        """Return the call with other names for `ops`, `tf` and `floatx`."""

        def with_names(text: str) -> str:
            return _NAMES.sub(lambda match: name(match[0]), text)

        places = tuple(replace(place, before=with_names(place.before)) for place in self.places)
        return NewCall(with_names(self.function), places, self.owner, tuple(map(with_names, self.added)))


@dataclass(frozen=True)
class Row:
    """How the calls of one form are written."""

    name: str
    required: tuple[str, ...]
    defaults: tuple[tuple[str, str | None], ...]
    """The other parameters, in their order; with the default that has to be written out."""
    new: tuple[tuple[str, NewCall], ...]
    """The new call by the way it computes: `ops` or `tf`."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """All parameters in their order."""
        return (*self.required, *(name for name, _ in self.defaults))

    def call(self, way: str) -> NewCall | None:
        """Return the new call with `keras.ops` (`ops`) or TensorFlow (`tf`); None where there is none."""
        return dict(self.new).get(way)

    def same_as_value(self, way: str) -> bool:
        """Return whether the new function takes the same arguments by position: it can be passed where the old one was."""
        new = self.call(way)
        if new is None or new.added or new.owner or any(default is not None for _, default in self.defaults):
            return False
        return all(place.is_plain for place in new.places) and self.parameters == tuple(p.parameter for p in new.places)


@cache
def rows() -> dict[str, tuple[Row, ...]]:
    """Return the rows by the name of the function."""
    return parsed(_ROWS)


def parsed(table: str) -> dict[str, tuple[Row, ...]]:
    """Return the rows of a table by the name of the function, as its calls spell it."""
    found: dict[str, tuple[Row, ...]] = {}
    for line in table.strip().replace("\n  |", " |").splitlines():
        old, _, new = line.partition(" -> ")
        row = _row(old, new.split(" | "))
        found[row.name] = (*found.get(row.name, ()), row)
    return found


def _row(old: str, new: list[str]) -> Row:
    call = _call(old)
    required = tuple(ast.unparse(each) for each in call.args)
    defaults = tuple(
        (str(each.arg), None if _is_dots(each.value) else ast.unparse(each.value)) for each in call.keywords
    )
    parameters = {*required, *(name for name, _ in defaults)}
    ways = zip(("ops", "tf"), (_new_call(each, parameters) for each in new), strict=False)
    return Row(ast.unparse(call.func), required, defaults, tuple(ways))


def _call(text: str) -> ast.Call:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    return call


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _new_call(written: str, parameters: set[str]) -> NewCall:
    call = _call(written)
    places, added = [], []
    arguments = [(None, each) for each in call.args] + [(each.arg, each.value) for each in call.keywords]
    for keyword, value in arguments:
        text = ast.get_source_segment(written, value) or ""
        parameter = next((n.id for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in parameters), None)
        if parameter is None:
            added.append(f"{keyword}={text}" if keyword else text)
        elif text == parameter:
            places.append(Place(parameter, keyword or parameter))
        else:
            before, _, after = re.split(rf"\b({parameter})\b", text, maxsplit=1)
            places.append(Place(parameter, None, before, after))
    function = ast.unparse(call.func)
    owner = function.partition(".")[0]
    return NewCall(function, tuple(places), owner if owner in parameters else None, tuple(added))
