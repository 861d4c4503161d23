"""What every SARIF log of the tool has around its results (SARIF 2.1.0, OASIS)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keras_lambda_lint import __version__
from keras_lambda_lint.report.as_json import escaped
from keras_lambda_lint.report.lines import problem_message, problem_row
from keras_lambda_lint.report.uri import artifact, base

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keras_lambda_lint.report.results import Problem
    from keras_lambda_lint.rules.base import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def log(rules: Sequence[dict[str, Any]], results: Sequence[dict[str, Any]], problems: Iterable[Problem] = ()) -> str:
    """Return one log with one run, ended by a newline; `problems` become notifications. Columns count characters."""
    notifications = [_notification(each) for each in problems]
    run = {
        "tool": {
            "driver": {
                "name": "keras-lambda-lint",
                "semanticVersion": __version__,
                "version": __version__,
                "rules": rules,
            }
        },
        "invocations": [
            {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications},
        ],
        "originalUriBaseIds": base(),
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": results,
    }
    text = json.dumps(
        {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False, default=str
    )
    return escaped(text) + "\n"


def rule(each: type[Rule[Any]]) -> dict[str, Any]:
    """Return what a log says of a rule, from its documentation."""
    why = each.doc().partition("## Why is this bad\n")[2].partition("\n## ")[0]
    return {
        "id": each.code,
        "name": each.name,
        "shortDescription": {"text": _plain(each.summary())},
        "fullDescription": {"text": _plain(" ".join(why.split()))},
        "help": {"text": each.doc(), "markdown": each.doc()},
        "defaultConfiguration": {"level": level(each.severity.value)},
        "properties": {"tags": ["keras"], "precision": "high", "problem.severity": _severity(each.severity.value)},
    }


def level(severity: str) -> str:
    """Return SARIF's word for a severity."""
    return _LEVELS[severity]


def place(filename: str, region: dict[str, int] | None = None) -> dict[str, Any]:
    """Return a location in a file; of the whole file without a region."""
    where = {"artifactLocation": artifact(filename)}
    return {"physicalLocation": {**where, "region": region} if region else where}


def _severity(severity: str) -> str:
    return "recommendation" if severity == "info" else severity


def _plain(text: str) -> str:
    return text.replace("`", "")


def _notification(problem: Problem) -> dict[str, Any]:
    said = {"level": "error", "message": {"text": problem_message(problem)}}
    if problem.filename is None:
        return said
    row = problem_row(problem)
    return {**said, "locations": [place(problem.filename, {"startLine": row} if row else None)]}
