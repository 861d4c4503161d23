"""Generated programs as files: in every encoding, with every newline, and formatted; the bytes that no fix touches stay."""

from __future__ import annotations

import ast
import codecs
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest
from harness.programs import indents, many, parses, programs, variant
from harness.tool import findings, fixed, source_of
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lambda_lint.rewrite.engine import comments
from keras_lambda_lint.source.text import SourceError

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True)
class Written:
    """How a text becomes the bytes of a file."""

    encoding: str = "utf-8"
    bom: bool = False
    newlines: tuple[str, ...] = ("\n",)
    """Taken in turn, line by line."""
    form_feed: bool = False
    """Before each statement of the module that stands below a blank line."""

    def text(self, program: str) -> str:
        if self.encoding != "utf-8":
            program = f"# -*- coding: {self.encoding} -*-\n{program}"
        if self.form_feed:
            program = re.sub(r"\n\n(?=\w)", "\n\f\n", program)
        lines = program.split("\n")
        ends = [self.newlines[number % len(self.newlines)] for number in range(len(lines) - 1)]
        return "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))

    def bytes(self, program: str) -> bytes:
        return (codecs.BOM_UTF8 if self.bom else b"") + self.text(program).encode(self.encoding)


forms = st.builds(
    Written,
    encoding=st.sampled_from(["utf-8", "utf-8", "latin-1", "cp1252"]),
    newlines=st.sampled_from([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n"), ("\r\n", "\n", "\r")]),
    form_feed=st.booleans(),
) | st.builds(Written, bom=st.just(True), newlines=st.sampled_from([("\n",), ("\r\n",)]))


def lines(text: str) -> list[str]:
    """Return the lines with their ends, as Python counts them."""
    return _LINES.findall(text)


@many
@given(programs().filter(parses), forms, indents)
def test_promises_for_bytes(program: str, form: Written, indent: str) -> None:
    data = form.bytes(variant(program, "\n", indent))
    result = fixed(data).source.to_bytes()
    assert result.startswith(codecs.BOM_UTF8) is form.bom
    body = result.removeprefix(codecs.BOM_UTF8).decode(form.encoding)
    assert parses(body)
    assert not comments(form.text(program)) - comments(body)
    assert fixed(result).source.to_bytes() == result
    if len(form.newlines) == 1:
        assert set(re.findall(r"\r\n|\n|\r", body)) <= set(form.newlines)


@many
@given(programs().filter(parses), forms)
def test_bytes_that_no_fix_touches_stay_in_their_order(program: str, form: Written) -> None:
    source = source_of(form.bytes(program))
    touched: set[int] = set()
    for plan in {finding.fix for finding in findings(source) if finding.fix is not None}:
        for edit in plan.edits:
            touched |= set(range(source.location(edit.span.start).row, source.location(edit.span.end).row + 1))
    for statement in ast.walk(ast.parse(source.text)):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            # Imports that have become needless go.
            touched |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    left = iter(lines(fixed(source).source.text))
    for row, line in enumerate(lines(source.text), start=1):
        # Blank lines belong to the edits around them.
        if row not in touched and line.strip():
            assert line in left, f"row {row}: {line!r}"


def test_a_character_that_the_encoding_lacks_is_an_error_and_nothing_is_written() -> None:
    text = "# -*- coding: latin-1 -*-\nimport keras\n\ny = keras.layers.Lambda(lambda x: x + 1, name='n')\n"
    with pytest.raises(SourceError, match="needs a character that iso-8859-1 lacks"):
        source_of(text.encode("latin-1")).with_text(text + "# \u2211\n").to_bytes()


def formatted(text: str) -> str:
    """Return a text as `ruff format` leaves it."""
    return subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--stdin-filename", "program.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout


@settings(many, max_examples=60)
@given(programs().filter(parses))
def test_new_classes_are_formatted_where_the_file_is(program: str) -> None:
    text = formatted(program)
    result = fixed(text).source.text
    old = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    for node in ast.parse(result).body:
        if isinstance(node, ast.ClassDef) and node.name not in old:
            first = min(each.lineno for each in (node, *node.decorator_list))
            written = "\n".join(result.split("\n")[first - 1 : node.end_lineno]) + "\n"
            assert formatted(written) == written
