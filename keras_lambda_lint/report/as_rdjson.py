"""Findings in reviewdog's diagnostic format: columns count bytes in UTF-8 there, from 1."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.diagnostic import Applicability, Span
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.lines import lines, message, problem_message, problem_row

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Place, Text
    from keras_lambda_lint.report.results import Problem, Results
    from keras_lambda_lint.source.text import Source

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def findings(results: Results) -> str:
    """Return one JSON object, ended by a newline; what could not be done is a diagnostic too, where it is about a file."""
    diagnostics = [_problem(each) for each in results.problems if each.filename is not None]
    diagnostics += [_finding(source, each) for source, found in results.files for each in found]
    result = {"source": {"name": "keras-lambda-lint"}, "severity": "WARNING", "diagnostics": diagnostics}
    return escaped(json.dumps(result, indent=2, ensure_ascii=False)) + "\n"


def _finding(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    said: dict[str, Any] = {
        "message": message(source, diagnostic.span, diagnostic.message),
        "location": _location(source, diagnostic.span),
        "severity": _SEVERITIES[diagnostic.severity.value],
        "code": {"value": diagnostic.code},
    }
    if diagnostic.related:
        said["related_locations"] = [
            {"message": each.message, "location": _location(each.source or source, each.span)}
            for each in diagnostic.related
        ]
    fix = diagnostic.fix
    # A suggestion changes one place of one file, and is taken as it stands.
    if fix is not None and fix.edits and not fix.elsewhere and fix.applicability is not Applicability.DISPLAY:
        suggestion = _suggestion(source, fix)
        if suggestion is not None:
            said["suggestions"] = [suggestion]
    return said


def _suggestion(source: Source, fix: Fix) -> dict[str, Any] | None:
    """Return all edits of a fix as one: they belong together, and suggestions are taken one by one.

    None for cells of which no file is known.
    """
    file, edits = source.file_text, source.file_edits(fix.edits)
    whole = Span(min(edit.span.start for edit in edits), max(edit.span.end for edit in edits))
    places = lines(file, whole)
    if places is None:
        return None
    after = file.applied(edits).text
    text = after[whole.start : len(after) - (len(file.text) - whole.end)]
    return {"range": _range(file, *places), "text": text}


def _problem(problem: Problem) -> dict[str, Any]:
    location: dict[str, Any] = {"path": _path(problem.filename or "")}
    row = problem_row(problem)
    if row:
        location["range"] = {"start": {"line": row}}
    return {"message": problem_message(problem), "location": location, "severity": "ERROR"}


def _location(source: Text, span: Span) -> dict[str, Any]:
    path = {"path": _path(source.filename)}
    places = lines(source, span)
    return path if places is None else {**path, "range": _range(source.file_text, *places)}


def _path(filename: str) -> str:
    return filename.replace(os.sep, "/")


def _range(source: Text, start: Place, end: Place) -> dict[str, Any]:
    return {"start": _position(source, start), "end": _position(source, end)}


def _position(source: Text, place: Place) -> dict[str, int]:
    before = source.shown_line(place.row)[: place.column - 1]
    return {"line": place.row, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
