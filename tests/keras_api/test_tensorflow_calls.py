"""The rows of `keras_api/tensorflow_calls.py`: what a fix writes computes what TensorFlow did, on the installed packages."""

from __future__ import annotations

import ast
import importlib.util
from functools import cache

import pytest
from harness.measure import ask
from harness.tool import accept_all, source_of

from keras_lambda_lint.keras_api.tensorflow_calls import DTYPES, row_name, rows, written_value
from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rewrite import engine

ONE = ["x", "y / 3"]
TWO = ["x, x", "x, 0", "0, x", "x, x[:, :1]"]
FLOATS = ["x, 0.5", "y, 0.5"]
REDUCED = ["x", "x, 1", "x, axis=-1", "x, axis=[0, 2], keepdims=True", "axis=1, input_tensor=x", "x, -1, True"]
BOOLEANS = ["b", "b, 1", "b, axis=[0, 1]", "x > 0, axis=-1, keepdims=True"]
LOGICAL = ["b, b", "x > 0, x < 1"]
ARGUMENTS = {
    "tf.add": [*TWO, *FLOATS], "tf.cast": ["x, tf.float32", "x, 'int32'", "b, tf.float32", "dtype=tf.bool, x=x", "b, x.dtype"],
    "tf.clip_by_value": ["x, 0, 1", "y, -0.5, 0.5", "clip_value_max=1, clip_value_min=0, t=x", "x, -x, x"],
    "tf.concat": ["[x, x], 1", "axis=-1, values=[x, x]", "[m, p], axis=0"],
    "tf.cumsum": ["x", "x, 1", "x, axis=-1"], "tf.equal": TWO, "tf.expand_dims": ["x, 1", "x, axis=-1", "axis=0, input=x"],
    "tf.greater": [*TWO, *FLOATS], "tf.greater_equal": [*TWO, *FLOATS], "tf.less": [*TWO, *FLOATS], "tf.less_equal": [*TWO, *FLOATS],
    "tf.logical_and": LOGICAL, "tf.logical_not": ["b", "x > 0"], "tf.logical_or": LOGICAL, "tf.not_equal": TWO,
    "tf.matmul": ["y, z", "b=z, a=y", "m, tf.transpose(p)", "x, tf.transpose(x, [0, 2, 1])"],
    "tf.maximum": [*TWO, *FLOATS], "tf.minimum": [*TWO, *FLOATS], "tf.multiply": [*TWO, *FLOATS, "y=x, x=x"],
    "tf.nn.leaky_relu": ["x", "x, 0.1", "features=y, alpha=0.3"], "tf.nn.log_softmax": ["x", "x, 1", "y, axis=0", "logits=x"],
    "tf.nn.softmax": ["x", "x, 1", "y, axis=0", "logits=x"],
    "tf.ones_like": ["x", "x, tf.int32", "dtype='float16', input=x"], "tf.zeros_like": ["x", "x, tf.int32", "dtype='float16', input=x"],
    "tf.pow": ["x, 2", "y, 0.5", "y, x", "x, x"], "tf.reduce_all": BOOLEANS, "tf.reduce_any": BOOLEANS,
    "tf.reduce_logsumexp": REDUCED, "tf.reduce_max": REDUCED, "tf.reduce_min": REDUCED, "tf.reduce_prod": REDUCED, "tf.reduce_sum": REDUCED,
    "tf.repeat": ["x, 2, 1", "x, repeats=3, axis=-1", "x, [1, 2, 1], axis=1"],
    "tf.reshape": ["x, (-1,)", "x, [2, -1]", "shape=(-1, 8), tensor=x", "x, (tf.shape(x)[0], -1)", "y, tf.shape(x)"],
    "tf.reverse": ["x, [1]", "x, axis=[0, -1]"], "tf.shape": [],
    "tf.squeeze": ["x[:, :1]", "x[:, :1], 1", "x[:, :1], axis=[1]", "input=x[:1, :1]"],
    "tf.stack": ["[x, x]", "[x, x], 1", "axis=-1, values=[x, x]"], "tf.subtract": [*TWO, *FLOATS],
    "tf.tile": ["x, [1, 2, 1]", "multiples=(2, 1, 1), input=x"], "tf.transpose": ["x", "x, [0, 2, 1]", "perm=[2, 0, 1], a=x"],
    "tf.where": ["x > 0, x, x", "x > 0, x, 0", "y > 0, y, 0.5", "b, 1.0, 0.0", "x > 0, 1, 0"],
}  # fmt: skip

EVERY = [(name, arguments) for name in rows() for arguments in ARGUMENTS.get(name, ONE)]


@cache
def rewritten(name: str, arguments: str) -> str | None:
    """Return the expression that a fix makes of a call; None where it makes none."""
    program = (
        "import keras\nimport tensorflow as tf\n\n\ndef own(given):\n    x, y, z, m, p, b, i, n = given\n"
        f"    return {name}({arguments})\n\n\nlayer = keras.layers.Lambda(own)\n"
    )
    codes, options = frozenset({"KLL402"}), Options(keras="3")
    outcome = engine.fix(
        source_of(program), lambda text, others: lint(text, codes, options, fixes=True, others=others), accept_all
    )
    function = next(node for node in ast.parse(outcome.source.text).body if isinstance(node, ast.FunctionDef))
    value = function.body[-1].value  # type: ignore[attr-defined]
    written: str = ast.unparse(value)
    return None if written == ast.unparse(ast.parse(f"{name}({arguments})", mode="eval")) else written


@cache
def differences() -> dict[str, dict[str, str]]:
    """Return for each call that is rewritten what differs on which input."""
    pairs = {
        f"{name}({arguments})": [(f"{name}({arguments})", new)]
        for name, arguments in EVERY
        if (new := rewritten(name, arguments)) is not None
    }
    found: dict[str, list[dict[str, str]]] = ask(pairs=pairs)["pairs"]
    return {call: outcomes[0] for call, outcomes in found.items()}


@pytest.mark.parametrize(("name", "arguments"), EVERY)
def test_every_call_is_written_anew(name: str, arguments: str) -> None:
    written = rewritten(name, arguments)
    assert written is not None
    assert "tf." not in written


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
@pytest.mark.parametrize(("name", "arguments"), EVERY)
def test_what_a_fix_writes_computes_the_same(name: str, arguments: str) -> None:
    found = differences()[f"{name}({arguments})"]
    assert found, "no input on which TensorFlow's works"
    assert not {kind: difference for kind, difference in found.items() if difference}


@pytest.mark.execution
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
def test_second_names_are_of_the_same_operations() -> None:
    import tensorflow as tf

    for group in ("math", "linalg", "nn"):
        for last in dir(getattr(tf, group)):
            name = row_name(f"tensorflow.{group}.{last}")
            if name is not None:
                operation = tf
                for part in name.split(".")[1:]:
                    operation = getattr(operation, part)
                assert operation is getattr(getattr(tf, group), last), name


def test_constants_are_written_without_tensorflow() -> None:
    assert {written_value(f"tensorflow.{name}") for name in DTYPES} == {f'"{name}"' for name in DTYPES}
    assert written_value("tensorflow.newaxis") == "None"
    assert written_value("tensorflow.string") is None
