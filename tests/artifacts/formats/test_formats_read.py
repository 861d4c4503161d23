"""Each container gives up its configuration, told by its content and not by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from artifacts.saved import keras_2_lambda, sequential, write_h5, write_keras, write_saved_model

from keras_lambda_lint.artifacts.formats import Form, is_model, read

if TYPE_CHECKING:
    from pathlib import Path

MODEL = sequential(keras_2_lambda("half", "4wEA"))


def test_hdf5(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "model.h5", MODEL, keras_version="2.4.0", training_config=json.dumps({"loss": "mse"}))
    found = read(path)
    assert (found.form, found.keras, found.training) == (Form.HDF5, "2.4.0", {"loss": "mse"})
    assert [(part.place, part.config) for part in found.parts] == [("model_config", MODEL)]


def test_hdf5_of_python_2_has_bytes_in_its_attributes(tmp_path: Path) -> None:
    import h5py
    import numpy

    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = numpy.bytes_(json.dumps(MODEL).encode())
        file.attrs["keras_version"] = b"1.2.1"
    found = read(str(tmp_path / "model.h5"))
    assert (found.parts[0].config, found.keras) == (MODEL, "1.2.1")


def test_a_configuration_of_more_than_64_kib_is_read_whole(tmp_path: Path) -> None:
    import h5py

    # Attributes of this size exist in the newer layout of the file only.
    large = sequential(*(keras_2_lambda(f"lambda_{number}", "4wEA" * 50) for number in range(500)))
    with h5py.File(tmp_path / "model.h5", "w", libver="latest") as file:
        file.attrs.create("model_config", json.dumps(large))
    assert read(str(tmp_path / "model.h5")).parts[0].config == large


def test_keras_archive(tmp_path: Path) -> None:
    found = read(write_keras(tmp_path / "model.keras", {**MODEL, "compile_config": {"loss": "mse"}}))
    assert (found.form, found.keras, found.training) == (Form.KERAS, "3.15.1", {"loss": "mse"})
    assert found.parts[0].config["config"] == MODEL["config"]


def test_saved_model_directory(tmp_path: Path) -> None:
    layer = {"class_name": "Dense", "config": {"name": "dense"}}
    path = write_saved_model(
        tmp_path / "model",
        ("root", "_tf_keras_sequential", {**MODEL, "keras_version": "2.9.0"}),
        ("root.layer-0", "_tf_keras_layer", layer),
        ("root.keras_api.metrics.0", "_tf_keras_metric", {"class_name": "Mean"}),
    )
    found = read(path)
    assert (found.form, found.keras) == (Form.SAVED_MODEL, "2.9.0")
    assert [part.place for part in found.parts] == ["root", "root.layer-0"]
    assert found.parts[1].config == layer
    assert read(f"{path}/keras_metadata.pb").parts == found.parts
    assert read(f"{path}/saved_model.pb").parts == found.parts


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n  "], ids=["plain", "byte order mark", "blank"])
def test_json_under_any_name(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "model.txt"
    path.write_bytes(start + json.dumps({**MODEL, "keras_version": "2.2.4"}).encode())
    found = read(str(path))
    assert (found.form, found.keras, found.parts[0].config["class_name"]) == (Form.JSON, "2.2.4", "Sequential")


def test_yaml_with_the_tuples_and_texts_of_python_2(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(
        "class_name: Sequential\n"
        "config:\n"
        "- class_name: Lambda\n"
        "  config:\n"
        "    batch_input_shape: !!python/tuple [null, 3]\n"
        "    name: !!python/unicode 'half'\n"
        "keras_version: 1.2.1\n",
        encoding="utf-8",
    )
    found = read(str(path))
    assert (found.form, found.keras) == (Form.YAML, "1.2.1")
    assert found.parts[0].config["config"][0]["config"] == {"batch_input_shape": [None, 3], "name": "half"}


def test_what_is_named_like_a_model(tmp_path: Path) -> None:
    path = write_saved_model(tmp_path / "model", ("root", "_tf_keras_sequential", MODEL))
    assert is_model(path)
    assert is_model("a/model.h5")
    assert is_model("model.keras")
    assert not is_model(str(tmp_path))
    assert not is_model("config.json")
