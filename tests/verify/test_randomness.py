"""Noise is recorded: the original and the fixed program draw the same numbers, so that what they do with them is compared."""

import pytest

from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = """
import keras
import numpy as np
import random
import tensorflow as tf
from keras import backend as K
from keras.layers import Dense, Dropout, Input, Lambda
"""

OWNER = """
@keras.utils.register_keras_serializable(package="test")
class Fixed{number}(keras.layers.Layer):
    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x):
        return {body}

    def get_config(self):
        return {{**super().get_config(), "seed": self.seed}}
"""

PLAIN = """
@keras.utils.register_keras_serializable(package="test")
class Fixed{number}(keras.layers.Layer):
    def call(self, x):
        return {body}
"""

LAMBDA = r"Lambda\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"


def pair(*bodies, layer=OWNER):
    """One model that feeds one input through several layers: their originals and the fixed ones."""
    calls = [
        "".join(f"    {each}(inputs),\n" for each in column)
        for column in (
            [f"Lambda(lambda x: {body})" for body, _ in bodies],
            [f"Fixed{number}()" for number in range(len(bodies))],
        )
    ]
    classes = "".join(layer.format(number=number, body=body) for number, (_, body) in enumerate(bodies))
    model = "inputs = Dense(3)(Input((4,)))\nmodel = keras.Model(inputs._keras_history[0].input, [\n{0}])\n"
    return HEAD + model.format(calls[0]), HEAD + classes + model.format(calls[1])


def verdicts(verify, *bodies, layer=OWNER, **options):
    original, fixed = pair(*bodies, layer=layer)
    fixed = fixed.replace("GENERATOR", "self.seed_generator")
    return [site.verdict for site in verify(original, fixed, (LAMBDA, r"Fixed\d+\(\)"), **options).sites]


RIGHT = {
    "normal": ("x + tf.random.normal(tf.shape(x))", "x + keras.random.normal(keras.ops.shape(x), seed=GENERATOR)"),
    "mean and deviation": (
        "tf.random.normal(tf.shape(x), x, tf.exp(x / 2))",
        "x + keras.ops.exp(x / 2) * keras.random.normal(keras.ops.shape(x), seed=GENERATOR)",
    ),
    "uniform": (
        "x * tf.random.uniform((3,), 0.5, 2.0, seed=3)",
        "x * keras.random.uniform((3,), 0.5, 2.0, seed=GENERATOR)",
    ),
    "truncated normal": (
        "x + tf.random.truncated_normal(tf.shape(x), stddev=0.1)",
        "x + keras.random.truncated_normal(keras.ops.shape(x), stddev=0.1, seed=GENERATOR)",
    ),
    "categorical": ("tf.random.categorical(x, 5)", "keras.random.categorical(x, 5, 'int64', GENERATOR)"),
    "whole numbers": (
        "x + tf.cast(tf.random.uniform((3,), 2, 9, 'int32'), 'float32')",
        "x + keras.ops.cast(keras.random.randint((3,), 2, 9, seed=GENERATOR), 'float32')",
    ),
    "dropout": ("tf.nn.dropout(x, 0.3)", "keras.random.dropout(x, 0.3, seed=GENERATOR)"),
    "NumPy": ("x + np.random.normal(0.0, 0.1, size=3)", "x + keras.random.normal((3,), 0.0, 0.1, x.dtype, GENERATOR)"),
    "Python": ("x * random.random()", "x * keras.random.uniform((), 0.0, 1.0, x.dtype, GENERATOR)"),
}

WRONG = {
    "normal": "x + keras.random.normal(keras.ops.shape(x), stddev=1.01, seed=GENERATOR)",
    "mean and deviation": "x + keras.ops.exp(x) * keras.random.normal(keras.ops.shape(x), seed=GENERATOR)",
    "uniform": "x * keras.random.uniform((3,), 0.5, 1.9, seed=GENERATOR)",
    "truncated normal": "x + keras.random.normal(keras.ops.shape(x), stddev=0.1, seed=GENERATOR)",
    "categorical": "keras.random.categorical(-x, 5, 'int64', GENERATOR)",
    "whole numbers": "x + keras.ops.cast(keras.random.randint((3,), 2, 8, seed=GENERATOR), 'float32')",
    "dropout": "keras.random.dropout(x, 0.4, seed=GENERATOR)",
    "NumPy": "x + keras.random.normal((), 0.0, 0.1, seed=GENERATOR)",
    "Python": "x * keras.random.normal((), seed=GENERATOR)",
}


def test_the_same_draws_agree(verify):
    found = verdicts(verify, *RIGHT.values())

    assert dict(zip(RIGHT, map(str, found), strict=True)) == dict.fromkeys(RIGHT, "agree (12 cases)")
    assert all(each.promotes for each in found)


def test_other_parameters_shapes_or_kinds_differ(verify):
    found = verdicts(verify, *((RIGHT[name][0], wrong) for name, wrong in WRONG.items()))

    assert {name: each.kind for name, each in zip(WRONG, found, strict=True)} == dict.fromkeys(WRONG, Kind.DIFFER)


BACKEND = {
    "normal": "x + K.random_normal(K.shape(x), stddev=0.5)",
    "uniform": "x + K.random_uniform(K.shape(x))",
    "bernoulli": "x * K.random_bernoulli(K.shape(x), 0.4)",
    "dropout": "K.dropout(x, 0.4)",
}


def test_functions_of_the_backend_of_keras_2(verify):
    same = verdicts(verify, *((body, body) for body in BACKEND.values()), layer=PLAIN, keras="2")
    other = verdicts(
        verify, *((body, body.replace("K.", "0.9 * K.", 1)) for body in BACKEND.values()), layer=PLAIN, keras="2"
    )

    assert [str(each) for each in same] == ["agree (12 cases)"] * len(BACKEND)
    assert [each.kind for each in other] == [Kind.DIFFER] * len(BACKEND)


def test_numbers_that_repeat_are_not_new_ones(verify):
    drawn = "x + keras.random.normal((3,), seed={0})"
    [repeats] = verdicts(verify, ("x + tf.random.normal((3,))", drawn.format(7)))
    [changes] = verdicts(verify, (drawn.format(7), drawn.format("GENERATOR")))

    assert str(repeats) == "differ (fixed0 draws the same numbers at every call, the original new ones)"
    assert changes.kind is Kind.AGREE


def test_a_seed_that_is_an_argument_must_stay(verify):
    body = "x + tf.random.stateless_normal((3,), seed=(1, {0}))"
    same, other = verdicts(verify, (body.format(2), body.format(2)), (body.format(2), body.format(3)), layer=PLAIN)

    assert same.kind is Kind.AGREE
    assert other.kind is Kind.DIFFER


def test_noise_of_other_kinds_agrees_modulo_randomness(verify):
    gamma = "x + tf.random.gamma((3,), {0})"
    [same] = verdicts(verify, (gamma.format(2.0), gamma.format(2.0)), layer=PLAIN)
    [other] = verdicts(verify, (gamma.format(2.0), gamma.format(8.0)), layer=PLAIN)

    assert str(same) == "agree modulo randomness (12 cases)"
    assert same.holds
    assert not same.promotes
    assert str(other) == "differ (the noise of fixed0 has another distribution)"


def test_layers_of_keras_that_draw_are_compared_in_training(verify, keras):
    model = """
inputs = Input((4,))
x = keras.layers.GaussianNoise(0.3)(Dropout({rate})(inputs))
model = keras.Model(inputs, {layer}(x))
"""
    layer = PLAIN.format(number="", body="x * 2")
    original = HEAD + model.format(rate=0.5, layer="Lambda(lambda x: x * 2)")
    same = verify(original, HEAD + layer + model.format(rate=0.5, layer="Fixed()"), keras=keras)
    other = verify(original, HEAD + layer + model.format(rate=0.6, layer="Fixed()"), keras=keras)

    assert str(same.models[0].verdict) == "agree (12 cases)"
    assert other.models[0].verdict.kind is Kind.DIFFER
    assert "with training=True" in other.models[0].verdict.detail
