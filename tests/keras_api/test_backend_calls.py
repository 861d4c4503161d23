"""The rows of `keras_api/backend_calls.py`: what a fix writes computes what the function of Keras 2 did, on the installed packages."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache

import pytest
from harness.measure import ask
from harness.tool import fixed
from test_backend import CALLS

from keras_lambda_lint.keras_api.backend import REMOVED
from keras_lambda_lint.keras_api.backend_calls import DIFFERENT, rows
from keras_lambda_lint.linter import Options

WAYS = {"ops": Options(keras="3"), "tf": Options()}
BY_NAME = {
    "argmin": ["x, axis=1"], "any": ["b, keepdims=True, axis=1"], "clip": ["max_value=1, min_value=0, x=x"],
    "concatenate": ["axis=1, tensors=[x, y]"], "constant": ["value, 'int32'", "value=value, dtype='float16'"],
    "gather": ["indices=indices, reference=x"], "greater": ["y=y, x=x"], "hard_sigmoid": ["x=x - 1"], "one_hot": ["i, num_classes=n"],
    "int_shape": ["x=x"], "max": ["x, keepdims=True", "x, axis=-1"], "pow": ["a=2, x=x"], "repeat_elements": ["x, axis=1, rep=2"],
    "relu": ["x, max_value=6", "x, 0.1", "x, alpha=0.1, max_value=2.0"], "reshape": ["shape=(-1,), x=x"], "softmax": ["axis=1, x=x"], "sqrt": ["x=x", "K.square(x)"], "stack": ["axis=-1, x=[x, y]"],
    "sum": ["axis=1, x=x, keepdims=True"], "tile": ["n=[1, 2, 1], x=x"],
}  # fmt: skip
"""Further arguments, by name, in another order."""

EVERY = [
    (name, arguments, way) for way in WAYS for name in CALLS for arguments in (*CALLS[name], *BY_NAME.get(name, ()))
]


@cache
def rewritten(name: str, arguments: str, way: str) -> str | None:
    """Return the expression that a fix makes of a call; None where it makes none."""
    program = (
        "import keras\nimport tensorflow as tf\nfrom keras import backend as K\n\n\nclass Own(keras.layers.Layer):\n"
        f"    def call(self, x, y, z, m, p, b, i, n):\n        return K.{name}({arguments})\n"
    )
    text = fixed(program, WAYS[way]).source.text
    value = ast.parse(text).body[-1].body[0].body[0].value  # type: ignore[attr-defined]
    written: str = ast.unparse(value)
    return None if written == ast.unparse(ast.parse(f"K.{name}({arguments})", mode="eval")) else written


@cache
def differences() -> dict[str, dict[str, str]]:
    """Return for each call that is rewritten what differs on which input."""
    pairs = {}
    for name, arguments, way in EVERY:
        new = rewritten(name, arguments, way)
        if new is not None:
            new = re.sub(r"\bops\.", "keras.ops.", re.sub(r"\bkeras\.ops\.", "ops.", new))
            pairs[f"{name}({arguments}) {way}"] = [(f"{name}({arguments})", new)]
    found: dict[str, list[dict[str, str]]] = ask(pairs=pairs)["pairs"]
    return {call: outcomes[0] for call, outcomes in found.items()}


def test_rows_are_of_functions_that_are_gone() -> None:
    assert {name for name in rows() if name != "sqrt_not_negative"} <= set(REMOVED)


@pytest.mark.parametrize("name", [name for name in rows() if name != "sqrt_not_negative"])
def test_every_row_is_tried(name: str) -> None:
    tried = [rewritten(name, arguments, "ops") for arguments in (*CALLS[name], *BY_NAME.get(name, ()))]
    assert any(tried) or name in ("set_value", "shape")


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
@pytest.mark.parametrize(("name", "arguments", "way"), EVERY)
def test_what_a_fix_writes_computes_the_same_where_the_table_says_so(name: str, arguments: str, way: str) -> None:
    found = differences().get(f"{name}({arguments}) {way}")
    if found is not None:
        different = {kind for kind, difference in found.items() if difference}
        assert found, "no input on which the function of Keras 2 works"
        assert different <= DIFFERING.get((way, name), set()), found


DIFFERING = {
    ("ops", "argmax"): {"normal", "wide", "unit", "float16", "int32", "edge", "zero", "tiny", "bool", "variable"},
    ("ops", "argmin"): {"normal", "wide", "unit", "float16", "int32", "edge", "zero", "tiny", "bool", "variable"},
    ("ops", "mean"): {"float16", "int32"},
    ("ops", "var"): {"float16"},
    ("ops", "variable"): {
        "normal",
        "wide",
        "unit",
        "float16",
        "int32",
        "edge",
        "zero",
        "tiny",
        "bool",
        "variable",
        "sparse",
    },
    ("tf", "mean"): {"bool"},
    ("tf", "std"): {"bool"},
    ("tf", "var"): {"bool"},
}
"""The inputs on which the rows of `DIFFERENT` differ."""


def test_every_difference_is_told() -> None:
    assert set(DIFFERING) == set(DIFFERENT)
