"""Findings for a person, with the line that sums them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.report.text import finding

if TYPE_CHECKING:
    from keras_lambda_lint.report.results import Results


def findings(results: Results) -> str:
    """Return each finding with its source lines, then the closing line; what could not be done stands on the error stream."""
    shown = [finding(source, each, results.palette) + "\n" for source, found in results.files for each in found]
    return "".join(shown) + results.closing + "\n"
