from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import keras_lambda_lint
from keras_lambda_lint.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HIT = "from keras.layers import Lambda\nx = Lambda(lambda t: t * 2)\n"


def codes(out: str) -> list[str]:
    return [entry["code"] for entry in json.loads(out)]


def test_nothing_found(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("import keras\n", encoding="utf-8")
    assert cli("check") == (0, "No findings.\n", "")
    assert cli("check", "--output-format", "json") == (0, "[]\n", "")
    assert cli("check", "--diff") == (0, "", "")


def test_findings_as_text(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    code, out, err = cli("check", "--select", "KLL101")
    assert code == 1
    assert err == ""
    head, bar, line, carets, *_ = out.split("\n")
    assert head.startswith("m.py:2:12: KLL101 ")
    assert [bar, line, carets] == ["  |", "2 | x = Lambda(lambda t: t * 2)", "  |            ^^^^^^^^^^^^^^^"]
    assert out.split("\n")[-2].startswith("Found 1 finding in 1 file.")


def test_findings_as_json(cli: Run, project: Path) -> None:
    (project / "b.py").write_text(HIT, encoding="utf-8")
    (project / "a").mkdir()
    (project / "a" / "é.py").write_text(HIT, encoding="utf-8")
    code, out, _ = cli("check", "--output-format", "json", "--select", "KLL101")
    assert code == 1
    found = json.loads(out)
    assert [(entry["filename"], entry["location"]) for entry in found] == [
        ("a/é.py", {"row": 2, "column": 12}),
        ("b.py", {"row": 2, "column": 12}),
    ]


def test_rules_are_selected_by_prefix(cli: Run, project: Path) -> None:
    text = "import keras\nfor k in (1, 2):\n    x = keras.layers.Lambda(lambda t: t * k)\n"
    (project / "m.py").write_text(text, encoding="utf-8")

    def run(*options: str) -> list[str]:
        return codes(cli("check", "--output-format", "json", *options).out)

    assert run("--select", "KLL1,KLL205") == ["KLL101", "KLL205"]
    assert run("--select", "KLL1", "--select", "KLL205") == ["KLL101", "KLL205"]
    assert run("--select", "KLL2") == ["KLL205"]
    assert "KLL205" not in run("--ignore", "KLL2")
    assert run("--select", "KLL101", "--extend-select", "KLL205") == ["KLL101", "KLL205"]


def test_the_configuration_of_each_file_holds_for_it(cli: Run, project: Path) -> None:
    for name in ("a", "b"):
        (project / name).mkdir()
        (project / name / "m.py").write_text(HIT, encoding="utf-8")
    (project / "a" / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nignore = ['KLL1']\n", encoding="utf-8")
    found = json.loads(cli("check", "--output-format", "json", "--extend-select", "KLL101").out)
    assert {entry["filename"] for entry in found if entry["code"] == "KLL101"} >= {"b/m.py"}
    found = json.loads(cli("check", "--output-format", "json", "--ignore", "KLL301").out)
    assert {entry["filename"] for entry in found} == {"a/m.py", "b/m.py"}, "the command line beats the file"


def test_the_configuration_sets_options_of_the_run(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    (project / "setup.cfg").write_text(
        "[keras-lambda-lint]\noutput-format = json\nexit-zero = true\n", encoding="utf-8"
    )
    code, out, _ = cli("check")
    assert code == 0
    assert "KLL101" in codes(out)
    assert cli("check", "--no-exit-zero", "--output-format", "text").code == 1


def test_comments_suppress(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT.rstrip() + "  # noqa: KLL101,KLL301\n", encoding="utf-8")
    (project / "n.py").write_text(HIT + "# flake8: noqa\n", encoding="utf-8")
    assert cli("check") == (0, "No findings.\n", "")


def test_exit_zero(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    assert cli("check", "--exit-zero").code == 0
    (project / "broken.py").write_text("import keras.backend as K\n(\n", encoding="utf-8")
    assert cli("check", "--exit-zero").code == 2


def test_a_directory_without_python_is_named(cli: Run, project: Path) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "notes.txt").write_text("keras Lambda", encoding="utf-8")
    assert cli("check", "docs") == (
        0,
        "No findings.\n",
        "keras-lambda-lint: no Python files found under docs\n",
    )


def test_exclude(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    (project / "n.py").write_text("", encoding="utf-8")
    assert cli("check", "--exclude", "x,m.py").code == 0


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["chek"], "argument COMMAND: invalid choice: 'chek'"),
        (["check", "--output-format", "xml"], "argument --output-format: invalid choice: 'xml'"),
        (["check", "--keras", "4"], "argument --keras: invalid choice: '4'"),
        (["check", "--fxi"], "unrecognized argument `--fxi`; did you mean `--fix`?"),
        (["check", "--select", "KLL1O1"], "argument --select: unknown rule code 'KLL1O1'; did you mean KLL101?"),
        (["check", "--select", " ,"], "argument --select: it names no rule"),
        (["check", "--ignore", "kll205"], "argument --ignore: unknown rule code 'kll205'; did you mean KLL205?"),
        (["check", "--verify"], "--verify decides which fixes are written: give --fix or --diff too"),
        (["check", "--unsafe-fixes"], "--unsafe-fixes decides which fixes are written: give --fix or --diff too"),
        (["check", "--diff", "--output-format", "json"], "--diff prints a diff: it takes no --output-format"),
        (["check", "--stdin-filename", "x.py"], "--stdin-filename names standard input: give `-` as the only path"),
        (["check", "-", "x.py"], "`-` (standard input) cannot be checked together with other paths"),
        (["check", "--fix", "--verify", "-"], "--verify runs files: it cannot run standard input"),
        (["check", "--fix=yes"], "argument --fix/--no-fix: ignored explicit argument 'yes'"),
        (["rule"], "one of the arguments CODE --all is required"),
        (["rule", "KLL1O1"], "unknown rule `KLL1O1`; did you mean `KLL101`?"),
        (["rule", "kll6"], "`kll6` is no rule, but how several codes start: KLL601, KLL602"),
        (["rule", "FOO"], "unknown rule `FOO`; rule --all prints all of them"),
        (["rule", ""], "unknown rule ``; rule --all prints all of them"),
        (["verify"], "the following arguments are required: TARGET"),
        (["verify", "a.py", "b.py", "--against", "c.py"], "--against takes one FILE to compare with, not 2"),
        (["verify", "a.py", "--device", "tpu"], "argument --device: invalid choice: 'tpu'"),
    ],
)
def test_a_wrong_option_is_one_line(cli: Run, argv: list[str], message: str) -> None:
    code, out, err = cli(*argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"keras-lambda-lint: error: {message}")
    assert err.count("\n") == 1


def test_a_wrong_configuration_is_one_line(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    (project / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nselct = []\n", encoding="utf-8")
    message = "keras-lambda-lint: error: pyproject.toml:2: unknown key `selct`; did you mean `select`?\n"
    assert cli("check") == (2, "", message)


def test_no_file_is_written_when_a_configuration_is_wrong(cli: Run, project: Path) -> None:
    (project / "a.py").write_text(HIT, encoding="utf-8")
    (project / "b").mkdir()
    (project / "b" / "tox.ini").write_text("[keras-lambda-lint]\nfix = x\n", encoding="utf-8")
    assert cli("check", "--fix", "--unsafe-fixes").code == 2
    assert (project / "a.py").read_text(encoding="utf-8") == HIT


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"keras-lambda-lint {keras_lambda_lint.__version__}\n"


def test_rule_prints_one_rule_and_all(cli: Run) -> None:
    code, one, _ = cli("rule", "KLL101")
    assert code == 0
    assert one.startswith("# KLL101 anonymous-lambda\n\n## What it does\n")
    assert cli("rule", "anonymous-lambda").out == cli("rule", "kll101").out == one
    code, every, _ = cli("rule", "--all")
    assert code == 0
    assert every.startswith("# Rules\n")
    assert "\n## KLL205 loop-variable\n\n### What it does\n" in every


def process(*argv: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", *argv],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_it_runs_as_a_module(project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    done = process("check", "--select", "KLL101", cwd=project)
    assert done.returncode == 1
    assert done.stdout.startswith(b"m.py:2:12: KLL101")


def test_colours_on_request(project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    assert b"\x1b[" in process("check", cwd=project, FORCE_COLOR="1").stdout
    assert b"\x1b[" not in process("check", cwd=project).stdout


def test_a_terminal_that_lacks_a_character_is_no_error(project: Path) -> None:
    (project / "m.py").write_text(HIT.replace("2)", "2, name='日')"), encoding="utf-8")
    done = process("check", cwd=project, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"\\u65e5" in done.stdout
    done = process("check", "--output-format", "json", cwd=project, PYTHONIOENCODING="latin-1")
    json.loads(done.stdout.decode())


def test_a_reader_that_goes_away_is_no_error_of_ours(project: Path) -> None:
    (project / "m.py").write_text(
        "from keras.layers import Lambda\n" + "Lambda(lambda t: t)\n" * 2000, encoding="utf-8"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "keras_lambda_lint", "check"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.readline()
        started.stdout.close()
        assert started.stderr.read() == b""
