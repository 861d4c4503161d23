"""Inspected models in SARIF 2.1.0: one result per function, of rule KLL502."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.report import sarif
from keras_lambda_lint.report.results import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.artifacts.inspection import Inspected, Model

_RULE = {
    "id": "KLL502",
    "name": "bytecode-in-model",
    "shortDescription": {"text": "A model file holds Python bytecode."},
    "fullDescription": {
        "text": "Loading it runs code from the file, fails on another Python, and Keras 3 refuses it unless it is told safe_mode=False."
    },
    "defaultConfiguration": {"level": "warning"},
}
_LEVELS = {"pure": "warning", "unknown": "warning", "dangerous": "error"}
_WORDS = {"pure": "it only computes", "unknown": "what it reads is unknown", "dangerous": "it is dangerous"}


def as_sarif(models: Sequence[Model], problems: Sequence[tuple[str, str]] = ()) -> str:
    """Return one SARIF log, ended by a newline; `problems` are the files that could not be read, each with the reason."""
    results = [_result(function) for model in models for function in model.functions]
    return sarif.log([_RULE], results, [Problem(path, 0, reason) for path, reason in problems])


def _result(found: Inspected) -> dict[str, Any]:
    stored = found.stored
    place = sarif.place(found.path)
    if stored.layer:
        place["logicalLocations"] = [
            {"name": stored.layer.rpartition("/")[2], "fullyQualifiedName": stored.layer, "kind": "object"}
        ]
    why = f" ({', '.join(found.risk.reasons)})" if found.risk.reasons else ""
    what = " ".join(found.source.split()) if found.source else "code that cannot be shown"
    kind = f"{stored.role}, Python {found.python}"
    text = f"`{stored.layer}` holds Python bytecode ({kind}): `{what}`; {_WORDS[found.risk.level]}{why}"
    return {
        "ruleId": "KLL502",
        "ruleIndex": 0,
        "level": _LEVELS[found.risk.level],
        "message": {"text": text},
        "locations": [place],
        "properties": found.as_data(),
    }
