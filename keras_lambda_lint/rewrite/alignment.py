"""Keeps what is aligned with an open bracket aligned with it, where edits move the bracket."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.layout import line_indent

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from keras_lambda_lint.source.text import Source

_OPEN, _CLOSED = "([{", ")]}"


def realigned(source: Source, statement: ast.stmt, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits that move the continuation lines of a statement which start right below what follows an open bracket.

    `edits` change what stands on the lines of the statement; lines that they start or end in the middle of stay as they are.
    """
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    brackets = _brackets(source, first, last) if last > first else {}
    moved: dict[int, int] = {}
    found = []
    for row in range(first + 1, last + 1):
        bracket = brackets.get(row)
        if bracket is None:
            continue
        start = source.line_starts[row - 1]
        indent = line_indent(source.line(row))
        above = source.location(bracket).row
        shift = moved.get(above, 0) + _growth(edits, source.line_starts[above - 1], bracket)
        aligned = bracket + 1 - source.line_starts[above - 1] == len(indent) and "\t" not in indent
        if aligned and shift and len(indent) + shift >= 0:
            moved[row] = shift
            change = Edit(Span(start, start), " " * shift) if shift > 0 else Edit(Span(start, start - shift), "")
            found.append(change)
    return found


def _growth(edits: Sequence[Edit], start: int, end: int) -> int:
    """Return by how much the text between two offsets of a line gets longer."""
    inside = [edit for edit in edits if start <= edit.span.start and edit.span.end <= end]
    return sum(len(edit.content) - (edit.span.end - edit.span.start) for edit in inside)


def _brackets(source: Source, first: int, last: int) -> dict[int, int]:
    """Return for each row that starts inside brackets where the innermost of them stands; rows inside strings are left out."""
    start = source.line_starts[first - 1]
    text = source.text[start : source.line_end(last)]
    found: dict[int, int] = {}
    opened: list[int] = []
    seen = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            row = token.start[0]
            if row > seen and opened and not text.splitlines()[row - 1][: token.start[1]].strip():
                found[first + row - 1] = opened[-1]
            seen = max(seen, token.end[0])
            if token.type == tokenize.OP and token.string in _OPEN:
                opened.append(source.line_starts[first + row - 2] + token.start[1])
            elif token.type == tokenize.OP and token.string in _CLOSED and opened:
                opened.pop()
    except (tokenize.TokenError, IndentationError, IndexError):
        return {}
    return found
