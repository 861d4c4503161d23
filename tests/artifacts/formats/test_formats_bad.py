"""Files that are no models, or want to do harm: one clear line, little time and memory, nothing executed, nothing written."""

from __future__ import annotations

import random
import resource
import sys
import time
import zipfile
from pathlib import Path

import pytest
from artifacts.saved import keras_2_lambda, metadata, sequential, varint, write_h5, write_keras, write_saved_model

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import read
from keras_lambda_lint.artifacts.functions import contents

MODEL = sequential(keras_2_lambda("half", "4wEA"))
EXECUTED = "__import__('pathlib').Path('executed').touch()"


def refusal(path: Path | str) -> str:
    started = time.process_time()
    with pytest.raises(ModelError) as caught:
        contents(read(str(path)))
    assert time.process_time() - started < 10
    line = str(caught.value)
    assert line
    assert "\n" not in line
    assert len(line) < 300
    return line


def outcome(path: Path) -> str:
    try:
        contents(read(str(path)))
    except ModelError as error:
        return str(error)
    return "read"


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs pull"),
        (b"\x80\x04\x95pickled", "no model that Keras has written"),
        (b"<!DOCTYPE html><html></html>", "no model that Keras has written"),
        (b"\x89HDF\r\n\x1a\n", "damaged"),
        (b"PK\x03\x04rest is missing", "damaged"),
        (b"{", "no JSON"),
        (b"[1, 2]", "no Keras model"),
        (b'{"a": 1}', "no Keras model"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"class_name": ' + b'{"a": ' * 100_000, "nested too deeply"),
    ],
    ids=["empty", "lfs", "pickle", "html", "hdf5", "zip", "json", "list", "other", "deep list", "deep dict"],
)
def test_is_no_model(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refusal(written(tmp_path / "model.h5", data))


def test_a_directory_that_is_no_saved_model_of_keras(tmp_path: Path) -> None:
    assert "keras_metadata.pb" in refusal(tmp_path)


# .h5


def test_weights_only(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
    assert "weights only" in refusal(tmp_path / "weights.h5")


def test_other_hdf5(tmp_path: Path) -> None:
    import h5py

    h5py.File(tmp_path / "data.h5", "w").close()
    assert "no Keras model" in refusal(tmp_path / "data.h5")


def test_hdf5_cut_short_or_overwritten(tmp_path: Path) -> None:
    whole = Path(write_h5(tmp_path / "model.h5", MODEL)).read_bytes()
    assert "damaged" in refusal(written(tmp_path / "cut.h5", whole[: len(whole) // 2]))
    rng = random.Random(0)
    for _ in range(12):
        spoilt = bytearray(whole)
        for _ in range(40):
            spoilt[rng.randrange(8, len(spoilt))] = rng.randrange(256)
        assert "\n" not in outcome(written(tmp_path / "spoilt.h5", bytes(spoilt)))


def test_a_huge_attribute_is_not_read(tmp_path: Path) -> None:
    import h5py
    import numpy

    with h5py.File(tmp_path / "model.h5", "w", libver="latest") as file:
        file.attrs.create("model_config", numpy.bytes_(b"{" + b" " * (70 * 2**20)))
    assert "too large" in refusal(tmp_path / "model.h5")


def test_an_attribute_that_is_no_text(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "model.h5", "w") as file:
        file.attrs["model_config"] = [1.0, 2.0]
    assert "no Keras model" in refusal(tmp_path / "model.h5")


def test_external_links_are_not_followed(tmp_path: Path) -> None:
    import h5py

    write_h5(tmp_path / "other.h5", MODEL)
    with h5py.File(tmp_path / "model.h5", "w") as file:
        file["model_weights"] = h5py.ExternalLink("other.h5", "/")
        file["layers"] = h5py.ExternalLink("/dev/zero", "/")
    assert "weights only" in refusal(tmp_path / "model.h5")


# .keras


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("readme", "text")
    assert "without config.json" in refusal(tmp_path / "a.keras")


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("config.json", "w") as member,
    ):
        for _ in range(300):
            member.write(b" " * 2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "unpacks to more than" in refusal(tmp_path / "bomb.keras")
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 200 * 2**20


def test_an_encrypted_archive(tmp_path: Path) -> None:
    data = bytearray(Path(write_keras(tmp_path / "model.keras", MODEL)).read_bytes())
    for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(start)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(start, place + 4)
    assert "encrypted" in refusal(written(tmp_path / "locked.keras", bytes(data)))


def test_a_damaged_archive(tmp_path: Path) -> None:
    whole = Path(write_keras(tmp_path / "model.keras", MODEL)).read_bytes()
    assert "damaged" in refusal(written(tmp_path / "cut.keras", whole[:-30]))
    middle = bytearray(whole)
    middle[60:90] = bytes(30)
    assert "damaged" in refusal(written(tmp_path / "spoilt.keras", bytes(middle)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_is_compressed_in_another_way(tmp_path: Path, method: int) -> None:
    data = bytearray(Path(write_keras(tmp_path / "model.keras", MODEL)).read_bytes())
    data[8] = method
    data[data.find(b"PK\x01\x02") + 10] = method
    assert "config.json is compressed as Keras does not do it" in refusal(written(tmp_path / "odd.keras", bytes(data)))


def test_names_that_lead_out_of_the_archive_write_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    path = write_keras(inside / "model.keras", MODEL, **{"../../evil": "x", "/tmp/kll_evil": "x"})
    assert read(path).parts[0].config == MODEL
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a", "b", "model.keras"]
    assert not Path("/tmp/kll_evil").exists()


# SavedModel


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x0a" + b"\xff" * 20,
        b"\x0b\x00",
        metadata(("root", "_tf_keras_model", MODEL))[:-5],
        b"\x0a" + varint(6) + b"\x2a\xff\xff\xff\xff\x7f",
    ],
    ids=["cut", "too long", "endless number", "group", "cut node", "too long inside"],
)
def test_damaged_metadata(tmp_path: Path, data: bytes) -> None:
    path = write_saved_model(tmp_path / "model")
    written(tmp_path / "model" / "keras_metadata.pb", data)
    assert "keras_metadata.pb is damaged" in refusal(path)


def test_metadata_that_is_no_json(tmp_path: Path) -> None:
    path = write_saved_model(tmp_path / "model", ("root", "_tf_keras_model", MODEL))
    spoilt = (tmp_path / "model" / "keras_metadata.pb").read_bytes().replace(b'{"class_name"', b'["class_name"', 1)
    written(tmp_path / "model" / "keras_metadata.pb", spoilt)
    assert "no JSON" in refusal(path)


# YAML


@pytest.mark.parametrize(
    "text",
    [
        f'class_name: !!python/object/apply:eval ["{EXECUTED}"]\n',
        "class_name: !!python/name:os.system\n",
        "class_name: !!python/object:os.stat_result {}\n",
        "class_name: [\n",
        "a: " + "[" * 20_000,
    ],
    ids=["call", "name", "object", "open", "deep"],
)
def test_yaml_of_more_than_plain_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    assert "plain values" in refusal("model.yaml")
    assert not (tmp_path / "executed").exists()


def test_yaml_that_refers_to_itself_or_multiplies(tmp_path: Path) -> None:
    lines = ["class_name: Model", "a0: &a0 [1, 2]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    lines += ["config: &c", "  layers: [*c, *a29]"]
    (tmp_path / "model.yaml").write_text("\n".join(lines), encoding="utf-8")
    started = time.process_time()
    assert contents(read(str(tmp_path / "model.yaml"))) == ([], [])
    assert time.process_time() - started < 5


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "model.h5"))
