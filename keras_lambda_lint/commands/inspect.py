"""`keras-lambda-lint inspect`: the Python code in saved models, and what loading them does. Nothing of it is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.inspection import inspect
from keras_lambda_lint.artifacts.views.as_json import as_json
from keras_lambda_lint.artifacts.views.as_sarif import as_sarif
from keras_lambda_lint.artifacts.views.as_text import as_text, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.artifacts.inspection import Model
    from keras_lambda_lint.report.console import Console


def run(models: Sequence[str], output_format: str, console: Console) -> int:
    """Print what each model holds and return the exit code: 1 if that is bytecode, 2 if a model cannot be read."""
    found: list[Model] = []
    problems: list[tuple[str, str]] = []
    for path in dict.fromkeys(models):
        try:
            model = inspect(path)
        except ModelError as error:
            problems.append((path, str(error)))
        except OSError as error:
            problems.append((path, error.strerror or str(error)))
        else:
            found.append(model)
            if output_format == "text":
                console.write(as_text(model))
            continue
        console.problem(*problems[-1])
    if output_format == "text":
        console.write(summary(found) if found else "")
    else:
        console.write(as_json(found) if output_format == "json" else as_sarif(found, problems))
    return 2 if problems else int(any(model.functions for model in found))
