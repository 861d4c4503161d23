"""What the body of a function does."""

from __future__ import annotations

from harness.model import site_of

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
