"""Inspected models in SARIF 2.1.0: one result per function, of rule KLL502."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.findings import findings
from keras_lambda_lint.report import sarif
from keras_lambda_lint.report.results import Problem
from keras_lambda_lint.rules.kll502_bytecode_in_model import BytecodeInModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.artifacts.inspection import Inspected, Model
    from keras_lambda_lint.diagnostic import Diagnostic


def as_sarif(models: Sequence[Model], problems: Sequence[tuple[str, str]] = ()) -> str:
    """Return one SARIF log, ended by a newline; `problems` are the files that could not be read, each with the reason."""
    results = [
        _result(function, finding)
        for model in models
        for function, finding in zip(model.functions, findings(model)[1], strict=True)
    ]
    return sarif.log([sarif.rule(BytecodeInModel)], results, [Problem(path, 0, reason) for path, reason in problems])


def _result(function: Inspected, finding: Diagnostic) -> dict[str, Any]:
    place = sarif.place(function.path)
    layer = function.stored.layer
    if layer:
        place["logicalLocations"] = [{"name": layer.rpartition("/")[2], "fullyQualifiedName": layer, "kind": "object"}]
    return {
        "ruleId": finding.code,
        "ruleIndex": 0,
        "level": sarif.level(finding.severity.value),
        "message": {"text": finding.message},
        "locations": [place],
        "properties": function.as_data(),
    }
