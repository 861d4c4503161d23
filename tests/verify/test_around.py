"""Fixes that change what lies around layers, such as a class statement: only whole models tell what they did."""

import pytest

from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

PROGRAM = """
import keras

{decorator}class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return inputs * {factor}

{model}
"""
MODEL = """
inputs = keras.Input((4,))
model = keras.Model(inputs, Doubled()(inputs))
"""
REGISTERED = '@keras.utils.register_keras_serializable(package="test")\n'


def text(decorator="", factor=2, model=MODEL):
    return PROGRAM.format(decorator=decorator, factor=factor, model=model)


def verdict(verify, original, fixed):
    pattern = r"class Doubled"
    return verify(original, fixed, (pattern, pattern), replaces=False).sites[0].verdict


def test_a_class_that_gets_registered_agrees_and_reloads(verify):
    found = verdict(verify, text(), text(REGISTERED))
    assert found.kind is Kind.AGREE
    assert "Could not locate class" in found.before
    assert found.after == "reloads and agrees"


def test_a_class_that_computes_something_else_differs(verify):
    assert verdict(verify, text(), text(REGISTERED, factor=3)).kind is Kind.DIFFER


def test_a_class_that_ends_the_script_is_an_error(verify):
    found = verdict(verify, text(), text("@missing\n"))
    assert (found.kind, found.shared) == (Kind.ERROR, True)


def test_a_class_that_no_model_holds_is_uncovered(verify):
    found = verdict(verify, text(model=""), text(REGISTERED, model=""))
    assert (found.kind, found.detail) == (Kind.UNCOVERED, "no model was built")


WHOLE = """
import keras
import tensorflow as tf


def start(shape, dtype=None):
    return tf.fill(shape, {start})


def drawn(shape, dtype=None):
    return tf.random.normal(shape, stddev={deviation})


def far(y_true, y_pred):
    return tf.reduce_sum(tf.{far}(y_true - y_pred), axis=-1)


inputs = keras.Input((4,))
model = keras.Model(inputs, keras.layers.Dense(3, kernel_initializer=start)(
    keras.layers.Dense(64, kernel_initializer=drawn)(inputs)))
model.compile("sgd", far)
"""
RIGHT = {"start": 0.3, "deviation": 0.1, "far": "abs"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, ""),
        ({"start": 0.4}, "initial value of the weight "),
        ({"deviation": 0.2}, "initial value of the weight "),
        ({"far": "square"}, "the loss 0 that it was compiled with, error "),
    ],
    ids=["right", "initializer", "drawn", "loss"],
)
def test_functions_of_weights_and_losses(verify, wrong, said):
    call = r"model\.compile\([^()]*\)"
    found = verify(WHOLE.format(**RIGHT), WHOLE.format(**{**RIGHT, **wrong}), (call, call), replaces=False)
    assert found.sites[0].verdict.kind is (Kind.DIFFER if wrong else Kind.AGREE)
    assert found.sites[0].verdict.detail.startswith(said)
