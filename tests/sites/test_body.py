"""What the body of a function does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model import site_of

from keras_lambda_lint.keras_api.random import Generator
from keras_lambda_lint.sites.bodies.randomness import Seed
from keras_lambda_lint.sites.bodies.side_effects import Changes
from keras_lambda_lint.sites.bodies.state import State, Use

if TYPE_CHECKING:
    from keras_lambda_lint.sites.model import FunctionRef

PROLOGUE = "import keras\nimport tensorflow as tf\n"


def called(text: str) -> list[set[str]]:
    """Return the names of the calls in the body of the only function."""
    function = site_of(PROLOGUE + text).function
    assert function is not None
    return [set(call.names) for call in function.calls]


def test_calls_of_a_lambda_in_the_order_of_the_text() -> None:
    assert called("keras.layers.Lambda(lambda x: tf.exp(x) + keras.ops.sum(tf.abs(x)))") == [
        {"tensorflow.exp"},
        {"keras.ops.sum"},
        {"tensorflow.abs"},
    ]


def test_calls_of_a_function_with_those_it_defines() -> None:
    text = """
def outer(x):
    def inner(y):
        return tf.abs(y)
    return inner(x)
keras.layers.Lambda(outer)
"""
    assert called(text) == [{"tensorflow.abs"}, {"<here>.inner"}]


def test_defaults_and_decorators_are_no_part_of_the_body() -> None:
    text = """
@tf.autograph.experimental.do_not_convert
def scale(x, factor=tf.constant(2.0)):
    return x * factor
keras.layers.Lambda(scale)
"""
    assert called(text) == []


def test_a_function_of_elsewhere_has_no_calls() -> None:
    assert called("keras.layers.Lambda(tf.abs)") == []


def function_of(text: str) -> FunctionRef:
    function = site_of(PROLOGUE + text).function
    assert function is not None
    return function


def test_layers_that_are_captured_and_how_they_are_used() -> None:
    text = """
alone, shared, pool = keras.layers.Dense(4), keras.layers.Dense(4), keras.layers.MaxPooling1D(2)
shared(keras.Input(shape=(4,)))
keras.layers.Lambda(lambda x: alone(x) + shared(x) + pool(x))
"""
    assert {layer.name: layer.use for layer in function_of(text).layers} == {
        "alone": Use.ALONE,
        "shared": Use.SHARED,
        "pool": Use.NO_WEIGHTS,
    }


def test_what_is_made_in_the_body() -> None:
    text = "keras.layers.Lambda(lambda x: keras.layers.Dropout(0.5)(keras.layers.Dense(4)(x)) + tf.Variable(1.0))"
    assert [made.state for made in function_of(text).creations] == [State.SEED, State.LAYER, State.VARIABLE]


def test_what_is_changed_outside_of_the_body() -> None:
    text = """
seen, calls, steps = [], 0, tf.Variable(0)
def f(x):
    global calls
    own = []
    own.append(x)
    seen.append(x)
    calls += 1
    steps.assign_add(1)
    return x
keras.layers.Lambda(f)
"""
    assert {effect.name: effect.changes for effect in function_of(text).side_effects} == {
        "seen": Changes.OBJECT,
        "calls": Changes.NAME,
        "steps": Changes.VARIABLE,
    }


def test_what_draws_random_numbers_and_from_what_seed() -> None:
    text = "keras.layers.Lambda(lambda x: tf.random.normal((4,)) + keras.random.normal((4,), 0.0, 1.0, None, 7))"
    assert [(call.generator, call.seed) for call in function_of(text).random_calls] == [
        (Generator.TENSORFLOW, Seed.NONE),
        (Generator.KERAS, Seed.NUMBER),
    ]


def test_numpy_on_what_comes_from_the_input() -> None:
    text = """
import numpy as np
def f(x, factor):
    y = tf.exp(x)
    size = np.prod(x.shape[1:])
    return np.log(y) * np.sqrt(factor) * size
keras.layers.Lambda(f, arguments={"factor": 2.0})
"""
    assert [call.name for call in function_of(text).numpy_calls] == ["np.log"]
