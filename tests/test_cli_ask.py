"""`check --fix --ask`: a person decides on each fix."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ran, Run

HEAD = "import keras\nimport tensorflow as tf\n\n"
PROGRAM = HEAD + "".join(
    f'{name} = keras.layers.Lambda(lambda t: t * {factor}, name="{name}")(x)\n'
    for factor, name in enumerate(("one", "two", "three"), 2)
)


@pytest.fixture
def asked(cli: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Ran, str]]:
    """Runs `check --fix --ask` on a program with these answers; returns what it said and the file after it."""

    def run(answers: str, *options: str, program: str = PROGRAM) -> tuple[Ran, str]:
        (project / "m.py").write_text(program, encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        ran = cli("check", "--fix", "--ask", "--select", "KLL101", *options)
        return ran, (project / "m.py").read_text(encoding="utf-8")

    return run


def kept(text: str) -> list[str]:
    """Return the names of the layers that are still Lambdas."""
    return [name for name in ("one", "two", "three") if f"\n{name} = keras.layers.Lambda" in text]


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ("y\ny\ny\n", []),
        ("n\nyes\nNO\n", ["one", "three"]),
        ("n\na\n", ["one"]),
        ("y\nq\n", ["two", "three"]),
        ("y\n", ["two", "three"]),
        ("", ["one", "two", "three"]),
        ("what?\n\ny\nq\n", ["two", "three"]),
    ],
)
def test_exactly_the_fixes_that_were_taken_are_written(
    asked: Callable[..., tuple[Ran, str]], answers: str, left: list[str]
) -> None:
    ran, text = asked(answers)
    assert kept(text) == left
    assert ran.code == (1 if left else 0)


def test_each_question_shows_place_and_diff(asked: Callable[..., tuple[Ran, str]]) -> None:
    ran, _ = asked("n\nn\nn\n")
    assert "m.py:5:7: " in ran.err
    assert '-two = keras.layers.Lambda(lambda t: t * 3, name="two")(x)' in ran.err
    assert ran.err.count("Apply this fix?") == 3


def test_unsafe_fixes_are_asked_about_only_where_they_are_allowed(asked: Callable[..., tuple[Ran, str]]) -> None:
    program = HEAD + "scale = tf.Variable(1.0)\nx = keras.layers.Lambda(lambda t: t * scale)(x)\n"
    ran, text = asked("y\n", program=program)
    assert ("Apply" in ran.err, text) == (False, program)
    ran, text = asked("y\n", "--unsafe-fixes", program=program)
    assert "(unsafe: the weight starts to train" in ran.err
    assert "add_weight" in text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--ask",), "--ask asks which fixes to write: give --fix"),
        (("--ask", "--fix", "--diff"), "--ask asks which fixes to write: give --fix, and no --diff"),
        (("--ask", "--fix", "--verify"), "give one of them"),
        (("--ask", "--fix", "-"), "--ask reads answers from standard input"),
    ],
)
def test_options_that_do_not_go_together(cli: Run, options: tuple[str, ...], reason: str) -> None:
    code, out, err = cli("check", *options)
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1


def test_what_follows_the_end_of_the_answers_starts_on_a_line_of_its_own(
    asked: Callable[..., tuple[Ran, str]],
) -> None:
    ran, _ = asked("")
    assert ran.err.endswith("[q]uit: \n")
