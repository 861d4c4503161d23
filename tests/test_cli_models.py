"""`check --models`: bytecode in saved models, in every output format."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import h5py
import pytest
from artifacts.saved import base64_text, keras_2_lambda, keras_3_lambda, marshalled, sequential, write_h5, write_keras

from keras_lambda_lint.cli import main
from keras_lambda_lint.report.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = base64_text(marshalled("lambda x: x / 127.5 - 1.0", "3.6"))
DANGER = "lambda x: __import__('tensorflow').math.sqrt(x)"
OPENS = base64_text(marshalled(DANGER))
MESSAGE = (
    "`model/scale` holds Python bytecode (function, Python 3.6-3.7): `lambda x: x / 127.5 - 1.0`; it only computes"
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with models of every kind, weights, other JSON and a program."""
    monkeypatch.chdir(tmp_path)
    write_h5(tmp_path / "old.h5", sequential(keras_2_lambda("scale", PLAIN)))
    write_keras(tmp_path / "new.keras", sequential(keras_3_lambda("scale", PLAIN)))
    (tmp_path / "model.json").write_text(json.dumps(sequential(keras_2_lambda("scale", PLAIN))))
    (tmp_path / "package.json").write_text('{"name": "no model", "class_name": "config Lambda"}')
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.attrs["layer_names"] = ["dense"]
    (tmp_path / "program.py").write_text("import keras\n")
    return tmp_path


def codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    code = main(["check", "--output-format", "json", *arguments])
    found = json.loads(capsys.readouterr().out)
    return code, [(each["filename"], each["code"], each["severity"]) for each in found]


@pytest.mark.usefixtures("models")
def test_models_are_found_only_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(capsys) == (0, [])
    every = [(name, "KLL502", "warning") for name in ("model.json", "new.keras", "old.h5")]
    assert codes(capsys, "--models") == (1, every)
    assert codes(capsys, "--models", "--ignore", "KLL502") == (0, [])
    assert codes(capsys, "--models", "--select", "KLL1") == (0, [])
    assert codes(capsys, "--models", "--exclude", "*.h5", "--exclude", "*.json") == (1, every[1:2])
    assert codes(capsys, "--models", "--exit-zero") == (0, every)


def test_configuration_turns_them_on_and_git_leaves_them_out(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nmodels = true\n")
    (models / ".git").mkdir()
    (models / ".gitignore").write_text("*.h5\n*.json\n")
    assert codes(capsys) == (1, [("new.keras", "KLL502", "warning")])
    # What a person names is checked, whatever git leaves out.
    assert codes(capsys, "old.h5") == (1, [("old.h5", "KLL502", "warning")])


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", FORMATS)
def test_every_output_format_says_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--models", "--output-format", name, "old.h5"]) == 1
    shown = capsys.readouterr().out
    assert "KLL502" in shown
    assert "lambda x: x / 127.5 - 1.0" in shown


def test_text_shows_the_recovered_source(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_h5(models / "old.h5", sequential(keras_2_lambda("scale", PLAIN), keras_2_lambda("evil", OPENS)))
    assert main(["check", "--models", "old.h5"]) == 1
    shown = capsys.readouterr().out
    assert f"old.h5:1:1: KLL502 {MESSAGE}\n" in shown
    assert f"\n2 | {DANGER}\n  | {'^' * len(DANGER)}\n" in shown
    assert "old.h5:2:1: KLL502 `model/evil` holds Python bytecode" in shown
    assert "it is dangerous (uses `__import__`)" in shown


def test_what_reaches_beyond_tensors_is_an_error(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_keras(models / "new.keras", sequential(keras_3_lambda("evil", OPENS)))
    assert codes(capsys, "--models", "new.keras") == (1, [("new.keras", "KLL502", "error")])


def test_a_broken_model_is_named_and_the_others_are_checked(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "broken.keras").write_bytes((models / "new.keras").read_bytes()[:80])
    assert main(["check", "--models"]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("keras-lambda-lint: error: broken.keras: it is a damaged")
    assert "old.h5:1:1: KLL502" in captured.out


def test_says_once_which_package_is_missing(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_h5(models / "other.h5", sequential(keras_2_lambda("scale", PLAIN)))
    # A Python of the machine, without the packages of this one.
    bare = models / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(bare))
    assert main(["check", "--models"]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("pip install 'keras-lambda-lint[artifacts]'") == 1
    assert captured.err.count("\n") == 1
    assert "new.keras:1:1: KLL502" in captured.out
