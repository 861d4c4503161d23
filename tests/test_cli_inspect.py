"""`inspect` shows the code in saved models and executes none of it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from artifacts.saved import base64_text, keras_2_lambda, keras_3_lambda, marshalled, sequential, write_h5, write_keras

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

SOURCE = "lambda x: x / 127.5 - 1.0"
CODE = base64_text(marshalled(SOURCE))


def test_text(cli: Run, project: Path) -> None:
    own = {"class_name": "Scale", "config": {"name": "own"}}
    write_h5(project / "m.h5", sequential(keras_2_lambda("half", CODE), own), keras_version="2.4.0")
    code, out, err = cli("inspect", "m.h5")
    assert (code, err) == (1, "")
    assert out.startswith("m.h5 (HDF5, Keras 2.4.0)\n\n  model/half: function, written by Python 3.8")
    assert f"\n      {SOURCE}\n" in out
    assert "\n    risk: only computes\n    Keras 2: runs the bytecode unasked\n" in out
    assert "class `Scale` (model/own)" in out
    assert out.endswith("\nFound 1 function stored as bytecode in 1 model.\n")


def test_json_has_the_keys_of_the_design(cli: Run, project: Path) -> None:
    write_keras(project / "m.keras", sequential(keras_3_lambda("half", CODE)))
    code, out, _ = cli("inspect", "--output-format", "json", "m.keras")
    (found,) = json.loads(out)
    assert code == 1
    assert list(found)[:7] == ["path", "layer", "python", "source", "status", "names", "risk"]
    assert [found[key] for key in ("path", "layer", "source", "status", "names", "risk")] == [
        "m.keras",
        "model/half",
        SOURCE,
        "exact",
        [],
        "pure",
    ]


def test_sarif(cli: Run, project: Path) -> None:
    danger = base64_text(b"\xe3 no code, but \x06system and \x0asubprocess")
    write_keras(project / "a b.keras", sequential(keras_3_lambda("half", CODE), keras_3_lambda("bad", danger)))
    code, out, _ = cli("inspect", "--output-format", "sarif", "a b.keras", "gone.h5")
    log = json.loads(out)
    (run,) = log["runs"]
    assert code == 2
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["KLL502"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("KLL502", "warning"),
        ("KLL502", "error"),
    ]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.keras"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "model/half"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_without_bytecode(cli: Run, project: Path) -> None:
    write_keras(project / "m.keras", sequential())
    assert cli("inspect", "m.keras") == (0, "m.keras (.keras, Keras 3.15.1): no bytecode\nNo bytecode found.\n", "")


def test_an_unreadable_model_does_not_stop_the_others(cli: Run, project: Path) -> None:
    (project / "bad.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    write_keras(project / "m.keras", sequential(keras_3_lambda("half", CODE)))
    code, out, err = cli("inspect", "bad.h5", "gone.h5", "m.keras")
    assert code == 2
    assert SOURCE in out
    assert [line.split(": ")[2] for line in err.splitlines()] == ["bad.h5", "gone.h5"]


def test_a_name_that_controls_the_terminal_is_escaped(cli: Run, project: Path) -> None:
    write_keras(project / "m.keras", sequential(keras_3_lambda("\x1b[2J\nhalf", CODE)))
    assert "\x1b" not in cli("inspect", "m.keras").out


def test_costs_little_on_a_large_file_and_imports_no_framework(project: Path) -> None:
    path = write_h5(project / "m.h5", sequential(keras_2_lambda("half", CODE)))
    os.truncate(path, 500 * 2**20)
    program = "from keras_lambda_lint.cli import main; main(['inspect', 'm.h5']); import sys; print(*sys.modules, file=sys.stderr)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project, capture_output=True, text=True, timeout=60, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert SOURCE in done.stdout
    assert not {name.partition(".")[0] for name in done.stderr.split()} & {
        "tensorflow",
        "keras",
        "tf_keras",
        "numpy",
        "h5py",
        "libcst",
    }
    # Twice what was measured: the machine of the tests may be slow.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
