"""Static shapes: what is known, and that nothing else is claimed."""

from __future__ import annotations

import pytest
from harness.model import site_of

from keras_lambda_lint.sites.model import Effect, ShapeChange

HEAD = """\
import keras
import tensorflow as tf
from keras import backend as K
from keras import ops
from tables import a, f, flag, m, n, table, y
N = 2
"""


def shape_of(function: str, given: str = "(4, 3)", before: str = "") -> ShapeChange:
    return site_of(f"{HEAD}{before}keras.layers.Lambda({function})(keras.Input({given}))\n").shape


KNOWN = {
    "lambda x: x": "(None, 4, 3)",
    "lambda x: x * 2 + 1": "(None, 4, 3)",
    "lambda x: -x / N": "(None, 4, 3)",
    "lambda x: tf.abs(x)": "(None, 4, 3)",
    "lambda x: tf.nn.relu(tf.math.exp(x))": "(None, 4, 3)",
    "lambda x: ops.square(x) - x": "(None, 4, 3)",
    "lambda x: K.clip(x, 0, 1)": "(None, 4, 3)",
    "lambda x: x > 0": "(None, 4, 3)",
    "lambda x: ops.maximum(x, 0.0)": "(None, 4, 3)",
    "lambda x: x[:]": "(None, 4, 3)",
    "lambda x: x[:, 0]": "(None, 3)",
    "lambda x: x[:, N]": "(None, 3)",
    "lambda x: x[:, -1, :]": "(None, 3)",
    "lambda x: x[..., 0]": "(None, 4)",
    "lambda x: x[:, ..., 0]": "(None, 4)",
    "lambda x: x[:, 1:3]": "(None, 2, 3)",
    "lambda x: x[:, ::2]": "(None, 2, 3)",
    "lambda x: x[:, ::-1]": "(None, 4, 3)",
    "lambda x: x[:, -2:]": "(None, 2, 3)",
    "lambda x: x[:, :N, :1]": "(None, 2, 1)",
    "lambda x: x[:, :100]": "(None, 4, 3)",
    "lambda x: x[0]": "(4, 3)",
    "lambda x: tf.reduce_sum(x, axis=1)": "(None, 3)",
    "lambda x: tf.reduce_mean(x, 2)": "(None, 4)",
    "lambda x: tf.reduce_mean(x, [1, 2])": "(None,)",
    "lambda x: ops.max(x, axis=(1, -1))": "(None,)",
    "lambda x: ops.mean(x)": "()",
    "lambda x: ops.mean(x, axis=-1, keepdims=True)": "(None, 4, 1)",
    "lambda x: K.sum(x, axis=1, keepdims=False)": "(None, 3)",
    "lambda x: tf.argmax(x, axis=1)": "(None, 3)",
    "lambda x: K.argmax(x)": "(None, 4)",
    "lambda x: x - ops.mean(x, axis=1, keepdims=True)": "(None, 4, 3)",
    "lambda x: ops.sum(x, axis=1) * 2": "(None, 3)",
}


@pytest.mark.parametrize(("function", "shape"), KNOWN.items())
def test_inferred_shape(function: str, shape: str) -> None:
    found = shape_of(function)
    assert found.shape == shape
    assert found.effect is (Effect.SAME if shape == "(None, 4, 3)" else Effect.CHANGED)


UNKNOWN = [
    "lambda x: f(x)",
    "lambda x: x[:, n]",
    "lambda x: ops.mean(x, axis=-1, keepdims=flag)",
    "lambda x: x if flag else x[:, 0]",
    "lambda x: x.get()",
    "lambda x: x * y",
    "lambda x: tf.reshape(x, (-1, 4, -1))",
    "lambda x: tf.argmax(2.0, axis=3)",
    "lambda x: K.batch_flatten(2.0)",
    "lambda x: tf.argmax(x[0, 0], axis=1)",
    "lambda x: tf.repeat(2.0, 3, axis=0)",
    "lambda: 1",
]


@pytest.mark.parametrize("function", UNKNOWN)
def test_what_the_code_does_not_tell_stays_unknown(function: str) -> None:
    assert shape_of(function) == ShapeChange(Effect.UNKNOWN)


WITHOUT_INPUT = {
    "lambda x: x * 2": Effect.SAME,
    "lambda x: tf.abs(x) + x": Effect.SAME,
    "lambda x: x[..., ::-1]": Effect.SAME,
    "lambda x: x[:, 0]": Effect.CHANGED,
    "lambda x: ops.mean(x, axis=1)": Effect.CHANGED,
    "lambda x: ops.mean(x)": Effect.CHANGED,
    "lambda x: x[0]": Effect.UNKNOWN,
    "lambda x: x[:, :2]": Effect.UNKNOWN,
    "lambda x: ops.mean(x, axis=1, keepdims=True)": Effect.UNKNOWN,
    "lambda x: f(x)": Effect.UNKNOWN,
}


@pytest.mark.parametrize(("function", "effect"), WITHOUT_INPUT.items())
def test_without_the_shape_of_the_input_only_the_effect_is_known(function: str, effect: Effect) -> None:
    found = site_of(f"{HEAD}def f(i):\n    return keras.layers.Lambda({function})(i)\n").shape
    assert found == ShapeChange(effect)


FAILS = {
    "lambda x: tf.one_hot(x, 3)": "`tf.one_hot` takes integers only",
    "lambda x: 2 * tf.gather(table, x)": "`tf.gather` takes integers only",
    "lambda x: tf.nn.embedding_lookup(table, x)": "takes integers only",
    "lambda x: tf.py_function(f, [x], tf.float32)": "`tf.py_function` has no static shape",
    "lambda x: tf.numpy_function(f, [x], tf.float32)": "has no static shape",
}


@pytest.mark.parametrize(("function", "reason"), FAILS.items())
def test_where_keras_cannot_infer_the_shape(function: str, reason: str) -> None:
    found = shape_of(function)
    assert found.effect is Effect.FAILS
    assert reason in (found.reason or "")


@pytest.mark.parametrize(
    "function",
    ["lambda x: tf.one_hot(tf.cast(x, tf.int32), 3)", "lambda x: ops.one_hot(x, 3)", "lambda x: K.gather(table, x)"],
)
def test_where_keras_can(function: str) -> None:
    assert shape_of(function).effect is not Effect.FAILS


INPUTS = {
    "(4, 3)": "(None, 3)",
    "shape=(4, 3)": "(None, 3)",
    "shape=[4, 3]": "(None, 3)",
    "batch_shape=(7, 4, 3)": "(7, 3)",
    "(None, 3)": "(None, 3)",
    "(N, 3)": "(None, 3)",
    "(n, m)": "(None, ?)",
}


@pytest.mark.parametrize(("given", "shape"), INPUTS.items())
def test_input_shapes(given: str, shape: str) -> None:
    assert shape_of("lambda x: x[:, 0]", given).shape == shape


@pytest.mark.parametrize("given", ["shape", "shape=shape", "tensor=t", "(*dims, 3)", "**options"])
def test_input_shapes_that_are_not_known(given: str) -> None:
    assert shape_of("lambda x: x[:, 0]", given) == ShapeChange(Effect.CHANGED)


def test_a_length_that_the_code_determines_and_keras_does_not_see() -> None:
    found = shape_of("lambda x: tf.reshape(x, (tf.shape(x)[0], -1))")
    assert (found.shape, found.hidden) == ("(None, None)", ((1, 12),))
    assert not shape_of("lambda x: tf.reshape(x, (tf.shape(x)[0], -1))", "batch_shape=(2, 4, 3)").hidden


@pytest.mark.parametrize("layer", ["Add()", "Concatenate()"])
def test_a_length_that_one_of_several_tensors_does_not_tell_is_open(layer: str) -> None:
    tensors = "[keras.Input((None, 3)), keras.Input((4, 3))]"
    site = site_of(f"{HEAD}keras.layers.Lambda(lambda x: x[..., 0])(keras.layers.{layer}({tensors}))\n")
    assert site.shape.shape == "(None, ?)"


def test_input_through_a_name() -> None:
    site = site_of(f"{HEAD}i = keras.Input((4, 3))\nkeras.layers.Lambda(lambda x: x[:, 0])(i)\n")
    assert site.shape.shape == "(None, 3)"


def test_input_through_a_name_that_is_bound_twice_is_not_known() -> None:
    site = site_of(f"{HEAD}i = keras.Input((4, 3))\nif a:\n    i = f(i)\nkeras.layers.Lambda(lambda x: x[:, 0])(i)\n")
    assert site.shape == ShapeChange(Effect.CHANGED)


def test_input_shape_of_the_layer() -> None:
    site = site_of(f"{HEAD}keras.layers.Lambda(lambda x: x[:, 0], input_shape=(4, 3))\n")
    assert site.shape.shape == "(None, 3)"


FUNCTIONS = {
    "def f(x):\n    return x[:, 0]\n": "(None, 3)",
    "def f(x):\n    'Documented.'\n    y = x * 2\n    z = y[:, 0]\n    return z\n": "(None, 3)",
    "def f(x):\n    x = x[:, 0]\n    x = x * 2\n    return x\n": "(None, 3)",
    "def f(x):\n    if a:\n        return x\n    return x[:, 0]\n": None,
    "def f(x):\n    for i in y:\n        x = x[:, 0]\n    return x\n": None,
    "def f(x):\n    a, b = x, x\n    return a\n": "(None, 4, 3)",
    "def f(x):\n    pass\n": None,
    "def f(x):\n    def g(y):\n        return y\n    return g(x)\n": None,
}


@pytest.mark.parametrize(("function", "shape"), FUNCTIONS.items())
def test_straight_functions(function: str, shape: str | None) -> None:
    assert shape_of("f", before=function).shape == shape


def test_several_functions_have_no_shape() -> None:
    assert shape_of("(lambda x: x) if a else (lambda x: x[:, 0])") == ShapeChange(Effect.UNKNOWN)


INPUT_LISTS = {
    "x[0] * x[1]": (Effect.SAME, "(None, 4, 3)"),
    "x[0][:, 0]": (Effect.CHANGED, "(None, 3)"),
    "tf.concat(x, -1)": (Effect.CHANGED, "(None, 4, 6)"),
    "x[2]": (Effect.FAILS, None),
    "x[0] + x[1][:, :2]": (Effect.FAILS, None),
    "x": (Effect.CHANGED, "[(None, 4, 3), (None, 4, 3)]"),
}


@pytest.mark.parametrize(("body", "expected"), INPUT_LISTS.items())
def test_several_inputs(body: str, expected: tuple[Effect, str | None]) -> None:
    site = site_of(f"{HEAD}i = keras.Input((4, 3))\nkeras.layers.Lambda(lambda x: {body})([i, i])\n")
    assert (site.shape.effect, site.shape.shape) == expected


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ("return tf.py_function(g, [x], tf.float32)", Effect.FAILS),
        ("return tf.nn.relu(tf.py_function(g, [x], tf.float32))", Effect.FAILS),
        ("return tf.reshape(tf.numpy_function(g, [x], tf.float32), (-1, 4))", Effect.UNKNOWN),
        ("return tf.ensure_shape(tf.numpy_function(g, [x], tf.float32), (None, 4))", Effect.UNKNOWN),
        ("y = tf.py_function(g, [x], tf.float32)\n    y.set_shape(x.shape)\n    return y", Effect.UNKNOWN),
    ],
)
def test_a_shape_that_is_stated_again_is_not_hidden(body: str, effect: Effect) -> None:
    text = f"import keras\nimport tensorflow as tf\nfrom tables import g\n\n\ndef f(x):\n    {body}\n\n\ny = keras.layers.Lambda(f)(keras.Input((4,)))\n"
    assert site_of(text).shape.effect is effect


def test_a_layer_that_a_subclassed_model_calls_gets_real_tensors() -> None:
    text = (
        "import keras\nimport tensorflow as tf\n\n\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.encode = keras.layers.Lambda(lambda x: tf.one_hot(x, 10), name='encode')\n"
    )
    assert site_of(text).shape.effect is Effect.UNKNOWN


@pytest.mark.parametrize("layer", ["Conv1D(3, 1, strides=0)", "MaxPooling1D(0)", "Conv1D(3, 2, dilation_rate=-1)"])
def test_a_window_that_cannot_be_is_not_known(layer: str) -> None:
    text = f"import keras\nkeras.layers.Lambda(lambda x: x[:, 0])(keras.layers.{layer}(keras.Input((4, 3))))\n"
    assert site_of(text).shape.shape is None
