"""Variables that a class keeps become weights: which arguments `add_weight` gets, and when there is no fix."""

from __future__ import annotations

import ast

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.linter import Options

HEAD = "import keras\nimport numpy as np\nimport tensorflow as tf\n\n\n"
KERAS_3 = Options(keras="3")


def layer(made: str, before: str = "", method: str = "def build(self, shape):") -> str:
    return f"{HEAD}class A(keras.layers.Layer):\n    {method}\n        {before or 'pass'}\n        self.v = {made}\n"


MADE = {
    "tf.Variable(1.0)": "name='v', shape=(), initializer='ones'",
    "tf.Variable(0.0)": "name='v', shape=(), initializer='zeros'",
    "tf.Variable(-1.5)": "name='v', shape=(), initializer=keras.initializers.Constant(-1.5)",
    "tf.Variable(2, trainable=False)": "name='v', shape=(), dtype='int32', initializer=keras.initializers.Constant(2), trainable=False",
    "tf.Variable(3)": "name='v', shape=(), dtype='int32', initializer=keras.initializers.Constant(3), trainable=False",
    "tf.Variable(3, dtype=tf.float32)": "name='v', shape=(), dtype=tf.float32, initializer=keras.initializers.Constant(3)",
    "tf.Variable(False, trainable=False)": "name='v', shape=(), dtype='bool', initializer='zeros', trainable=False",
    "tf.Variable(1.0, True)": "name='v', shape=(), initializer='ones'",
    "tf.Variable(1.0, trainable=self.learn)": "name='v', shape=(), initializer='ones', trainable=self.learn",
    "tf.Variable(1.0, name='gain')": "name='gain', shape=(), initializer='ones'",
    "tf.Variable(1.0, name='a/gain')": "name='v', shape=(), initializer='ones'",
    "tf.Variable(1.0, constraint=positive)": "name='v', shape=(), initializer='ones', constraint=positive",
    "tf.Variable([[1.0], [2.0]])": "name='v', shape=(2, 1), initializer=keras.initializers.Constant([[1.0], [2.0]])",
    "tf.Variable(tf.zeros(3))": "name='v', shape=(3,), initializer='zeros'",
    "tf.Variable(tf.ones([2, self.n], tf.float64))": "name='v', shape=[2, self.n], dtype=tf.float64, initializer='ones'",
    "tf.Variable(tf.zeros(shape[1:]))": "name='v', shape=shape[1:], initializer='zeros'",
    "tf.Variable(np.zeros((2,)))": "name='v', shape=(2,), dtype='float64', initializer='zeros'",
    "tf.Variable(keras.ops.ones((2,)))": "name='v', shape=(2,), initializer='ones'",
    "tf.Variable(tf.fill(dims=(2,), value=7))": "name='v', shape=(2,), dtype='int32', initializer=keras.initializers.Constant(7), trainable=False",
    "tf.Variable(tf.fill((2,), self.c))": "name='v', shape=(2,), initializer=keras.initializers.Constant(self.c)",
    "tf.Variable(tf.constant(0.1, shape=[4]))": "name='v', shape=[4], initializer=keras.initializers.Constant(0.1)",
    "tf.Variable(tf.random.uniform((2,), -1.0, 1.0))": "name='v', shape=(2,), initializer=keras.initializers.RandomUniform(minval=-1.0, maxval=1.0)",
    "tf.Variable(tf.random.truncated_normal((2,), seed=3))": "name='v', shape=(2,), initializer=keras.initializers.TruncatedNormal(mean=0.0, stddev=1.0)",
    "tf.Variable(keras.initializers.GlorotUniform()((2, 3)))": "name='v', shape=(2, 3), initializer=keras.initializers.GlorotUniform()",
}


@pytest.mark.parametrize("made", MADE)
def test_arguments(made: str) -> None:
    [weight] = [
        node
        for node in ast.walk(ast.parse(fixed(layer(made), KERAS_3).source.text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.add_weight"
    ]
    assert ast.unparse(weight) == f"self.add_weight({MADE[made]})"


REFUSED = {
    "the shape of its first value is not known": [
        "tf.Variable(shape)",
        "tf.Variable(tf.zeros(self.n))",
        "tf.Variable(tf.constant(self.c))",
        "tf.Variable(f(2))",
        "tf.Variable(lambda: 1.0)",
    ],
    "has no initial value": ["tf.Variable(shape=(2,))"],
    "`shape`, which no weight has": ["tf.Variable(1.0, shape=tf.TensorShape(None))"],
    "how its first value is filled": ["tf.Variable(tf.random.uniform((2,), 0, 1, foo=3))"],
}


@pytest.mark.parametrize(("reason", "made"), [(reason, each) for reason, all_ in REFUSED.items() for each in all_])
def test_refused(reason: str, made: str) -> None:
    [finding] = [each for each in findings(layer(made), KERAS_3) if each.code == "KLL208"]
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


USES = {
    "made in a method": layer("tf.Variable(1.0)", method="def call(self, x):"),
    "before the constructor of the base class": layer("tf.Variable(1.0)", method="def __init__(self):"),
    "bound to something else too": layer("tf.Variable(1.0)", before="self.v = 3"),
    "`self.v.scatter_nd_add` is not there": layer("tf.Variable(1.0)") + "        self.v.scatter_nd_add([0], [1])\n",
    "`gradient` takes no weight of Keras 3": layer("tf.Variable(1.0)") + "        tape.gradient(y, [self.v])\n",
    "in a list that an operation of TensorFlow takes": layer("tf.Variable(1.0)") + "        y = tf.stack([self.v])\n",
}


@pytest.mark.parametrize("reason", USES)
def test_refused_for_its_uses(reason: str) -> None:
    [finding] = [each for each in findings(USES[reason], KERAS_3) if each.code == "KLL208"]
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


def test_none_first_is_no_other_value() -> None:
    text = fixed(layer("tf.Variable(1.0)", before="self.v = None"), KERAS_3).source.text
    assert "self.v = None" in text
    assert "self.v = self.add_weight(" in text


def test_an_annotation_that_names_the_variable_goes() -> None:
    program = layer("tf.Variable(1.0)").replace("self.v =", "self.v: tf.Variable =")
    text = fixed(program, KERAS_3).source.text
    assert 'self.v = self.add_weight(name="v", shape=(), initializer="ones")' in text


def test_what_only_made_the_variable_goes() -> None:
    text = fixed(layer("tf.Variable(1.0)"), KERAS_3).source.text
    assert "import tensorflow" not in text


@pytest.mark.parametrize(("made", "gets"), [(["1.0"], "a weight"), (["1.0", "2.0"], "weights")])
def test_the_message_counts(made: list[str], gets: str) -> None:
    program = layer("None", "\n        ".join(f"self.v{value[0]} = tf.Variable({value})" for value in made))
    assert {each.fix.message for each in findings(program, KERAS_3) if each.fix is not None} == {f"`A` gets {gets}"}
