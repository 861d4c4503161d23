"""Findings for a person: the message, the source lines with carets under the span, and what the fix would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report.terminal import cells, plain, width

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Diagnostic, Span, Text
    from keras_lambda_lint.report.terminal import Palette
    from keras_lambda_lint.source.text import Source

_LONGEST = 160


class _Mark(NamedTuple):
    start: int
    end: int
    message: str
    primary: bool


def finding(source: Source, diagnostic: Diagnostic, palette: Palette) -> str:
    """Return one finding as lines, each ended."""
    severity = diagnostic.severity.value
    place = palette.bold(f"{plain(source.filename)}:{source.place(diagnostic.span.start)}:")
    lines = [f"{place} {palette.severity(severity, diagnostic.code)} {plain(diagnostic.message)}"]
    lines += _excerpt(source, diagnostic, palette)
    return "".join(f"{line}\n" for line in lines)


def _excerpt(source: Source, diagnostic: Diagnostic, palette: Palette) -> list[str]:
    here = source, source.place(diagnostic.span.start).cell
    marks: dict[tuple[Text, int | None], dict[int, list[_Mark]]] = {here: {}}
    first: dict[tuple[Text, int | None], int] = {}
    _mark(source, marks[here], diagnostic.span, "", primary=True)
    for related in diagnostic.related:
        other = related.source or source
        start = related.span.start
        where = other, other.place(start).cell
        _mark(other, marks.setdefault(where, {}), related.span, related.message, primary=False)
        first[where] = min(first.get(where, start), start)
    gutter = len(str(max(each[0].cell_row(row)[1] for each, rows in marks.items() for row in rows)))
    severity = diagnostic.severity.value
    lines = _rows(source, marks[here], gutter, severity, palette)
    for where, rows in marks.items():
        if where != here:
            other = where[0]
            lines.append(f"{'':{gutter}} {palette.faint(':::')} {plain(other.filename)}:{other.place(first[where])}")
            lines += _rows(other, rows, gutter, severity, palette)
    note = _note(diagnostic)
    if note:
        lines.append(f"{'':{gutter}} {palette.faint('=')} {note}")
    return lines


def _rows(source: Text, marks: dict[int, list[_Mark]], gutter: int, severity: str, palette: Palette) -> list[str]:
    bar = palette.faint("|")
    empty = f"{'':{gutter}} {bar}"
    lines = [empty]
    previous = None
    for row in sorted(marks):
        if previous is not None and row > previous + 1:
            lines.append(f"{'':{gutter}} {palette.faint('…')}")
        previous = row
        text, underlines = _annotated(source.shown_line(row), marks[row], severity, palette)
        lines.append(f"{palette.faint(f'{source.cell_row(row)[1]:>{gutter}}')} {bar} {text}".rstrip())
        lines += [f"{empty} {underline}" for underline in underlines]
    return lines


def _mark(source: Text, marks: dict[int, list[_Mark]], span: Span, message: str, *, primary: bool) -> None:
    row, column = source.location(span.start)
    line = source.shown_line(row)
    start = column - 1
    # Of a span over several lines the first shows where it begins; more would bury the message.
    last = len(line.rstrip()) if source.location(span.end).row > row else start + span.end - span.start
    marks.setdefault(row, []).append(_Mark(start, max(last, start + 1), message, primary))


def _annotated(line: str, marks: list[_Mark], severity: str, palette: Palette) -> tuple[str, list[str]]:
    shown = cells(line)
    first, last = _window(shown, marks)
    lead, tail = "…" * (first > 0), "…" * (last < len(shown))
    underlines = []
    for mark in sorted(marks, key=lambda mark: (not mark.primary, mark.start)):
        start, end = max(mark.start, first), min(mark.end, last)
        before = " " * (len(lead) + width("".join(shown[first:start])))
        length = max(width("".join(shown[start:end])), 1)
        if mark.primary:
            underlines.append(before + palette.severity(severity, "^" * length))
        else:
            underlines.append(before + palette.second(f"{'-' * length} {plain(mark.message)}".rstrip()))
    return lead + "".join(shown[first:last]) + tail, underlines


def _window(shown: list[str], marks: list[_Mark]) -> tuple[int, int]:
    """Return which characters of a line to show: all, or those around the first mark where the line is very long."""
    if len(shown) <= _LONGEST:
        return 0, len(shown)
    start = min(mark.start for mark in marks if mark.primary or not any(other.primary for other in marks))
    first = max(0, min(start - _LONGEST // 4, len(shown) - _LONGEST))
    return first, first + _LONGEST


def _note(diagnostic: Diagnostic) -> str | None:
    fix = diagnostic.fix
    if fix is None:
        return f"no fix: {plain(diagnostic.no_fix)}" if diagnostic.no_fix else None
    if fix.applicability is Applicability.SAFE:
        return f"fix: {plain(fix.message)}"
    reason = f": {plain(fix.unsafe_because)}" if fix.unsafe_because else ""
    return f"fix: {plain(fix.message)} ({fix.applicability.value}{reason})"
