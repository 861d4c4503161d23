"""`recover` writes a module, says what a person has to finish, and never overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from artifacts.saved import base64_text, keras_2_lambda, marshalled, sequential, write_h5, write_keras

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

CODE = base64_text(marshalled("lambda x: x / 127.5 - 1.0"))
UNKNOWN = base64_text(marshalled("lambda x: f(x)(1)(2)"))


def test_to_standard_output_and_to_a_file(cli: Run, project: Path) -> None:
    write_h5(project / "m.h5", sequential(keras_2_lambda("half", CODE)), keras_version="2.4.0")
    code, out, err = cli("recover", "m.h5")
    assert (code, err) == (0, "")
    assert "class Half(keras.layers.Layer):\n" in out
    assert cli("recover", "m.h5", "-o", "layers.py") == (0, "", "")
    assert (project / "layers.py").read_text(encoding="utf-8") == out


def test_no_part_of_a_file_is_left_where_there_is_no_room(cli: Run, project: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits the size of files")
    write_keras(project / "m.keras", sequential(keras_2_lambda("half", CODE)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        code, out, err = cli("recover", "m.keras", "-o", "layers.py")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "layers.py: cannot write it: file too large" in err
    assert [path.name for path in project.iterdir()] == ["m.keras"]


def test_what_is_left_to_do(cli: Run, project: Path) -> None:
    write_h5(project / "m.h5", sequential(keras_2_lambda("own", UNKNOWN)))
    code, out, err = cli("recover", "m.h5")
    assert code == 1
    assert "# TODO: define or import `f`" in out
    assert err == "keras-lambda-lint: to do: `Own` reads `f`, which the model file does not hold\n"


def test_an_existing_file_is_kept(cli: Run, project: Path) -> None:
    write_h5(project / "m.h5", sequential(keras_2_lambda("half", CODE)))
    (project / "layers.py").write_text("mine", encoding="utf-8")
    code, out, err = cli("recover", "m.h5", "-o", "layers.py")
    assert (code, out) == (2, "")
    assert err == ("keras-lambda-lint: error: layers.py: it exists already: name a new file, or delete it first\n")
    assert (project / "layers.py").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("m.h5", b"", "the file is empty"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 64, "it is damaged or no HDF5"),
        ("m.keras", b"PK\x03\x04" + b"\0" * 64, "it is a damaged or unreadable zip archive"),
        ("m.json", b"[1, 2", "the file is no JSON"),
    ],
)
def test_bad_files(cli: Run, project: Path, name: str, content: bytes, reason: str) -> None:
    (project / name).write_bytes(content)
    code, out, err = cli("recover", name, "-o", "layers.py")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"keras-lambda-lint: error: {name}: {reason}")
    assert not (project / "layers.py").exists()


def test_a_missing_file_and_an_unwritable_place(cli: Run, project: Path) -> None:
    assert cli("recover", "none.h5") == (2, "", "keras-lambda-lint: error: none.h5: no such file or directory\n")
    write_keras(project / "m.keras", sequential(keras_2_lambda("half", CODE)))
    code, out, err = cli("recover", "m.keras", "-o", "none/layers.py")
    assert (code, out) == (2, "")
    assert err == "keras-lambda-lint: error: none/layers.py: cannot write it: no such file or directory\n"
