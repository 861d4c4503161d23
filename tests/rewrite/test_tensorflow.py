"""Operations of TensorFlow in functions of `Lambda` layers: when all of a function becomes `keras.ops`, and why not."""

from __future__ import annotations

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.linter import Options

KERAS_3 = Options(keras="3", named=frozenset({"KLL402"}))

HEADER = (
    "import keras\nimport numpy as np\nimport tensorflow as tf\n\nCENTRE = np.array([0.5, 1.5])\nROOT = np.sqrt(2.0)\n"
)


def reason(body: str, parameters: str = "x", layer: str = "keras.layers.Lambda(own)") -> str | None:
    """Return why the function of a layer keeps its operations; None where it does not."""
    program = f"{HEADER}\n\ndef own({parameters}):\n    return {body}\n\n\nlayer = {layer}\n"
    found = [finding for finding in findings(program, KERAS_3) if finding.code == "KLL402"]
    assert len(found) == 1
    return found[0].no_fix


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("tf.exp(tf.reduce_mean(x))", "`tf.reduce_mean` has no equal"),
        ("tf.subtract(x, CENTRE)", "`CENTRE` may be an array"),
        ("tf.maximum(x, ROOT)", "`ROOT` may be an array"),
        ("tf.maximum(x, np.float64(0.5))", "what `np.float64` returns may be an array"),
        ("tf.ones_like(x) * tf.shape(x)[0]", "`tf.shape` is a tensor"),
        ("tf.matmul(x, x, transpose_b=True)", "an argument of `tf.matmul` has no counterpart"),
        ("tf.foldl(tf.add, x)", "`tf.foldl` has no equal"),
        ("tf.exp(tf.reshape(x, tf.TensorShape([1, 2])))", "`tf.TensorShape` has no counterpart"),
        ("tf.cast(x, tf.string)", "`tf.string` has no counterpart"),
        ("tf.exp(x, name='exp')", "an argument of `tf.exp`"),
    ],
)
def test_a_function_keeps_all_its_operations_where_one_stays(body: str, said: str) -> None:
    assert said in (reason(body) or "")


@pytest.mark.parametrize(
    ("parameters", "layer", "stays"),
    [
        ("x, by", "keras.layers.Lambda(own, arguments={'by': CENTRE})", True),
        ("x, by", "keras.layers.Lambda(own, arguments=dict(**options))", True),
        ("x, by", "keras.layers.Lambda(own, arguments={'by': 0.5})", False),
        ("x, by=-0.5", "keras.layers.Lambda(own)", False),
        ("x, by=CENTRE", "keras.layers.Lambda(own)", True),
    ],
)
def test_arguments_may_be_arrays_unless_they_are_seen_not_to_be(parameters: str, layer: str, *, stays: bool) -> None:
    assert ("`by` may be an array" in (reason("tf.multiply(x, by)", parameters, layer) or "")) is stays


def test_operations_of_one_tensor_take_arrays_alike() -> None:
    assert reason("tf.exp(x) + CENTRE") is None


def test_the_name_of_keras_has_to_mean_the_same_in_the_function() -> None:
    assert "`keras` is not the same" in (reason("tf.exp(x) * keras", "x, keras=1") or "")


def test_a_lambda_computes_with_keras_before_it_becomes_a_layer() -> None:
    program = "import keras\nimport tensorflow as tf\n\nlayer = keras.layers.Lambda(lambda t: tf.square(t) + 1, name='more')\n"
    text = fixed(program, KERAS_3).source.text
    assert "return keras.ops.square(inputs) + 1" in text
    assert "tensorflow" not in text
