"""Generated programs with `Lambda` sites: whatever their form, the engine keeps its promises."""

from __future__ import annotations

import ast
import re
from collections import Counter

from harness.programs import indents, many, newlines, parses, programs, variant
from harness.tool import findings, fixed, source_of
from hypothesis import given

from keras_lambda_lint.rewrite.engine import comments
from keras_lambda_lint.source.islands import Island


@many
@given(programs().filter(parses), newlines, indents)
def test_promises_of_the_engine(text: str, newline: str, indent: str) -> None:
    text = variant(text, newline, indent)
    outcome = fixed(text)
    result = outcome.source.text
    assert parses(result)
    assert not comments(text) - comments(result)
    assert fixed(result).source.text == result
    assert not Counter(f.code for f in findings(result)) - Counter(f.code for f in findings(text))
    assert newline == "\n" or "\n" not in result.replace("\r\n", "")
    assert not re.search(r"[ \t]+$", result, re.MULTILINE) or re.search(r"[ \t]+$", text, re.MULTILINE)


@many
@given(programs().filter(parses))
def test_sites_are_joined_with_what_took_their_place(text: str) -> None:
    outcome = fixed(text)
    for done in outcome.replacements:
        assert re.match(r"(?:layers\.)?Lambda\(", text[slice(*done.original)])
        replaced = outcome.source.text[slice(*done.fixed)]
        assert re.fullmatch(r"\w+\(.*\)", replaced, re.DOTALL)
        assert parses(replaced)


@many
@given(programs().filter(parses))
def test_lines_that_no_fix_touches_stay(text: str) -> None:
    result = fixed(text).source.text
    sites = [finding.fix for finding in findings(text) if finding.fix is not None]
    source = source_of(text)
    touched: set[int] = set()
    for plan in sites:
        for edit in plan.edits:
            touched |= set(range(source.location(edit.span.start).row, source.location(edit.span.end).row + 1))
    kept = [line for row, line in enumerate(text.split("\n"), start=1) if row not in touched and line.strip()]
    left = Counter(result.split("\n"))
    lost = [line for line in kept if not left[line]]
    assert all("import" in line or line.strip().rstrip(",") == "Lambda" for line in lost)


@many
@given(programs().filter(parses))
def test_every_suppressed_program_stays(text: str) -> None:
    text = "# flake8: noqa\n" + text
    assert findings(text) == []
    assert fixed(text).source.text == text


@many
@given(programs().filter(parses), newlines, indents)
def test_the_whole_program_is_an_island_too(text: str, newline: str, indent: str) -> None:
    source = source_of(variant(text, newline, indent))
    island = Island(source, 1, len(source.line_starts))
    assert island.text == source.text
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, (ast.Name, ast.Call, ast.Lambda, ast.BinOp)) and "f'" not in source.text:
            assert source.span(node) in island._nodes
