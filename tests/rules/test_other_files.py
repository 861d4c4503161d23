"""Findings about functions that another file defines: they lie where the function is passed, and point to the other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.linter import lint
from keras_lambda_lint.rules import RULES
from keras_lambda_lint.sites.gone.backend_uses import BackendUse
from keras_lambda_lint.sites.gone.tensorflow_uses import TensorflowUse
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.diagnostic import Diagnostic

USE = """
import keras
from there import f

inputs = keras.Input(shape=(4,))
outputs = keras.layers.Lambda({arguments})(inputs)
model = keras.Model(inputs, outputs)
"""

THERE = {
    "KLL101": "f = lambda x: x * 2",
    "KLL102": "def f(x):\n    return x * 2",
    "KLL103": 'import os\n\nrate = float(os.environ["RATE"])\n\ndef f(x):\n    return x * rate',
    "KLL104": "def make():\n    @tf.function\n    def inner(x):\n        return x * 2\n    return inner\n\nf = make()",
    "KLL105": "def f(x, mask=None):\n    return mask",
    "KLL201": "scale = tf.Variable(1.0)\n\ndef f(x):\n    return x * scale",
    "KLL202": "dense = keras.layers.Dense(4)\n\ndef f(x):\n    return dense(x)",
    "KLL203": "def f(x):\n    return keras.layers.Dense(4)(x)",
    "KLL204": "other = keras.Input(shape=(4,))\n\ndef f(x):\n    return x + other",
    "KLL205": "for k in (1, 2):\n    def f(x):\n        return x * k",
    "KLL206": "seen = []\n\ndef f(x):\n    seen.append(x)\n    return x * 2",
    "KLL207": "import numpy as np\n\ndef f(x):\n    return x * np.random.rand()",
    "KLL401": "from keras import backend as K\n\ndef f(x):\n    return K.square(x)",
    "KLL402": "def f(x):\n    return tf.exp(x)",
    "KLL403": "import numpy as np\n\ndef f(x):\n    return np.sin(x)",
}
ARGUMENTS = {"KLL105": "keras.activations.relu, mask=f"}
AT_THE_CALL = {
    "KLL106": "is about what the call passes, not about the function",
    "KLL301": "is reported at the layer's name",
    "KLL302": "is reported at the argument",
}
"""Rules that report no place of the function."""


def found(code: str, folder: Path) -> list[tuple[Source, Diagnostic]]:
    """Return the findings of a rule in the file that uses the function."""
    (folder / "there.py").write_text("import keras\nimport tensorflow as tf\n\n" + THERE[code] + "\n", encoding="utf-8")
    source = Source(str(folder / "here.py"), USE.format(arguments=ARGUMENTS.get(code, "f")))
    return [(source, finding) for finding in lint(source, frozenset({code}), fixes=False)]


def test_every_rule_about_functions_has_a_case() -> None:
    about_functions = {rule.code for rule in RULES if rule.subject in (LambdaSite, BackendUse, TensorflowUse)}
    assert about_functions - AT_THE_CALL.keys() == THERE.keys()


@pytest.mark.parametrize("code", THERE)
def test_lies_where_the_function_is_passed_and_points_to_where_it_is_defined(code: str, tmp_path: Path) -> None:
    ((source, finding),) = found(code, tmp_path)
    assert source.text[finding.span.start : finding.span.end] == "f"
    there = {each.source.filename.rpartition("/")[2] for each in finding.related if each.source is not None}
    assert there == {"there.py"}


@pytest.mark.parametrize("code", THERE)
def test_the_second_place_is_a_place_of_the_other_file(code: str, tmp_path: Path) -> None:
    ((_, finding),) = found(code, tmp_path)
    text = (tmp_path / "there.py").read_text(encoding="utf-8")
    for related in finding.related:
        if related.source is not None:
            row = related.source.location(related.span.start).row
            assert text.splitlines()[row - 1].strip()


@pytest.mark.parametrize(
    ("there", "code"), [("def f(x):\n    return x / 255", "KLL601"), ("def f(x):\n    return x", "KLL602")]
)
def test_what_keras_has_already_is_found_in_other_files_too(there: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text(there, encoding="utf-8")
    source = Source(str(tmp_path / "here.py"), USE.format(arguments="f"))
    (finding,) = lint(source, frozenset({code}), fixes=False)
    assert source.text[finding.span.start : finding.span.end] == "f"


def test_what_the_other_file_says_itself_is_not_said_again(tmp_path: Path) -> None:
    there = THERE["KLL401"] + "\n\nkeras_3_only = keras.ops.exp\nmade = keras.layers.Lambda(f)\n"
    (tmp_path / "there.py").write_text("import keras\n" + there, encoding="utf-8")
    assert lint(Source(str(tmp_path / "here.py"), USE.format(arguments="f")), frozenset({"KLL401"}), fixes=False) == []
    other = Source(str(tmp_path / "there.py"), "import keras\n" + there)
    assert [finding.code for finding in lint(other, frozenset({"KLL401"}), fixes=False)] == ["KLL401"]


def test_a_loss_of_another_file_counts_as_reaching_keras(tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text(
        "from keras import backend as K\n\ndef f(y_true, y_pred):\n    return K.mean(K.abs(y_true - y_pred))\n",
        encoding="utf-8",
    )
    use = USE.format(arguments="keras.activations.relu") + 'model.compile(optimizer="sgd", loss=f)\n'
    (finding,) = lint(Source(str(tmp_path / "here.py"), use), frozenset({"KLL401"}), fixes=False)
    assert "`K.mean`" in finding.message
    assert "`K.abs`" in finding.message
