"""Findings as plain values for JSON, on the way between processes and to the cache, and back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Elsewhere,
    Fix,
    IntendedChange,
    Related,
    Severity,
    Span,
)
from keras_lambda_lint.files import read
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class StaleError(Exception):
    """What is stored belongs to files that are no longer as they were."""


def packed(findings: Iterable[Diagnostic]) -> list[Any]:
    """Return findings as values; texts of other files are left out, because they can be read again."""
    return [
        [
            each.code,
            each.name,
            each.severity.value,
            each.message,
            each.span,
            [[related.span, related.message, _filename(related.source)] for related in each.related],
            _packed_fix(each.fix) if each.fix else None,
            each.no_fix,
        ]
        for each in findings
    ]


def _packed_fix(fix: Fix) -> list[Any]:
    return [
        fix.message,
        fix.edits,
        fix.applicability.value,
        fix.site,
        [each.value for each in fix.intended],
        fix.unsafe_because,
        [[each.filename, each.edits, _filename(each.source)] for each in fix.elsewhere],
        fix.comes_first,
    ]


def _filename(source: Any) -> str | None:
    return None if source is None else source.filename


class Unpacker:
    """Makes findings of what was stored, with the texts that they refer to."""

    def __init__(self) -> None:
        self._texts: dict[str, Source] = {}

    def findings(self, values: Sequence[Any]) -> list[Diagnostic]:
        """Return the findings; equal fixes are one object. Raises `StaleError` for values that are not what `packed` returns."""
        try:
            return [self._finding(each) for each in values]
        except (ValueError, TypeError, KeyError, OSError, SourceError) as error:
            raise StaleError(str(error)) from None

    def _finding(self, values: Sequence[Any]) -> Diagnostic:
        code, name, severity, message, span, related, fix, no_fix = values
        return Diagnostic(
            code,
            name,
            Severity(severity),
            message,
            Span(*span),
            tuple(Related(Span(*place), text, self._text(where)) for place, text, where in related),
            self._fix(fix) if fix else None,
            no_fix,
        )

    def _fix(self, values: Sequence[Any]) -> Fix:
        message, edits, applicability, site, intended, because, elsewhere, comes_first = values
        return Fix(
            message,
            _edits(edits),
            Applicability(applicability),
            Span(*site),
            tuple(map(IntendedChange, intended)),
            because,
            tuple(Elsewhere(name, _edits(changes), self._known(where)) for name, changes, where in elsewhere),
            comes_first,
        )

    def _text(self, filename: str | None) -> Source | None:
        return None if filename is None else self._known(filename)

    def _known(self, filename: str) -> Source:
        if filename not in self._texts:
            self._texts[filename] = Source.from_bytes(filename, read(os.path.abspath(filename)))
        return self._texts[filename]


def _edits(values: Iterable[Any]) -> tuple[Edit, ...]:
    return tuple(Edit(Span(*span), content) for span, content in values)
