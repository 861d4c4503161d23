"""Keras itself replaces a function of the user by its own where the table says so, and nowhere else."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from keras_lambda_lint.keras_api.activations import BUILTIN_NAMES, REPLACED_NAMES

PROGRAM = """
import sys, keras
for name in sys.argv[2:]:
    def own(x):
        return x * 2
    own.__name__ = own.__qualname__ = name
    inputs = keras.Input(shape=(4,))
    path = sys.argv[1] + "/model.keras"
    keras.Model(inputs, keras.layers.Activation(own)(inputs)).save(path)
    try:
        keras.models.load_model(path)
    except TypeError as error:
        assert "Could not" in str(error), error
        continue
    print(name)
"""


@pytest.mark.execution
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="needs Keras")
def test_what_keras_3_replaces(tmp_path: object) -> None:
    names = sorted(BUILTIN_NAMES | {"twice"})
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), *names], capture_output=True, text=True, check=True, timeout=300
    )
    assert set(ran.stdout.split()) == REPLACED_NAMES
