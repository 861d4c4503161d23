"""Verifications for programs, as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.verdict import every

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.verify.verdict import LayerErrors, Verdict, Verification


def as_json(verifications: Iterable[Verification]) -> list[dict[str, Any]]:
    """Return one dictionary per file, Keras and device."""
    return [
        {
            "path": each.path,
            "keras": each.keras,
            "device": each.device,
            "notes": list(each.notes),
            "sites": [
                {
                    "location": {"row": site.row, "column": site.column},
                    "cell": site.cell,
                    "layers": list(site.layers),
                    **_values(site.verdict),
                }
                for site in each.sites
            ],
            "models": [
                {
                    "name": model.name,
                    "row": model.row,
                    **_values(model.verdict),
                    "layers": [_errors(layer) for layer in model.layers],
                }
                for model in each.models
            ],
            "instead": _values(each.instead) if each.instead else None,
        }
        for each in every(verifications)
    ]


def _values(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.kind.value,
        "text": str(verdict),
        "holds": verdict.holds,
        "cases": verdict.cases,
        "detail": verdict.detail,
        "intended": list(verdict.intended),
        "before": verdict.before,
        "after": verdict.after,
        "forms": {
            form.name: {
                "before": form.before,
                "after": form.after,
                "whole_before": form.was_whole,
                "whole_after": form.is_whole,
            }
            for form in verdict.forms
        },
    }


def _errors(layer: LayerErrors) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "shape": list(layer.shape),
        "largest_error": layer.largest,
        "magnitude": layer.magnitude,
        "histogram": dict(layer.bins()),
    }
