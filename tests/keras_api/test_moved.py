"""The rows of `keras_api/moved.py`: what is gone is gone, and where it went, it is on every Keras."""

from __future__ import annotations

import importlib.util

import pytest
from harness.measure import ask

from keras_lambda_lint.keras_api.moved import ALL_MOVES, moved, moved_names
from keras_lambda_lint.keras_api.removed import MERGE_MODES, removed_import

GONE_FROM_TENSORFLOW = [
    (old, new) for old, new in ALL_MOVES if removed_import(f"tensorflow.keras.{old}") or old.startswith("saving.")
]


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
def test_what_moved_is_there_on_every_keras() -> None:
    everywhere = {new for _, new in ALL_MOVES} | {f"layers.{function}" for function, _ in MERGE_MODES.values()}
    wanted = {f"{root}.{name}" for root in ("keras", "tf_keras") for name in everywhere}
    wanted |= {f"tensorflow.keras.{new}" for _, new in GONE_FROM_TENSORFLOW}
    assert wanted - set(ask(attributes=sorted(wanted))["attributes"]) == set()


def test_only_what_is_gone_has_moved() -> None:
    of_tensorflow_alone = ("saving.", "mixed_precision.")
    old = [old for old, _ in ALL_MOVES if not old.startswith(of_tensorflow_alone)]
    assert [name for name in old if removed_import(f"keras.{name}") is None] == []
    assert [name for name in old if moved(f"keras.{name}") is None] == []
    assert {old.partition(".")[0] + "." for old, _ in GONE_FROM_TENSORFLOW} >= set(of_tensorflow_alone)


def test_a_name_keeps_its_package() -> None:
    assert moved("keras.layers.core.Dense") == "keras.layers.Dense"
    assert moved("tensorflow.keras.utils.np_utils.to_categorical") == "tensorflow.keras.utils.to_categorical"
    assert moved("keras.utils.visualize_util.plot") == "keras.utils.plot_model"
    assert moved("tf_keras.layers.core.Dense") is None
    assert moved("keras.layers.core.TimeDistributedDense") is None
    assert moved("keras.layers.Dense") is None
    assert moved_names("keras.utils.np_utils") == {"normalize", "to_categorical"}
