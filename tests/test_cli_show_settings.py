"""`check --show-settings`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.config import KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

TOML = """\
[tool.keras-lambda-lint]
ignore = ["KLL3"]
exclude = ["old"]

[tool.keras-lambda-lint.per-file-ignores]
"tests/*" = ["KLL101", "KLL2"]
"""


@pytest.fixture
def made(project: Path) -> Path:
    (project / "pyproject.toml").write_text(TOML, encoding="utf-8")
    (project / "requirements.txt").write_text("numpy\ntensorflow==2.10\n", encoding="utf-8")
    (project / "tests").mkdir()
    (project / "m.py").write_text("import keras\n", encoding="utf-8")
    (project / "tests" / "m.py").write_text("from keras import ops\n", encoding="utf-8")
    return project


def shown(cli: Run, *argv: str) -> dict[str, Any]:
    ran = cli("check", "--show-settings", "--output-format=json", *argv)
    assert (ran.code, ran.err) == (0, "")
    return {entry["path"]: entry for entry in json.loads(ran.out)}


def test_every_key_with_its_value_and_where_it_comes_from(cli: Run, made: Path) -> None:
    ran = cli("check", "--show-settings", "--keras", "2", "m.py")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:2] == ["m.py", "  runs on Keras 2: the option `keras` is 2"]
    assert lines[2].startswith("  rules that are on: KLL101, ")
    assert "KLL301" not in lines[2]
    assert [line.split()[0] for line in lines[3:]] == list(KEYS)
    said = {" ".join(line.split()) for line in lines}
    assert "select = every rule that is not opt-in (default)" in said
    assert 'ignore = ["KLL3"] (pyproject.toml)' in said
    assert 'keras = "2" (command line)' in said
    assert 'per-file-ignores = { "tests/*" = ["KLL101", "KLL2"] } (pyproject.toml)' in said
    assert "fix = false (default)" in said
    assert "baseline = none (default)" in said


def test_files_and_directories_as_json(cli: Run, made: Path) -> None:
    found = shown(cli, "m.py", "tests/m.py", "tests", ".")
    pinned = {"versions": [2], "reason": "requirements.txt:2 pins tensorflow==2.10"}
    assert [found[path]["keras"] for path in ("m.py", "tests", ".")] == [pinned] * 3
    assert found["tests/m.py"]["keras"] == {"versions": [3], "reason": "it imports keras.ops"}
    assert set(found["m.py"]["rules"]) - set(found["tests/m.py"]["rules"]) >= {"KLL101", "KLL201"}
    assert set(found["m.py"]["settings"]) == set(KEYS)
    assert found["m.py"]["settings"]["exclude"] == {"value": ["old"], "source": "pyproject.toml"}
    assert found["m.py"]["settings"]["output-format"] == {"value": "json", "source": "command line"}


def test_the_current_directory_is_the_default(cli: Run, made: Path) -> None:
    assert list(shown(cli)) == ["."]


def test_standard_input_has_the_settings_of_its_name(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (made / "m.py").open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        found = shown(cli, "--stdin-filename", "tests/x.py", "-")
    assert "KLL101" not in found["tests/x.py"]["rules"]
    assert found["tests/x.py"]["keras"]["versions"] == [2]


def test_nothing_is_checked_and_nothing_written(cli: Run, made: Path) -> None:
    text = "import keras\nx = keras.layers.Lambda(lambda t: t * 2, name='x')\n"
    (made / "m.py").write_text(text, encoding="utf-8")
    assert cli("check", "--show-settings", "--fix", "m.py").code == 0
    assert (made / "m.py").read_text(encoding="utf-8") == text


def test_what_cannot_be_shown_is_one_line_and_the_others_are_shown(cli: Run, made: Path) -> None:
    (made / "bad.py").write_text("import keras.backend\n(\n", encoding="utf-8")
    (made / "old.py").write_text("print 'no rule looks at it'\n", encoding="utf-8")
    ran = cli("check", "--show-settings", "bad.py", "nothing.py", "old.py")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "keras-lambda-lint: error: bad.py:2: syntax error: '(' was never closed",
        "keras-lambda-lint: error: nothing.py: no such file or directory",
    ]
    assert ran.out.startswith("old.py\n  runs on Keras 2: ")


def test_a_wrong_configuration_and_a_diff_are_errors(cli: Run, made: Path) -> None:
    assert cli("check", "--show-settings", "--diff").err == (
        "keras-lambda-lint: error: --show-settings checks nothing: it takes no --diff, --ask or --report\n"
    )
    (made / "tests" / "tox.ini").write_text("[keras-lambda-lint]\nkears = 2\n", encoding="utf-8")
    ran = cli("check", "--show-settings", "tests/m.py")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "keras-lambda-lint: error: tests/tox.ini:2: unknown key `kears`; did you mean `keras`?\n"
