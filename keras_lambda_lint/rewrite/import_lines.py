"""Where a new import line goes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.layout import line_indent
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.text import Source


def import_below(source: Source, index: Index, statement: ast.Import | ast.ImportFrom, line: str) -> tuple[Edit, int]:
    """Return the edit that adds an import below a statement, or below the imports after it that sort before the new one.

    With it comes the end of the line that it stands below. Raises `NoFix` where the statement shares its line.
    """
    last: ast.stmt = statement
    if source.line(last.lineno)[: source.location(source.span(last).start).column - 1].strip():
        raise NoFix("keras is imported on the line of another statement")
    wanted = line.split()[1]
    parent = index.parents[last]
    block = next(b for b in ("body", "orelse", "finalbody") if last in getattr(parent, b, ()))
    for following in getattr(parent, block)[getattr(parent, block).index(last) + 1 :]:
        sorts_before = (
            isinstance(following, ast.ImportFrom) and not following.level and (following.module or "") < wanted
        )
        if not sorts_before or following.lineno != (last.end_lineno or 0) + 1:
            break
        last = following
    assert last.end_lineno is not None
    row = last.end_lineno
    end = source.line_starts[row - 1] + len(source.line(row))
    indent = line_indent(source.line(last.lineno))
    return Edit(Span(end, end), f"{source.newline}{indent}{line}"), source.line_end(row)
