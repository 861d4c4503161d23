"""`check --output-file`, `--statistics`, `--exit-non-zero-on-fix`: where results go, and what the exit code says."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HEAD = "import keras\nimport tensorflow as tf\n\n"
SAFE = HEAD + 'x = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
UNSAFE = HEAD + "scale = tf.Variable(1.0)\nx = keras.layers.Lambda(lambda t: t * scale)(x)\n"


@pytest.fixture
def made(project: Path) -> Path:
    (project / "m.py").write_text(SAFE, encoding="utf-8")
    (project / "n.py").write_text(UNSAFE, encoding="utf-8")
    return project


# --output-file


@pytest.mark.parametrize("name", ["text", "json", "sarif", "junit"])
def test_the_file_holds_what_would_be_printed(cli: Run, made: Path, name: str) -> None:
    printed = cli("check", f"--output-format={name}").out
    ran = cli("check", f"--output-format={name}", "--output-file", "out.txt")
    assert (ran.code, ran.out, ran.err) == (1, "", "")
    assert (made / "out.txt").read_text(encoding="utf-8") == printed


def test_the_file_has_no_colours(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    cli("check", "--output-file", "out.txt")
    assert "\x1b" not in (made / "out.txt").read_text(encoding="utf-8")


def test_nothing_found_is_written_too(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("x = 1\n", encoding="utf-8")
    assert cli("check", "--output-format=json", "--output-file", "out.json").code == 0
    assert (project / "out.json").read_text(encoding="utf-8") == "[]\n"


def test_mode_and_link_of_the_file_are_kept(cli: Run, made: Path) -> None:
    (made / "real.txt").write_text("old", encoding="utf-8")
    (made / "real.txt").chmod(0o640)
    (made / "out.txt").symlink_to("real.txt")
    cli("check", "--output-file", "out.txt")
    assert (made / "out.txt").is_symlink()
    assert "KLL101" in (made / "real.txt").read_text(encoding="utf-8")
    assert (made / "real.txt").stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(made)) == ["m.py", "n.py", "out.txt", "real.txt"]


@pytest.mark.parametrize(
    ("path", "reason"), [("no/out.txt", "its directory does not exist"), ("folder", "it is a directory")]
)
def test_a_file_that_cannot_be_written_is_named_before_anything_is_done(
    cli: Run, made: Path, path: str, reason: str
) -> None:
    (made / "folder").mkdir()
    ran = cli("check", "--fix", "--output-file", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"keras-lambda-lint: error: {path}: cannot write the output: {reason}\n"
    assert (made / "m.py").read_text(encoding="utf-8") == SAFE


def test_a_read_only_file_stays(cli: Run, made: Path) -> None:
    (made / "out.txt").write_text("old", encoding="utf-8")
    (made / "out.txt").chmod(0o444)
    ran = cli("check", "--output-file", "out.txt")
    assert (ran.code, ran.err) == (2, "keras-lambda-lint: error: out.txt: cannot write the output: read-only file\n")
    assert (made / "out.txt").read_text(encoding="utf-8") == "old"


def test_findings_are_printed_where_writing_fails_late(cli: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    ran = cli("check", "--output-file", "out.txt")
    assert ran.code == 2
    assert "KLL101" in ran.out
    assert ran.err == "keras-lambda-lint: error: out.txt: cannot write it: no space left on device\n"
    assert sorted(os.listdir(made)) == ["m.py", "n.py"]


@pytest.mark.parametrize("option", ["--output-file", "--write-baseline"])
@pytest.mark.parametrize("name", ["m.py", "new.py", "n.ipynb"])
def test_code_is_never_overwritten_with_output(cli: Run, made: Path, option: str, name: str) -> None:
    ran = cli("check", option, name)
    what = option.rpartition("-")[2].replace("file", "output")
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err == f"keras-lambda-lint: error: {name}: cannot write the {what}: its name is that of a file to check\n"
    )
    assert sorted(os.listdir(made)) == ["m.py", "n.py"]
    assert (made / "m.py").read_text(encoding="utf-8") == SAFE


def test_an_empty_name_is_no_file(cli: Run, made: Path) -> None:
    ran = cli("check", "--output-file", "")
    assert (ran.code, ran.err) == (2, "keras-lambda-lint: error: '': cannot write the output: it is a directory\n")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--output-file", "a.md", "--report", "./a.md"], "--output-file and --report"),
        (["--report", "a.md", "--write-baseline", "a.md"], "--report and --write-baseline"),
        (["--baseline", "a.json", "--output-file", "a.json"], "--baseline and --output-file"),
    ],
)
def test_one_file_is_not_written_twice(cli: Run, made: Path, options: list[str], names: str) -> None:
    ran = cli("check", "--fix", *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"keras-lambda-lint: error: {options[3]}: {names} name the same file\n"
    assert (made / "m.py").read_text(encoding="utf-8") == SAFE


@pytest.mark.parametrize("mode", [["--add-noqa"], ["--write-baseline", "b.json"]])
@pytest.mark.parametrize("option", [["--output-file", "f"], ["--output-format", "json"], ["--statistics"]])
def test_where_no_findings_are_printed_their_form_is_refused(
    cli: Run, made: Path, mode: list[str], option: list[str]
) -> None:
    ran = cli("check", *mode, *option)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f": it takes no {option[0]}\n")
    assert sorted(os.listdir(made)) == ["m.py", "n.py"]


# --statistics


def test_statistics_count_each_rule_and_say_what_is_fixable(cli: Run, made: Path) -> None:
    ran = cli("check", "--statistics")
    assert ran.code == 1
    assert ran.out == (
        "2  KLL101  [-] anonymous-lambda\n"
        "1  KLL201  [-] captured-variable\n"
        "[-] fixable in part, or with --unsafe-fixes\n"
        "Found 3 findings in 2 files. [1 fixable with --fix, 2 more with --fix --unsafe-fixes]\n"
    )
    assert cli("check", "--statistics", "m.py").out.startswith(
        "1  KLL101  [*] anonymous-lambda\n[*] fixable with --fix\n"
    )


def test_statistics_as_json(cli: Run, made: Path) -> None:
    assert json.loads(cli("check", "--statistics", "--output-format=json").out) == [
        {"code": "KLL101", "name": "anonymous-lambda", "count": 2, "fixable": {"safe": 1, "unsafe": 1}},
        {"code": "KLL201", "name": "captured-variable", "count": 1, "fixable": {"safe": 0, "unsafe": 1}},
    ]


def test_statistics_of_nothing(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("x = 1\n", encoding="utf-8")
    assert cli("check", "--statistics").out == "No findings.\n"
    assert cli("check", "--statistics", "--output-format=json").out == "[]\n"


def test_statistics_have_two_formats(cli: Run, made: Path) -> None:
    ran = cli("check", "--statistics", "--output-format=sarif")
    assert (ran.code, ran.err) == (2, "keras-lambda-lint: error: --statistics is text or json, not sarif\n")


# --exit-non-zero-on-fix


def test_the_exit_code_says_that_something_was_fixed(cli: Run, made: Path) -> None:
    assert cli("check", "--fix", "--exit-non-zero-on-fix", "m.py").code == 1
    assert cli("check", "--fix", "--exit-non-zero-on-fix", "m.py").code == 0


def test_exit_zero_wins(cli: Run, made: Path) -> None:
    assert cli("check", "--fix", "--exit-non-zero-on-fix", "--exit-zero", "m.py").code == 0


# the configuration file


def test_every_option_works_from_the_configuration_file(cli: Run, made: Path) -> None:
    (made / "pyproject.toml").write_text(
        '[tool.keras-lambda-lint]\noutput-format = "github"\noutput-file = "found.txt"\nexit-zero = true\n',
        encoding="utf-8",
    )
    (made / "inner").mkdir()
    os.chdir(made / "inner")
    assert cli("check", "..").code == 0
    assert (made / "found.txt").read_text(encoding="utf-8").startswith("::error title=KLL101")
    assert cli("check", "--no-exit-zero", "..").code == 1


def test_a_path_must_be_a_text(cli: Run, made: Path) -> None:
    (made / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nbaseline = true\n", encoding="utf-8")
    ran = cli("check")
    assert (ran.code, ran.err) == (
        2,
        "keras-lambda-lint: error: pyproject.toml:2: `baseline` must be a text, not True\n",
    )
