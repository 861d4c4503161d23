"""Places by the lines of a file, as formats that know nothing of cells tell them: in a notebook those of its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Place, Span, Text
    from keras_lambda_lint.report.results import Problem
    from keras_lambda_lint.source.text import Source


def lines(source: Text, span: Span) -> tuple[Place, Place] | None:
    """Return where a span starts and ends in the file; None for cells of which no file is known."""
    start, end = (source.file_text.place(offset) for offset in source.file_span(span))
    return (start, end) if start.cell is None else None


def message(source: Source, span: Span, text: str) -> str:
    """Return a message that says the place itself, where that is in a cell: nobody reads JSON."""
    place = source.place(span.start)
    return text if place.cell is None else f"cell {place.cell}, line {place.row}: {text}"


def problem_row(problem: Problem) -> int:
    """Return the row of the file that is to blame; 0 where there is none."""
    return problem.row if problem.cell is None else 0


def problem_message(problem: Problem) -> str:
    """Return the reason, with the place where no line of the file can say it."""
    return problem.reason if problem.cell is None else f"cell {problem.cell}, line {problem.row}: {problem.reason}"
