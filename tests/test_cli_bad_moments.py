"""`check --fix` when the disk is full, a file is gone or the process is killed: every file is whole, each trouble is one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")

TEXT = 'import keras\n\nx = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
FIXED = "class MultiplyBy(keras.layers.Layer)"
MAIN = "from keras_lambda_lint.cli import main; sys.exit(main(['check', '--fix', '.']))"


def run(project: Path, *statements: str) -> subprocess.CompletedProcess[str]:
    """Run `check --fix .` in a process of its own, after these statements."""
    program = "\n".join(("import os, resource, signal, sys", *statements, MAIN))
    return subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, timeout=60)


@posix
def test_a_full_disk_is_one_line_and_the_file_is_as_it_was(project: Path) -> None:
    text = TEXT + "# a comment\n" * 1000
    for name in ("a.py", "b.py"):
        (project / name).write_text(TEXT if name == "b.py" else text, encoding="utf-8")
    ran = run(
        project,
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))",
    )
    assert ran.returncode == 2
    assert ran.stderr == "keras-lambda-lint: error: a.py: cannot write it: file too large\n"
    assert (project / "a.py").read_text(encoding="utf-8") == text
    assert FIXED in (project / "b.py").read_text(encoding="utf-8")
    assert sorted(os.listdir(project)) == ["a.py", "b.py"]


def test_a_file_that_is_gone_when_it_is_written_is_one_line(
    cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keras_lambda_lint.rewrite import engine

    for name in ("a.py", "b.py"):
        (project / name).write_text(TEXT, encoding="utf-8")
    fix = engine.fix

    def slow(source: object, *rest: object) -> object:
        (project / "a.py").unlink(missing_ok=True)
        return fix(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "fix", slow)
    code, _, err = cli("check", "--fix")
    assert (code, err) == (2, "keras-lambda-lint: error: a.py: cannot write it: no such file or directory\n")
    assert FIXED in (project / "b.py").read_text(encoding="utf-8")
    assert os.listdir(project) == ["b.py"]


@posix
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_killed_run_leaves_every_file_whole(project: Path, moment: str) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(TEXT, encoding="utf-8")
    ran = run(
        project,
        f"real, calls = os.{moment}, []",
        "def killing(*arguments):",
        "    calls.append(arguments)",
        "    if len(calls) == 2:",
        "        os.kill(os.getpid(), signal.SIGKILL)",
        "    return real(*arguments)",
        f"os.{moment} = killing",
    )
    assert ran.returncode == -signal.SIGKILL
    texts = [(project / name).read_text(encoding="utf-8") for name in ("a.py", "b.py")]
    assert FIXED in texts[0]
    assert texts[1] == TEXT
    again = run(project)
    assert (again.returncode, again.stderr) == (0, "")
    assert FIXED in (project / "b.py").read_text(encoding="utf-8")
