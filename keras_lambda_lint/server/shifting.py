"""Where findings stand after edits that were made since they were found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic, Edit, Related


def moved(span: Span, edit: Edit) -> Span | None:
    """Return where a span stands after an edit; None where the edit replaces it, or cuts it at one end.

    A change inside the span is taken into it: a person types in the middle of a finding.
    """
    grown = len(edit.content) - (edit.span.end - edit.span.start)
    if edit.span.end <= span.start:
        return Span(span.start + grown, span.end + grown)
    if edit.span.start >= span.end:
        return span
    if span.contains(edit.span) and edit.span != span:
        return Span(span.start, span.end + grown)
    return None


def shifted(findings: Iterable[Diagnostic], edit: Edit) -> list[Diagnostic]:
    """Return the findings that are left after an edit, at their new places, without fixes: those were made for another text."""
    return [
        replace(each, span=span, related=_related(each.related, edit), fix=None)
        for each in findings
        if (span := moved(each.span, edit)) is not None
    ]


def _related(related: tuple[Related, ...], edit: Edit) -> tuple[Related, ...]:
    places = [(each, moved(each.span, edit) if each.source is None else each.span) for each in related]
    return tuple(replace(each, span=span) for each, span in places if span is not None)
