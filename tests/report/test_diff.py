from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_lambda_lint.report.diff import shown, unified
from keras_lambda_lint.report.terminal import Palette
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_equal_texts_have_no_diff() -> None:
    assert unified(Source("m.py", "x\n"), Source("m.py", "x\n")) == b""


def test_a_unified_diff_with_three_lines_around() -> None:
    old = Source("dir/m.py", "".join(f"{number}\n" for number in range(10)))
    assert unified(old, old.with_text(old.text.replace("5", "five"))) == (
        b"--- a/dir/m.py\n+++ b/dir/m.py\n@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\n", "a\nc\n"),
        ("a\r\nb\r\nc\r\n", "a\r\nx\r\nb\r\nc\r\n"),
        ("a\nb", "a\nc"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("a\rb\rc", "a\rx\rc"),
        ("", "a\n"),
        ("a", ""),
        ("a\x0cb\u2028c\n", "a\x0cB\u2028c\n"),
    ],
)
@pytest.mark.parametrize("name", ["m.py", "a b.py", 'q"\\.py', "é\t.py", "-m.py", "日\n.py"])
@needs_git
def test_git_applies_it(tmp_path: Path, name: str, old: str, new: str) -> None:
    source = Source(name, old)
    _applied(tmp_path, source, source.with_text(new))


@needs_git
def test_git_applies_it_in_another_encoding(tmp_path: Path) -> None:
    source = Source("m.py", "# coding: latin-1\n# é\nx\n", encoding="iso-8859-1")
    _applied(tmp_path, source, source.with_text(source.text.replace("x", "é")))


@needs_git
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(*[st.text(st.sampled_from("ab\n\r"), max_size=30)] * 2)
def test_git_applies_any_change(tmp_path: Path, old: str, new: str) -> None:
    source = Source("m.py", old)
    if old != new:
        _applied(tmp_path, source, source.with_text(new))


def _applied(directory: Path, old: Source, new: Source) -> None:
    (directory / old.filename).write_bytes(old.to_bytes())
    subprocess.run(
        ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"],
        cwd=directory,
        input=unified(old, new),
        check=True,
    )
    path = directory / old.filename
    assert (path.read_bytes() if path.exists() else b"") == new.to_bytes()


def test_a_terminal_gets_colours_and_no_controls() -> None:
    patch = unified(Source("m.py", "\x1b[2J\r\n"), Source("m.py", "é\r\n"))
    assert shown(patch, "utf-8", Palette(True)).split("\n") == [
        "\x1b[1m--- a/m.py\x1b[0m",
        "\x1b[1m+++ b/m.py\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        "\x1b[31m-\\x1b[2J\x1b[0m",
        "\x1b[32m+é\x1b[0m",
        "",
    ]
