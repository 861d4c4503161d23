"""The rows of `keras_api/removed.py` hold for the installed packages."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import pytest
from harness.measure import ask

from keras_lambda_lint.keras_api.removed import REMOVED, UNREADABLE, removed_attribute, removed_import
from keras_lambda_lint.source.gate import passes

needs_tensorflow = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]
OF_KERAS_2 = [name for name, row in REMOVED.items() if row.since in ("Keras 3.0", "TensorFlow 2.16")]


@cache
def measured() -> dict[str, Any]:
    """Return what the installed packages have of the names of the tables."""
    names = [*REMOVED, *UNREADABLE]
    instead = [row.instead.replace("tf.", "tensorflow.") for row in REMOVED.values() if row.instead]
    old = [f"tf_keras{name.partition('keras')[2]}" for name in OF_KERAS_2]
    return ask(attributes=[*names, *instead, *old], modules=[*names, *old])


@pytest.mark.parametrize("name", REMOVED)
class TestRows:
    pytestmark = needs_tensorflow

    def test_is_gone(self, name: str) -> None:
        assert name not in measured()["modules"]
        assert name not in measured()["attributes"]

    def test_what_replaces_it_exists(self, name: str) -> None:
        instead = REMOVED[name].instead.replace("tf.", "tensorflow.")
        assert not instead or instead in measured()["attributes"]


@pytest.mark.parametrize("name", [name for name in OF_KERAS_2 if ".src." not in name])
class TestKeras2:
    pytestmark = needs_tensorflow

    def test_has_what_keras_3_dropped(self, name: str) -> None:
        old = f"tf_keras{name.partition('keras')[2]}"
        assert old in measured()["attributes"] or old in measured()["modules"]


@pytest.mark.parametrize("name", UNREADABLE)
class TestUnreadable:
    pytestmark = needs_tensorflow

    def test_can_be_imported_and_not_read(self, name: str) -> None:
        assert name in measured()["modules"]
        assert name not in measured()["attributes"]


@pytest.mark.parametrize("name", REMOVED)
def test_passes_the_gate(name: str) -> None:
    module, _, last = name.rpartition(".")
    for text in (
        f"import {name}\n",
        f"from {module} import {last}\n",
        f"from {module} import (\n    {last},\n)\n",
        f"{name}.x\n",
    ):
        assert passes(text.encode()), text


def test_what_stands_below_a_module_that_is_gone_is_gone() -> None:
    found = removed_import("keras.layers.core.Dense")
    assert found is not None
    assert (found.name, found.since, found.instead) == ("keras.layers.core", "Keras 2.13", "keras.layers")


@pytest.mark.parametrize(
    "name", ["keras", "keras.layers.Dense", "tf_keras.layers.experimental", "tensorflow.keras.saving"]
)
def test_other_imports_are_none(name: str) -> None:
    assert removed_import(name) is None


def test_an_attribute_is_found_by_its_whole_name() -> None:
    assert removed_attribute("tensorflow.keras.saving") is not None
    assert removed_attribute("keras.layers.core") is not None
    assert removed_attribute("keras.layers.core.Dense") is None
