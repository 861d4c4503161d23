"""Input that cannot be checked: one clear line that names the file, exit code 2, and the other files are still checked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint import files
from keras_lambda_lint.commands import check

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Ran, Run

GOOD = b"from keras.layers import Lambda\nx = Lambda(lambda t: t * 2)\n"
ERROR = "keras-lambda-lint: error: "


def names_it(ran: Ran, *messages: str) -> None:
    """The messages are the whole error output, in order, and the good file beside was checked."""
    assert ran.code == 2
    lines = ran.err.splitlines()
    assert len(lines) == len(messages), ran.err
    for line, message in zip(lines, messages, strict=True):
        assert line.startswith(ERROR + message), line
    assert "good.py:2:12: KLL101" in ran.out


BROKEN = {
    "syntax": (b"import keras\nLambda(\n", "bad.py:2: syntax error: '(' was never closed"),
    "indentation": (b"import keras.backend\nif 1:\nx\n", "bad.py:3: syntax error: expected an indented block"),
    "null byte": (b"import keras.backend\n\0\n", "bad.py:2: contains a null byte"),
    "utf-8": (b"import keras.backend\n# \xe9\n", "bad.py:2: not valid utf-8 at byte 23"),
    "cookie": (
        b"# coding: nothing\nimport keras.backend\n",
        "bad.py:1: unknown encoding: nothing: correct the coding line",
    ),
    "cookie that lies": (b"# coding: ascii\nimport keras.backend  # \xc3\xa9\n", "bad.py:2: not valid ascii at byte"),
    "cookie and mark": (
        b"\xef\xbb\xbf# coding: latin-1\nimport keras.backend\n",
        "bad.py:1: encoding problem: utf-8: correct the coding line",
    ),
    "python 2 print": (
        b"from keras.layers import Lambda\n\nprint 'loss', x\n",
        "bad.py:3: syntax error: Missing parentheses in call to 'print'",
    ),
    "merge conflict": (b"import keras.backend\n<<<<<<< HEAD\n", "bad.py:2: syntax error"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("options", [[], ["--fix", "--unsafe-fixes"]], ids=["check", "fix"])
def test_a_file_that_is_no_python(cli: Run, project: Path, data: bytes, message: str, options: list[str]) -> None:
    (project / "bad.py").write_bytes(data)
    (project / "good.py").write_bytes(GOOD)
    ran = cli("check", *options)
    assert ran.code == 2
    assert ran.err.startswith(ERROR + message)
    assert ran.err.count("\n") == 1
    assert "1 finding" in ran.out or "KLL101" in ran.out
    assert (project / "bad.py").read_bytes() == data


PYTHON_2 = [
    b"print 'loss'",
    b"print loss",
    b"try:\n    x\nexcept ValueError, e:\n    pass",
    b"raise ValueError, 'x'",
    b"exec 'x = 1'",
    b"if x <> y: pass",
    b"x = 0777",
    b"x = 10L",
    b"x = `y`",
    b"x = ur'y'",
]


@pytest.mark.parametrize("statement", PYTHON_2)
def test_python_2_is_recognised(cli: Run, project: Path, statement: bytes) -> None:
    (project / "bad.py").write_bytes(b"import keras.backend as K\n" + statement + b"\n")
    (project / "good.py").write_bytes(GOOD)
    ran = cli("check")
    names_it(ran, "bad.py:")
    assert ran.err.endswith("(looks like Python 2)\n")


def test_a_syntax_error_of_python_3_is_not_called_python_2(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    (project / "bad.py").write_bytes(b"import keras.backend as K\nprint('a' 'b'))\n")
    ran = cli("check")
    names_it(ran, "bad.py:2: syntax error")
    assert "Python 2" not in ran.err


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xef\xbb\xbf", b"# keras Lambda", b"\x0c\n", b"\r", b"import keras.backend", b"\\\n# keras Lambda"],
)
def test_an_empty_or_nearly_empty_file_is_fine(cli: Run, project: Path, data: bytes) -> None:
    (project / "empty.py").write_bytes(data)
    assert cli("check") == (0, "No findings.\n", "")


@pytest.mark.parametrize(
    "expression", ["(" * 5000 + ")" * 5000, "-" * 100_000 + "1", "+".join(["x"] * 50_000), "x" + ".x" * 50_000]
)
def test_deep_nesting_is_one_line(project: Path, expression: str) -> None:
    # In a process of its own: a crash of the parser would take the tests with it.
    (project / "deep.py").write_text(
        f"from keras.layers import Lambda\ny = Lambda(lambda x: {expression})\n", encoding="utf-8"
    )
    (project / "good.py").write_bytes(GOOD)
    done = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", "check"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr[-500:]
    assert done.stderr.startswith(f"{ERROR}deep.py")
    assert done.stderr.count("\n") == 1
    assert "good.py:2:12: KLL101" in done.stdout


def test_a_missing_path(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    names_it(cli("check", "nothing.py", "good.py", "no/dir"), "no/dir: no such file", "nothing.py: no such file")


def test_a_path_that_no_system_knows(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    names_it(cli("check", "x" * 5000, "good.py", "a\0b"), "a\\x00b: no path that a system could know", "xxx")


def test_links_that_lead_to_themselves_or_nowhere(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    os.symlink("loop.py", project / "loop.py")
    os.symlink("nothing", project / "dangling.py")
    os.symlink(".", project / "here")
    message = "dangling.py: no such file", "loop.py: too many levels of symbolic links"
    ran = cli("check")
    names_it(ran, *sorted(message))
    names_it(cli("check", "loop.py", "good.py"), "loop.py: too many levels of symbolic links")


@pytest.mark.parametrize("explicit", [True, False])
def test_a_fifo_does_not_block(project: Path, explicit: bool) -> None:
    (project / "good.py").write_bytes(GOOD)
    os.mkfifo(project / "pipe.py")
    paths = ["pipe.py", "good.py"] if explicit else []
    done = subprocess.run(
        [sys.executable, "-m", "keras_lambda_lint", "check", *paths],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"{ERROR}pipe.py: a FIFO, not a file: cannot check it\n"
    assert "good.py:2:12: KLL101" in done.stdout


def test_a_socket_and_a_device(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.py")
        names_it(cli("check"), "socket.py: a socket, not a file")
    (project / "socket.py").unlink()
    names_it(cli("check", "good.py", "/dev/null"), "/dev/null: a device, not a file")


needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="runs as root, whom no permission stops")


@needs_permissions
def test_a_file_and_a_directory_without_permission(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    (project / "secret.py").write_bytes(GOOD)
    (project / "secret.py").chmod(0)
    (project / "closed").mkdir(mode=0)
    names_it(cli("check"), "closed: permission denied", "secret.py: permission denied")


def test_a_file_that_the_system_refuses_to_read(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "good.py").write_bytes(GOOD)
    (project / "secret.py").write_bytes(GOOD)
    (project / "closed").mkdir()
    real_read, real_scandir = files.read, os.scandir

    def refusing_read(path: str) -> bytes:
        if path == "secret.py":
            raise PermissionError(13, "Permission denied", path)
        return real_read(path)

    def refusing_scandir(path: str) -> object:
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real_scandir(path)

    monkeypatch.setattr(check, "read", refusing_read)
    monkeypatch.setattr(os, "scandir", refusing_scandir)
    names_it(cli("check"), "closed: permission denied", "secret.py: permission denied")


def test_controls_in_a_name_do_not_reach_the_terminal(cli: Run, project: Path) -> None:
    (project / "good.py").write_bytes(GOOD)
    (project / "a\x1b[2J\n.py").write_bytes(b"import keras.backend\n(\n")
    names_it(cli("check"), "a\\x1b[2J\\n.py:2: syntax error")


def test_a_name_that_is_not_unicode(cli: Run, project: Path) -> None:
    name = os.fsdecode(b"\xe9.py")
    try:
        (project / name).write_bytes(GOOD)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    ran = cli("check")
    assert ran.code == 1
    assert ran.out.startswith("\\udce9.py:2:12: KLL101")
    assert cli("check", "--output-format", "json").code == 1


def test_standard_input_that_is_no_python(cli: Run, project: Path) -> None:
    for options in ([], ["--fix"], ["--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "keras_lambda_lint", "check", *options, "-"],
            cwd=project,
            input=b"import keras.backend\n(\n",
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr.startswith(f"{ERROR}<stdin>:2: syntax error".encode())


@pytest.mark.parametrize("options", [[], ["--fix"], ["--report", "r.md"]])
def test_nothing_is_called_free_of_findings_that_could_not_be_checked(
    cli: Run, project: Path, options: list[str]
) -> None:
    (project / "bad.py").write_bytes(b"from keras.layers import Lambda\n(\n")
    assert cli("check", "none.py", *options).out == "No findings in what could be checked.\n"
    assert cli("check", "bad.py", *options).out == "No findings in what could be checked.\n"


@pytest.mark.parametrize("name", ["model.h5", "model.hdf5", "model.keras"])
def test_a_saved_model_that_is_named_is_told_from_a_module(cli: Run, project: Path, name: str) -> None:
    (project / name).write_bytes(b"\x89HDF\r\n Lambda keras")
    (project / "good.py").write_bytes(GOOD)
    names_it(cli("check", name, "good.py"), f"{name}: a saved model: check --models looks into it, and inspect")
