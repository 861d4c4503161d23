"""Findings for programs: JSON in the shape of ruff's (DESIGN section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.source.suppression import UNUSED, Suppression

if TYPE_CHECKING:
    from typing import Any

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Place, PlacedEdit, Related, Span, Text
    from keras_lambda_lint.report.results import Results
    from keras_lambda_lint.source.text import Source

_RULES = "rules.md"


def findings(results: Results) -> str:
    """Return one JSON list of all findings, ended by a newline; rows and columns from 1, in characters."""
    import json

    listed = []
    for source, diagnostics in results.files:
        suppression = Suppression(source)
        listed += [_finding(source, suppression, diagnostic) for diagnostic in diagnostics]
    return escaped(json.dumps(listed, indent=2, ensure_ascii=False)) + "\n"


def escaped(text: str) -> str:
    """Return JSON text with lone surrogates, which UTF-8 cannot hold, written as JSON's escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(f"\\u{ord(each):04x}" if "\ud800" <= each <= "\udfff" else each for each in text)
    return text


def _finding(source: Source, suppression: Suppression, diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "filename": source.filename,
        **_place(source, diagnostic.span),
        "related": [_related(related.source or source, related) for related in diagnostic.related],
        "fix": _fix(source, diagnostic.fix) if diagnostic.fix else None,
        "noqa_row": source.cell_row(suppression.rows(source.location(diagnostic.span.start).row)[1])[1],
        "url": None if diagnostic.code == UNUSED else f"{_RULES}#{diagnostic.code.lower()}-{diagnostic.name}",
    }


def _related(source: Text, related: Related) -> dict[str, Any]:
    return {"filename": source.filename, "message": related.message, **_place(source, related.span)}


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "intended": [change.value for change in fix.intended],
        "message": fix.message,
        "edits": [
            _edit(where.filename, where.placed(edit))
            for where, edits in ((source, fix.edits), *((each.source, each.edits) for each in fix.elsewhere))
            for edit in edits
        ],
    }


def _edit(filename: str, edit: PlacedEdit) -> dict[str, Any]:
    return {"filename": filename, "cell": edit.start.cell, "content": edit.content, **_between(edit.start, edit.end)}


def _place(source: Text, span: Span) -> dict[str, Any]:
    start = source.place(span.start)
    return {"cell": start.cell, **_between(start, source.place(span.end))}


def _between(start: Place, end: Place) -> dict[str, Any]:
    return {
        "location": {"row": start.row, "column": start.column},
        "end_location": {"row": end.row, "column": end.column},
    }
