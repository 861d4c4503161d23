"""The output formats of `check`: one module `as_<name>` each, with a function `findings` from results to text.

Only the module of the wanted format is imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.report.results import Results

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "rdjson")


def rendered(name: str, results: Results) -> str:
    """Return the results of a run in one of the `FORMATS`, ended by a newline where they are not empty."""
    text: str = import_module(f"{__package__}.as_{name}").findings(results)
    return text
