"""Findings in SARIF 2.1.0, with the rules that they belong to, fixes and fingerprints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.diagnostic import Applicability, Severity
from keras_lambda_lint.report import sarif
from keras_lambda_lint.report.fingerprint import Fingerprints
from keras_lambda_lint.report.lines import lines, message
from keras_lambda_lint.report.uri import artifact
from keras_lambda_lint.rules import RULES
from keras_lambda_lint.source.suppression import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic, Edit, Fix, Related, Span, Text
    from keras_lambda_lint.report.results import Results
    from keras_lambda_lint.source.text import Source

_FINGERPRINT = "kerasLambdaLint/v1"
_UNUSED_NOQA = {
    "id": UNUSED,
    "name": UNUSED,
    "shortDescription": {"text": "A # noqa comment names a code and suppresses nothing."},
    "defaultConfiguration": {"level": sarif.level(Severity.INFO.value)},
}


def findings(results: Results) -> str:
    """Return one log; what could not be done is a notification of its run."""
    found = {each.code for _, diagnostics in results.files for each in diagnostics}
    rules = [sarif.rule(each) for each in RULES if each.code in found] + [_UNUSED_NOQA] * (UNUSED in found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    entries = []
    for source, diagnostics in results.files:
        prints = Fingerprints(source)
        entries += [_result(source, each, prints, index) for each in diagnostics]
    return sarif.log(rules, entries, results.problems)


def _result(source: Source, diagnostic: Diagnostic, prints: Fingerprints, index: dict[str, int]) -> dict[str, Any]:
    printed = prints.of(diagnostic)
    place = _place(source, diagnostic.span)
    inside = [_logical(f"cell {cell}", "member")] if (cell := source.place(diagnostic.span.start).cell) else []
    inside += [_logical(printed.symbol, "function")] if printed.symbol else []
    if inside:
        place["logicalLocations"] = inside
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index[diagnostic.code],
        "level": sarif.level(diagnostic.severity.value),
        "message": {"text": message(source, diagnostic.span, diagnostic.message)},
        "locations": [place],
        "partialFingerprints": {_FINGERPRINT: printed.digest},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            _related(source, number, each) for number, each in enumerate(diagnostic.related, 1)
        ]
    fix = diagnostic.fix
    # A viewer applies a fix as it stands: what a person has to finish is no fix there.
    if fix is not None and fix.applicability is not Applicability.DISPLAY and lines(source, fix.site) is not None:
        result["fixes"] = [_fix(source, fix)]
    return result


def _logical(name: str, kind: str) -> dict[str, str]:
    return {"name": name.rpartition(".")[2], "fullyQualifiedName": name, "kind": kind}


def _related(source: Source, number: int, related: Related) -> dict[str, Any]:
    return {"id": number, **_place(related.source or source, related.span), "message": {"text": related.message}}


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    return {
        "description": {"text": f"{fix.message}{fix.caveat}"},
        "artifactChanges": [
            _change(where, edits)
            for where, edits in ((source, fix.edits), *((each.source, each.edits) for each in fix.elsewhere))
        ],
        "properties": {
            "applicability": fix.applicability.value,
            "intended": [change.value for change in fix.intended],
        },
    }


def _change(source: Text, edits: Iterable[Edit]) -> dict[str, Any]:
    return {
        "artifactLocation": artifact(source.filename),
        "replacements": [
            {"deletedRegion": _region(source.file_text, edit.span), "insertedContent": {"text": edit.content}}
            for edit in source.file_edits(edits)
        ],
    }


def _place(source: Text, span: Span) -> dict[str, Any]:
    return sarif.place(source.filename, _region(source, span))


def _region(source: Text, span: Span) -> dict[str, int] | None:
    found = lines(source, span)
    if found is None:
        return None
    start, end = found
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}
