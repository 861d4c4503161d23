"""The tables of the names that a loaded function has hold for the installed packages."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from keras_lambda_lint.keras_api.loaded_globals import KERAS_2, KERAS_3

NAMES = """\
import json
from keras.src.utils import python_utils
from tf_keras.src.layers.core import lambda_layer
print(json.dumps([[name for name in vars(module) if not name.startswith("__")] for module in (lambda_layer, python_utils)]))
"""


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
def test_names_of_the_modules_that_make_functions() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", NAMES],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
    )
    keras_2, keras_3 = json.loads(ran.stdout.splitlines()[-1])
    assert set(keras_2) == KERAS_2
    assert set(keras_3) == KERAS_3
