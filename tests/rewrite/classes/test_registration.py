"""Own classes are registered where they stand, in the words of their file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.linter import Options
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

NAMED = Options(named=frozenset({"KLL108"}))

REGISTERED = {
    "import keras\nclass A(keras.layers.Layer):\n    pass\n": [
        '@keras.utils.register_keras_serializable(package="example")'
    ],
    "import tensorflow as tf\nclass A(tf.keras.Model):\n    pass\n": [
        '@tf.keras.utils.register_keras_serializable(package="example")'
    ],
    "from keras import layers\nclass A(layers.Layer):\n    pass\n": [
        "from keras.utils import register_keras_serializable",
        '@register_keras_serializable(package="example")',
    ],
    "from tf_keras.layers import Layer\nfrom tf_keras.utils import register_keras_serializable\nclass A(Layer):\n    pass\n": [
        '@register_keras_serializable(package="example")'
    ],
    "import keras\nfrom elsewhere import *\nclass B(keras.layers.Layer):\n    pass\nclass A(B):\n    pass\n": [
        '@keras.utils.register_keras_serializable(package="example")'
    ],
}


@pytest.mark.parametrize("program", REGISTERED)
def test_spelled_as_the_file_spells_keras(program: str) -> None:
    lines = fixed(program, NAMED).source.text.splitlines()
    assert [line for line in lines if line not in program.splitlines()] == REGISTERED[program]
    assert lines[lines.index(next(line for line in lines if line.startswith("class A"))) - 1].startswith("@")


@pytest.mark.parametrize("program", REGISTERED)
def test_safe(program: str) -> None:
    found = {finding.fix for finding in findings(program, NAMED)}
    assert {fix.applicability for fix in found if fix is not None} == {Applicability.SAFE}


def test_a_name_that_another_file_registers_gets_the_module_before_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    (tmp_path / "first.py").write_text(
        'import keras\n@keras.utils.register_keras_serializable(package="shop")\nclass A(keras.layers.Layer):\n    pass\n',
        encoding="utf-8",
    )
    second = Source(str(tmp_path / "second.py"), "import keras\n\n\nclass A(keras.layers.Layer):\n    pass\n")
    assert (
        '@keras.utils.register_keras_serializable(package="shop", name="second.A")\nclass A'
        in fixed(second, NAMED).source.text
    )


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
def test_a_definition_above_the_class_is_not_what_gets_its_registration(gap: str) -> None:
    program = (
        f"import keras{gap}class A(keras.layers.Layer):\n    def __init__(self, fn, **kwargs):\n"
        "        super().__init__(**kwargs)\n        self.fn = fn\n\n    def call(self, x):\n"
        "        return self.fn(keras.layers.Lambda(lambda x: x * 3)(x))\n\n\n"
        "model = keras.Sequential([A(keras.ops.relu)])\nmodel.save('a.keras')\nkeras.models.load_model('a.keras')\n"
    )
    classes = [node for node in ast.parse(fixed(program).source.text).body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes] == ["MultiplyBy", "A"]
    assert [len(node.decorator_list) for node in classes] == [1, 1]
