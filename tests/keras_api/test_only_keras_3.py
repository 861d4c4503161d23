"""The names of `keras_api/only_keras_3.py` are in Keras 3, and not in tf_keras."""

from __future__ import annotations

import importlib.util

import pytest
from harness.measure import ask

from keras_lambda_lint.keras_api.only_keras_3 import ONLY_KERAS_3, only_keras_3


def test_a_name_below_one_that_is_new_is_new() -> None:
    assert only_keras_3("ops")
    assert only_keras_3("ops.image.resize")
    assert only_keras_3("layers.RMSNormalization")
    assert not only_keras_3("layers.Dense")
    assert not only_keras_3("optimizers.Adam")


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
def test_the_installed_packages_agree() -> None:
    wanted = {f"keras.{name}" for name in ONLY_KERAS_3}
    asked = sorted(wanted | {f"tf_keras.{name}" for name in ONLY_KERAS_3})
    assert set(ask(attributes=asked)["attributes"]) == wanted
