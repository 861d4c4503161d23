from __future__ import annotations

import pytest

from keras_lambda_lint.diagnostic import Applicability, Diagnostic, Edit, Fix, Related, Severity, Span
from keras_lambda_lint.report import summary
from keras_lambda_lint.report.terminal import Palette
from keras_lambda_lint.report.text import finding
from keras_lambda_lint.source.text import Source

PLAIN = Palette(False)


def span(source: Source, needle: str) -> Span:
    start = source.text.index(needle)
    return Span(start, start + len(needle))


def diagnostic(
    source: Source, needle: str, *related: Related, fix: Fix | None = None, no_fix: str | None = None
) -> Diagnostic:
    where = span(source, needle)
    return Diagnostic("KLL201", "captured-variable", Severity.ERROR, "`scale` is captured", where, related, fix, no_fix)


def shown(source: Source, found: Diagnostic) -> str:
    return finding(source, found, PLAIN)


def test_the_source_line_the_carets_the_second_place_and_the_fix() -> None:
    source = Source("model.py", "scale = tf.Variable(1.0)\n" + "\n" * 8 + "y = Lambda(lambda x: x * scale)(x)\n")
    start = source.text.index("scale)")
    fix = Fix("Layer subclass `Scale`", (), Applicability.UNSAFE, Span(0, 1), (), "the weight starts to train")
    found = Diagnostic(
        "KLL201",
        "captured-variable",
        Severity.ERROR,
        "`scale` is captured by a Lambda layer: not trained, not saved",
        Span(start, start + 5),
        (Related(Span(0, 5), "created here"),),
        fix,
    )
    assert shown(source, found) == (
        "model.py:10:26: KLL201 `scale` is captured by a Lambda layer: not trained, not saved\n"
        "   |\n"
        " 1 | scale = tf.Variable(1.0)\n"
        "   | ----- created here\n"
        "   …\n"
        "10 | y = Lambda(lambda x: x * scale)(x)\n"
        "   |                          ^^^^^\n"
        "   = fix: Layer subclass `Scale` (unsafe: the weight starts to train)\n"
    )


def test_neighbouring_lines_have_no_gap_and_one_line_can_carry_two_marks() -> None:
    source = Source("m.py", "a = b\nc = a + b\n")
    found = diagnostic(
        source, "c", Related(Span(10, 11), "made"), Related(Span(0, 1), "first"), no_fix="it is assigned"
    )
    assert shown(source, found) == (
        "m.py:2:1: KLL201 `scale` is captured\n"
        "  |\n"
        "1 | a = b\n"
        "  | - first\n"
        "2 | c = a + b\n"
        "  | ^\n"
        "  |     - made\n"
        "  = no fix: it is assigned\n"
    )


@pytest.mark.parametrize(
    ("line", "needle", "text", "carets"),
    [
        ("\tx = f", "f", "    x = f", "        ^"),
        ("a\tf", "f", "a   f", "    ^"),
        ("日本 = f", "f", "日本 = f", "       ^"),
        ("e\u0301 = f", "f", "e\u0301 = f", "    ^"),
        ("日本", "日本", "日本", "^^^^"),
        ("x = '\x1b[2J', f", "f", "x = '\\x1b[2J', f", "               ^"),
        ("'\u202e' f", "f", "'\\u202e' f", "         ^"),
        ("\x0cf", "f", "\\x0cf", "    ^"),
        ("😀 f", "f", "😀 f", "   ^"),
    ],
)
def test_carets_stand_under_the_span_whatever_stands_before_it(line: str, needle: str, text: str, carets: str) -> None:
    source = Source("m.py", line + "\n")
    lines = shown(source, diagnostic(source, needle)).split("\n")
    assert lines[2:4] == [f"1 | {text}", f"  | {carets}"]


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    source = Source("m.py", "x = Lambda(  \r\n    f\r\n)\r\n")
    lines = shown(source, diagnostic(source, "Lambda(  \r\n    f\r\n)")).split("\n")
    assert lines[2:4] == ["1 | x = Lambda(", "  |     ^^^^^^^"]


def test_an_empty_span_at_the_end_of_the_file_has_one_caret() -> None:
    source = Source("m.py", "x")
    found = Diagnostic("KLL101", "r", Severity.INFO, "m", Span(1, 1))
    assert shown(source, found).split("\n")[2:4] == ["1 | x", "  |  ^"]


def test_of_a_very_long_line_the_part_around_the_span_is_shown() -> None:
    source = Source("m.py", "a" * 5000 + "F" + "b" * 5000)
    row, carets = shown(source, diagnostic(source, "F")).split("\n")[2:4]
    assert len(row) < 180
    assert row.startswith("1 | …a")
    assert row.endswith("b…")
    assert row[carets.index("^")] == "F"


def test_nothing_in_names_and_messages_controls_the_terminal() -> None:
    source = Source("bad\x1b[31m\n.py", "x")
    found = Diagnostic("KLL101", "r", Severity.INFO, "m\x07\r\n", Span(0, 1), (), None, "\x9b")
    text = shown(source, found)
    assert not set("\x1b\x07\r\x9b") & set(text)
    assert text.startswith("bad\\x1b[31m\\n.py:1:1: KLL101 m\\x07\\r\\n\n")


@pytest.mark.parametrize(
    ("applicability", "reason", "note"),
    [
        (Applicability.SAFE, None, "= fix: Layer subclass"),
        (Applicability.UNSAFE, None, "= fix: Layer subclass (unsafe)"),
        (Applicability.DISPLAY, "finish it by hand", "= fix: Layer subclass (display: finish it by hand)"),
    ],
)
def test_the_note_says_who_may_apply_the_fix(applicability: Applicability, reason: str | None, note: str) -> None:
    source = Source("m.py", "x")
    fix = Fix("Layer subclass", (Edit(Span(0, 1), "y"),), applicability, Span(0, 1), (), reason)
    assert shown(source, diagnostic(source, "x", fix=fix)).split("\n")[4].strip() == note


def test_colours_change_nothing_but_colours() -> None:
    source = Source("m.py", "a = b\n")
    found = diagnostic(source, "b", Related(Span(0, 1), "here"), no_fix="because")
    coloured = finding(source, found, Palette(True))
    assert "\x1b[1;31mKLL201\x1b[0m" in coloured
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(source, found)


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"NO_COLOR": ""}, True),
        (False, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, environment: dict[str, str], coloured: bool
) -> None:
    for variable in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    palette = Palette.of(_Stream(terminal))  # type: ignore[arg-type]
    assert (palette.bold("x") != "x") is coloured


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (summary.found(0, 0, 0, 0), "No findings."),
        (summary.found(1, 1, 0, 0), "Found 1 finding in 1 file."),
        (summary.found(3, 2, 1, 0), "Found 3 findings in 2 files. [1 fixable with --fix]"),
        (
            summary.found(3, 2, 1, 2),
            "Found 3 findings in 2 files. [1 fixable with --fix, 2 more with --fix --unsafe-fixes]",
        ),
        (summary.found(3, 2, 0, 2), "Found 3 findings in 2 files. [2 fixable with --fix --unsafe-fixes]"),
        (summary.fixed(0, 0, 0), "No findings."),
        (summary.fixed(3, 2, 0), "Found 5 findings (3 fixed, 2 remaining)."),
        (summary.fixed(1, 0, 0), "Found 1 finding (1 fixed, 0 remaining)."),
        (summary.fixed(3, 2, 1), "Found 5 findings (3 fixed, 2 remaining). [1 more with --unsafe-fixes]"),
    ],
)
def test_the_closing_line(line: str, expected: str) -> None:
    assert line == expected
