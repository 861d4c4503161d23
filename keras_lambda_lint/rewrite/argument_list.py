"""Adds to a list in brackets, of parameters, arguments or entries, in the way in which it is laid out."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.style import style_of

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source

_BLANK = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


class _List(NamedTuple):
    opened: int
    """Behind the opening bracket."""
    last: int | None
    """Behind the last token; None for an empty list."""
    comma: bool
    """Whether that is a comma."""
    closed: int
    """Before the closing bracket."""
    starts_row: bool
    """Whether the last element stands first in its row."""


def appended(source: Source, start: int, added: list[str], step: str) -> list[Edit]:
    """Return the edits that add elements at the end of the list whose bracket is the first one from `start` on.

    `step` is by how much a block is indented there.
    """
    found = _list(source, start)
    text = ", ".join(added)
    if found.last is None:
        return [Edit(Span(found.opened, found.opened), text)]
    row, closing = source.location(found.last).row, source.location(found.closed).row
    line = source.line(row)
    place = Span(found.last, found.last)
    if closing > row and found.starts_row:
        end = source.line_starts[row - 1] + len(line)
        between = f",{source.newline}{line_indent(line)}"
        rows = between.join(added) + ("," if found.comma else "")
        edit = Edit(Span(end, end), f"{source.newline}{line_indent(line)}{rows}")
        return [edit] if found.comma else [Edit(place, ","), edit]
    joined = f" {text}" if found.comma else f", {text}"
    if len(line) + len(joined) <= max(style_of(source.filename).width, len(line) if closing == row else 0):
        return [Edit(place, joined)]
    if source.location(found.opened).row == closing:
        return _opened(source, found, text, step)
    return [Edit(place, f"{'' if found.comma else ','}{source.newline}{line_indent(line)}{text}")]


def _opened(source: Source, found: _List, text: str, step: str) -> list[Edit]:
    """Return the edits that put the elements of a list on one row onto a row of their own."""
    assert found.last is not None
    outer = line_indent(source.line(source.location(found.opened).row))
    inner = source.text[found.opened : found.last].strip().rstrip(",")
    rows = f"{source.newline}{outer}{step}{inner}, {text}{source.newline}{outer}"
    return [Edit(Span(found.opened, found.closed), rows)]


def _list(source: Source, start: int) -> _List:
    """Return where the list is whose bracket is the first one from `start` on."""
    row = source.location(start).row
    skipped = start - source.line_starts[row - 1]
    rows = io.StringIO(" " * skipped + source.text[start:], newline="").readline
    depth, opened = 0, start
    last: int | None = None
    comma, starts_row = False, False
    previous_row = 0
    for token in tokenize.generate_tokens(rows):
        offset = source.line_starts[row + token.start[0] - 2] + token.start[1]
        if token.type in _BLANK:
            continue
        # From Python 3.12 on the text between the parts of an f-string is a token too.
        mark = token.string if token.type == tokenize.OP else ""
        if mark in _OPEN:
            depth += 1
            if depth == 1:
                opened = offset + 1
                previous_row = token.start[0]
                continue
        elif mark in _CLOSE:
            depth -= 1
            if depth == 0:
                return _List(opened, last, comma, offset, starts_row)
        if depth == 0:
            continue
        if last is None or (comma and depth >= 1):
            starts_row = token.start[0] > previous_row
        comma = depth == 1 and mark == ","
        previous_row = token.end[0]
        last = source.line_starts[row + token.end[0] - 2] + token.end[1]
    raise ValueError("a bracket that nothing closes")
