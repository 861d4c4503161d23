"""`check --fix`, `--unsafe-fixes`, `--diff` and standard input, on real findings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.rewrite import engine, files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

SAFE = 'import keras\n\nx = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
UNSAFE = "import keras\nimport tensorflow as tf\n\nscale = tf.Variable(1.0)\nx = keras.layers.Lambda(lambda t: t * scale)(x)\n"
NONE = "import keras\n\nx = keras.layers.Lambda(make())(x)\n"


def test_fix_writes_safe_fixes_and_reports_the_rest(cli: Run, project: Path) -> None:
    (project / "safe.py").write_text(SAFE, encoding="utf-8")
    (project / "unsafe.py").write_text(UNSAFE, encoding="utf-8")
    code, out, err = cli("check", "--fix")
    assert (code, err) == (1, "")
    assert (project / "unsafe.py").read_text(encoding="utf-8") == UNSAFE
    assert "Lambda" not in (project / "safe.py").read_text(encoding="utf-8")
    assert "safe.py:" not in out.replace("unsafe.py:", "")
    assert out.splitlines()[-1] == "Found 3 findings (1 fixed, 2 remaining). [2 more with --unsafe-fixes]"


def test_unsafe_fixes_too(cli: Run, project: Path) -> None:
    (project / "unsafe.py").write_text(UNSAFE, encoding="utf-8")
    assert cli("check", "--fix", "--unsafe-fixes") == (0, "Found 2 findings (2 fixed, 0 remaining).\n", "")
    text = (project / "unsafe.py").read_text(encoding="utf-8")
    assert "add_weight" in text
    assert cli("check", "--fix", "--unsafe-fixes") == (0, "No findings.\n", "")
    assert (project / "unsafe.py").read_text(encoding="utf-8") == text


def test_positions_of_what_remains_are_those_of_the_fixed_file(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(SAFE + "y = keras.layers.Lambda(lambda t: t * 3)(x)\n", encoding="utf-8")
    (entry,) = json.loads(cli("check", "--fix", "--output-format", "json").out)
    line = (project / "m.py").read_text(encoding="utf-8").split("\n")[entry["location"]["row"] - 1]
    assert line[entry["location"]["column"] - 1 :].startswith("lambda t: t * 3")


def test_what_a_comment_suppresses_is_left_alone(cli: Run, project: Path) -> None:
    text = SAFE.replace('"double")(x)', '"double")(x)  # noqa: KLL101')
    (project / "m.py").write_text(text, encoding="utf-8")
    assert cli("check", "--fix", "--unsafe-fixes", "--select", "KLL101").code == 0
    assert (project / "m.py").read_text(encoding="utf-8") == text
    text = UNSAFE.replace("(x)", "(x)  # noqa: KLL201")
    (project / "m.py").write_text(text, encoding="utf-8")
    code, out, _ = cli("check", "--fix", "--unsafe-fixes", "--select", "KLL101,KLL201")
    assert (project / "m.py").read_text(encoding="utf-8") == text
    assert code == 1
    assert "= no fix: a `# noqa` comment suppresses a finding of this site" in out


@pytest.mark.parametrize(
    "text", [SAFE, SAFE.replace("\n", "\r\n"), SAFE.rstrip(), "\ufeff" + SAFE], ids=["lf", "crlf", "end", "mark"]
)
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_diff_is_what_fix_writes(cli: Run, project: Path, text: str) -> None:
    (project / "a b").mkdir()
    path = project / "a b" / "m.py"
    path.write_bytes(text.encode())
    done = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", "check", "--diff"],
        cwd=project,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert path.read_bytes() == text.encode()
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
    subprocess.run(command, cwd=project, input=done.stdout, check=True)
    applied = path.read_bytes()
    path.write_bytes(text.encode())
    assert cli("check", "--fix").code == 0
    assert path.read_bytes() == applied != text.encode()


def test_a_diff_of_nothing_and_with_exit_zero(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(UNSAFE, encoding="utf-8")
    assert cli("check", "--diff") == (0, "", "")
    code, out, _ = cli("check", "--diff", "--unsafe-fixes")
    assert code == 1
    assert out.startswith("--- a/m.py\n+++ b/m.py\n@@ ")
    assert cli("check", "--fix", "--diff", "--unsafe-fixes", "--exit-zero").code == 0
    assert (project / "m.py").read_text(encoding="utf-8") == UNSAFE


def test_a_file_that_cannot_be_written_is_an_error_for_it_alone(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(SAFE, encoding="utf-8")
    write = files.write

    def refusing(changes: list[files.Change]) -> None:
        if any(change.path == "a.py" for change in changes):
            raise OSError(30, "Read-only file system", "a.py")
        write(changes)

    monkeypatch.setattr(files, "write", refusing)
    code, out, err = cli("check", "--fix")
    assert (code, err) == (2, "keras-lambda-lint: error: a.py: cannot write it: read-only file system\n")
    assert (project / "a.py").read_text(encoding="utf-8") == SAFE
    assert "Lambda" not in (project / "b.py").read_text(encoding="utf-8")
    assert out.startswith("a.py:3:")
    assert out.splitlines()[-1] == "Found 2 findings (1 fixed, 1 remaining)."


def test_a_file_that_changed_meanwhile_is_not_overwritten(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "m.py").write_text(SAFE, encoding="utf-8")
    fix = engine.fix

    def slow(*arguments: object, **options: object) -> object:
        (project / "m.py").write_text("changed\n", encoding="utf-8")
        return fix(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "fix", slow)
    code, _, err = cli("check", "--fix")
    assert code == 2
    assert err.startswith("keras-lambda-lint: error: m.py: ")
    assert (project / "m.py").read_text(encoding="utf-8") == "changed\n"


def test_a_fix_needs_a_character_that_the_file_cannot_hold(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"# coding: ascii\n" + SAFE.encode()
    (project / "m.py").write_bytes(data)
    fix = engine.fix

    def widened(*arguments: object) -> engine.Fixed:
        fixed = fix(*arguments)  # type: ignore[arg-type]
        return engine.Fixed(fixed.source.with_text(fixed.source.text + "# é\n"), (), fixed.applied)

    monkeypatch.setattr(engine, "fix", widened)
    code, _, err = cli("check", "--fix")
    assert code == 2
    assert "the fix needs a character that" in err
    assert (project / "m.py").read_bytes() == data


class TestStandardInput:
    def run(self, project: Path, data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "keras_lambda_lint", "check", *options, "-"],
            cwd=project,
            input=data,
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )

    def test_findings(self, project: Path) -> None:
        done = self.run(project, SAFE.encode(), "--select", "KLL101")
        assert done.returncode == 1
        assert done.stdout.startswith(b"<stdin>:3:25: KLL101")
        done = self.run(
            project, SAFE.encode(), "--select", "KLL101", "--stdin-filename", "src/é.py", "--output-format", "json"
        )
        assert [entry["filename"] for entry in json.loads(done.stdout)] == ["src/é.py"]

    @pytest.mark.parametrize(
        "data",
        [b"", b"x = 1\r\n# \xff\n", b"import keras.backend as K", UNSAFE.encode()],
        ids=["empty", "no Keras", "no finding", "unsafe"],
    )
    def test_what_is_not_fixed_comes_out_as_it_went_in(self, project: Path, data: bytes) -> None:
        done = self.run(project, data, "--fix")
        assert done.stdout == data
        assert done.returncode == (1 if data == UNSAFE.encode() else 0)

    @pytest.mark.parametrize(
        "text", [SAFE, SAFE.replace("\n", "\r\n"), "\ufeff# é\n" + SAFE], ids=["lf", "crlf", "mark"]
    )
    def test_the_fixed_text_comes_out_byte_for_byte(self, project: Path, text: str) -> None:
        done = self.run(project, text.encode(), "--fix", "--stdin-filename", "m.py")
        assert (done.returncode, done.stderr) == (0, b"Found 1 finding (1 fixed, 0 remaining).\n")
        (project / "m.py").write_bytes(text.encode())
        subprocess.run(
            [sys.executable, "-m", "keras_lambda_lint", "check", "--fix", "m.py"],
            cwd=project,
            check=True,
            capture_output=True,
        )
        assert done.stdout == (project / "m.py").read_bytes()

    def test_findings_that_remain_go_to_the_error_stream(self, project: Path) -> None:
        done = self.run(project, (SAFE + UNSAFE).encode(), "--fix")
        assert done.returncode == 1
        assert b"KLL201" in done.stderr
        assert b"KLL201" not in done.stdout

    def test_a_diff_names_the_file(self, project: Path) -> None:
        done = self.run(project, SAFE.encode(), "--diff", "--stdin-filename", "src/m.py")
        assert done.stdout.startswith(b"--- a/src/m.py\n+++ b/src/m.py\n")

    def test_the_configuration_is_that_of_the_name(self, project: Path) -> None:
        (project / "src").mkdir()
        (project / "src" / "pyproject.toml").write_text(
            "[tool.keras-lambda-lint]\nignore = ['KLL']\n", encoding="utf-8"
        )
        done = self.run(project, SAFE.encode(), "--stdin-filename", "src/m.py")
        assert (done.returncode, done.stdout) == (0, b"No findings.\n")


def test_a_fix_that_breaks_a_promise_is_named(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "m.py").write_text(SAFE, encoding="utf-8")

    def refused(source: object, *_: object) -> engine.Fixed:
        return engine.Fixed(source, (), (), {Span(0, 1): "the comment `# x` would be lost"})  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "fix", refused)
    code, _, err = cli("check", "--fix")
    assert code == 1
    assert err == "keras-lambda-lint: m.py:1:1: a fix was left out: the comment `# x` would be lost\n"


def test_functions_in_place_of_layers_are_for_keras_3(cli: Run, project: Path) -> None:
    program = "import keras\n\ndouble = keras.layers.Lambda(lambda x: x * 2, name='double')\n"
    (project / "m.py").write_text(program, encoding="utf-8")
    refused = cli("check", "--fix-style", "function", "--keras", "2", "m.py")
    assert (refused.code, refused.out) == (2, "")
    assert "--fix-style function is for Keras 3" in refused.err
    assert len(refused.err.splitlines()) == 1
    assert (
        "Lambda(multiply_by, name='double')"
        in cli("check", "--fix-style", "function", "--keras", "3", "--diff", "m.py").out
    )
