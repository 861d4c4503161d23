"""The functions that an own class is given become registered functions of the module, or there is no fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

KERAS_3 = Options(keras="3")
HEAD = """import functools

import keras
import tensorflow as tf


@keras.utils.register_keras_serializable(package="example")
class Apply(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


"""


def test_a_lambda_becomes_a_function_above_the_statement_that_gives_it() -> None:
    text = fixed(f"{HEAD}layers = [Apply(lambda x: x * 2), Apply(lambda x: x + 1)]\n", KERAS_3).source.text
    assert "layers = [Apply(multiply_by_2), Apply(add_1)]" in text
    assert text.index("def multiply_by_2(x):") < text.index("layers = [")


def test_a_file_whose_name_says_function(tmp_path: Path) -> None:
    text = fixed(Source(str(tmp_path / "function_layers.py"), f"{HEAD}layer = Apply(lambda x: x * 2)\n"), KERAS_3)
    assert '@keras.utils.register_keras_serializable(package="function_layers")\ndef multiply_by_2(x):' in (
        text.source.text
    )


def test_a_function_of_another_file_is_registered_there(tmp_path: Path) -> None:
    other = tmp_path / "functions.py"
    other.write_text("import keras\n\n\ndef twice(x):\n    return x * 2\n", encoding="utf-8")
    source = Source(
        str(tmp_path / "model.py"),
        HEAD.replace("import keras\n", "import keras\nfrom functions import twice\n", 1) + "layer = Apply(twice)\n",
    )
    [finding] = [each for each in lint(source, select(), KERAS_3, fixes=True) if each.code == "KLL107"]
    assert finding.fix is not None
    [elsewhere] = finding.fix.elsewhere
    assert other.samefile(elsewhere.filename)
    assert "register_keras_serializable" in elsewhere.edits[0].content


REFUSED = {
    "Keras does not find `tf.math.sin` by its name": "layer = Apply(tf.math.sin)\n",
    "captures `factor`": "def make(factor):\n    return Apply(lambda x: x * factor)\n",
    "reads `scale`, a variable": "scale = tf.Variable(1.0)\nlayer = Apply(lambda x: x * scale)\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused(reason: str) -> None:
    found = [each for each in findings(HEAD + REFUSED[reason], KERAS_3) if each.code == "KLL107"]
    assert found
    for finding in found:
        assert finding.fix is None
        assert reason in (finding.no_fix or "")
