"""The table of Keras' own class names holds for the installed packages."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from keras_lambda_lint.keras_api.builtin_classes import CURRENT, FORMER, is_builtin_class

NAMES = """\
import importlib, inspect, json, sys
found = set()
for package in sys.argv[1:]:
    for part in ("layers", "initializers", "regularizers", "constraints", "optimizers", "losses", "metrics"):
        members = vars(importlib.import_module(package + "." + part))
        found |= {name for name, value in members.items() if inspect.isclass(value)}
    found |= {"Functional", "Sequential", "Model"}
print(json.dumps(sorted(found)))
"""


def test_own_names_are_not_builtin() -> None:
    assert is_builtin_class("Dense")
    assert is_builtin_class("CuDNNLSTM")
    assert not is_builtin_class("ResNet")
    assert not CURRENT & FORMER


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
def test_every_class_of_the_installed_packages_is_in_the_table() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", NAMES, "keras", "tf_keras"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
    )
    installed = set(json.loads(ran.stdout.splitlines()[-1]))
    assert installed <= CURRENT
    assert not installed & FORMER
