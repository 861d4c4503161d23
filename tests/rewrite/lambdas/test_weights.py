"""Variables become weights: which arguments `add_weight` gets, and what goes."""

from __future__ import annotations

import ast

import pytest
from harness.tool import fixed

HEAD = "import keras\nimport tensorflow as tf\nfrom keras import backend as K\n"


def weight_of(made: str) -> tuple[dict[str, str], str]:
    """Return the arguments of `add_weight` in the fixed program, and the call that takes the site's place."""
    text = fixed(f"{HEAD}scale = {made}\nlayer = keras.layers.Lambda(lambda x: x * scale, name='a')\n").source.text
    tree = ast.parse(text)
    [weight] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_weight"
    ]
    assert f"scale = {made}" not in text.split("\n")
    last = tree.body[-1]
    assert isinstance(last, ast.Assign)
    return {str(keyword.arg): ast.unparse(keyword.value) for keyword in weight.keywords}, ast.unparse(last.value)


CONSTANT = "keras.initializers.Constant(initial_scale)"
WEIGHTS = {
    "tf.Variable(1.5)": ({"shape": "()", "dtype": "'float32'", "initializer": CONSTANT}, "1.5"),
    "tf.Variable(-1.5)": ({"shape": "()", "dtype": "'float32'", "initializer": CONSTANT}, "-1.5"),
    "tf.Variable(initial_value=1.5)": ({"shape": "()", "dtype": "'float32'", "initializer": CONSTANT}, "1.5"),
    "tf.Variable(1.5, True)": ({"shape": "()", "dtype": "'float32'", "initializer": CONSTANT}, "1.5"),
    "tf.Variable(1.5, name='s')": ({"shape": "()", "dtype": "'float32'", "initializer": CONSTANT}, "1.5"),
    "tf.Variable([1.0, 2.0])": ({"shape": "(2,)", "dtype": "'float32'", "initializer": CONSTANT}, "[1.0, 2.0]"),
    "tf.Variable([[1.0], [2.0]])": (
        {"shape": "(2, 1)", "dtype": "'float32'", "initializer": CONSTANT},
        "[[1.0], [2.0]]",
    ),
    "tf.Variable(1, dtype='float64')": ({"shape": "()", "dtype": "'float64'", "initializer": CONSTANT}, "1"),
    "tf.Variable(1.5, trainable=False)": (
        {"shape": "()", "dtype": "'float32'", "initializer": CONSTANT, "trainable": "False"},
        "1.5",
    ),
    "keras.Variable(1.5)": ({"shape": "()", "initializer": CONSTANT}, "1.5"),
    "K.variable(1.5)": ({"shape": "()", "initializer": CONSTANT}, "1.5"),
    "K.variable(1.5, 'float16')": ({"shape": "()", "dtype": "'float16'", "initializer": CONSTANT}, "1.5"),
}


@pytest.mark.parametrize(("made", "expected"), WEIGHTS.items())
def test_a_literal_becomes_the_initial_value(made: str, expected: tuple[dict[str, str], str]) -> None:
    arguments, call = weight_of(made)
    weight, initial = expected
    assert arguments == {"name": "'scale'", **weight}
    assert call == f"Scale(initial_scale={initial}, name='a')"


FILLED = {
    "tf.Variable(tf.zeros((3,)))": ("(3,)", "'zeros'"),
    "tf.Variable(tf.ones((2, 3)))": ("(2, 3)", "'ones'"),
    "tf.Variable(tf.zeros(3))": ("(3,)", "'zeros'"),
    "keras.Variable(keras.ops.ones((2,)))": ("(2,)", "'ones'"),
}


@pytest.mark.parametrize(("made", "expected"), FILLED.items())
def test_zeros_and_ones_need_no_parameter(made: str, expected: tuple[str, str]) -> None:
    arguments, call = weight_of(made)
    assert (arguments["shape"], arguments["initializer"]) == expected
    assert call == "Scale(name='a')"


def test_the_function_reads_the_weight() -> None:
    text = fixed(
        f"{HEAD}scale = tf.Variable(1.5)\nlayer = keras.layers.Lambda(lambda x: scale * x + scale, name='a')\n"
    ).source.text
    assert "return self.scale * inputs + self.scale" in text


def test_two_variables_are_two_weights() -> None:
    text = fixed(
        f"{HEAD}a = tf.Variable(1.5)\nb = tf.Variable(2.5)\nlayer = keras.layers.Lambda(lambda x: x * a + b, name='c')\n"
    ).source.text
    assert text.count("self.add_weight(") == 2
    assert text.endswith("(initial_a=1.5, initial_b=2.5, name='c')\n")


def test_a_comment_of_the_variable_moves_into_the_layer() -> None:
    text = fixed(
        f"{HEAD}scale = tf.Variable(1.5)  # learned\nlayer = keras.layers.Lambda(lambda x: x * scale, name='a')\n"
    ).source.text
    assert text.index("class Scale") < text.index("# learned") < text.index("layer =")
