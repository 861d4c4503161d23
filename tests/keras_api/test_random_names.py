"""The names in the tables about random numbers and state exist in the installed packages."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import random
from typing import Any

import pytest

from keras_lambda_lint.keras_api import layers
from keras_lambda_lint.keras_api import random as table

pytestmark = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]


def has(package: str, dotted: str) -> bool:
    found: Any = importlib.import_module(package)
    for part in dotted.split("."):
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


@pytest.mark.parametrize("name", sorted(table.TENSORFLOW))
def test_tensorflow(name: str) -> None:
    assert has("tensorflow", name.removeprefix("tensorflow."))


@pytest.mark.parametrize("name", sorted(table.TENSORFLOW_1))
def test_tensorflow_1(name: str) -> None:
    assert has("tensorflow.compat.v1", name)


@pytest.mark.parametrize("name", sorted(table.BACKEND))
def test_backend_of_keras_2_only(name: str) -> None:
    assert has("tf_keras", f"backend.{name}")
    assert not has("keras", f"backend.{name}")
    tensorflow = importlib.import_module("tensorflow")
    assert hasattr(tensorflow.keras.backend, name) is (name != "random_binomial")


@pytest.mark.parametrize("name", sorted(table.KERAS))
def test_keras_random_takes_the_seed_where_the_table_says(name: str) -> None:
    keras = importlib.import_module("keras")
    parameters = list(inspect.signature(getattr(keras.random, name)).parameters)
    assert parameters.index("seed") == table.KERAS[name]


def test_keras_random_has_no_other() -> None:
    keras = importlib.import_module("keras")
    assert {name for name in vars(keras.random) if name[0].islower()} == set(table.KERAS)


@pytest.mark.parametrize("name", sorted(table.NUMPY))
def test_numpy(name: str) -> None:
    assert has("numpy", f"random.{name}")


@pytest.mark.parametrize("name", sorted(table.PYTHON))
def test_python(name: str) -> None:
    assert hasattr(random, name)


@pytest.mark.parametrize("name", sorted(layers.WITH_WEIGHTS))
def test_layers_with_weights_are_layers_of_one_keras(name: str) -> None:
    assert has("keras", f"layers.{name}") or has("tf_keras", f"layers.{name}")


@pytest.mark.parametrize("name", sorted(layers.WITH_NOISE))
def test_noise_layers_make_a_seed_generator_on_keras_3(name: str) -> None:
    keras = importlib.import_module("keras")
    layer = getattr(keras.layers, name)(0.5)
    assert [variable.path for variable in layer.variables] != []
