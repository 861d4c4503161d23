"""Findings as a GitLab code quality report: a list of issues in the form of Code Climate."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.fingerprint import Fingerprints
from keras_lambda_lint.report.lines import lines, message, problem_message, problem_row

if TYPE_CHECKING:
    from keras_lambda_lint.report.results import Problem, Results

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def findings(results: Results) -> str:
    """Return one JSON list, ended by a newline; what could not be done is an issue too, where it is about a file."""
    taken: set[str] = set()
    issues = [_problem(each, taken) for each in results.problems if each.filename is not None]
    for source, diagnostics in results.files:
        prints = Fingerprints(source)
        for each in diagnostics:
            found = lines(source, each.span)
            rows = (1, 1) if found is None else (found[0].row, found[1].row)
            issues.append(
                _issue(
                    each.code,
                    message(source, each.span, f"{each.code} {each.message}"),
                    _SEVERITIES[each.severity.value],
                    source.filename,
                    rows,
                    _unique(taken, source.filename, prints.of(each).digest),
                )
            )
    return escaped(json.dumps(issues, indent=2, ensure_ascii=False)) + "\n"


def _problem(problem: Problem, taken: set[str]) -> dict[str, Any]:
    row = problem_row(problem) or 1
    mark = _unique(taken, problem.filename or "", problem.reason)
    return _issue("error", problem_message(problem), "critical", problem.filename or "", (row, row), mark)


def _issue(
    check: str, description: str, severity: str, filename: str, rows: tuple[int, int], fingerprint: str
) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": check,
        "description": description,
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": fingerprint,
        "location": {"path": filename.replace(os.sep, "/"), "lines": {"begin": rows[0], "end": rows[1]}},
    }


def _unique(taken: set[str], filename: str, digest: str) -> str:
    """Return a fingerprint that no other issue of the report has: GitLab shows one of equal ones only."""
    number = 0
    while True:
        text = f"{filename}\0{digest}\0{number}"
        fingerprint = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if fingerprint not in taken:
            taken.add(fingerprint)
            return fingerprint
        number += 1
