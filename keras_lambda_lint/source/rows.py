"""Which rows of a file a statement takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from keras_lambda_lint.source.text import Source


def first_row(statement: ast.stmt) -> int:
    """Return the row of a statement's first decorator, else its own."""
    row: int = min([statement.lineno, *(decorator.lineno for decorator in getattr(statement, "decorator_list", []))])
    return row


def row_with_comments(source: Source, statement: ast.stmt) -> int:
    """Return the first row of a statement: of its decorators, and of the comment lines that stand directly on top of it."""
    row = first_row(statement)
    line = source.line(row)
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    while row > 1 and source.line(row - 1).startswith(f"{indent}#") and not source.line(row - 1).startswith("#!"):
        row -= 1
    return row
