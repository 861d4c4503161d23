"""`keras-lambda-lint migrate`: a saved model written anew, with registered layers in the place of bytecode, and the proof that it works."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.migrating import migrate, proof
from keras_lambda_lint.files import reason

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.migrating.migrate import Plan
    from keras_lambda_lint.report.console import Console


def run(model: str, output: str, module: str | None, console: Console) -> int:
    """Write the new model and return the exit code: 1 if it does not hold when it is run, 2 if it could not be written."""
    try:
        if os.path.lexists(output):
            raise ModelError(f"{output} exists already: name a new file, or delete it first")
        planned = migrate.plan(model, output, module)
        if not planned.is_given and os.path.lexists(planned.module_path):
            raise ModelError(f"{planned.module_path} exists already: give it with --module, or delete it first")
        lost = migrate.write(planned, model, output)
    except ModelError as error:
        console.problem(model, str(error))
        return 2
    except UnicodeDecodeError:
        console.problem(module or model, "it is not valid UTF-8")
        return 2
    except RecursionError:
        console.problem(model, "its configuration is nested too deeply")
        return 2
    except OSError as error:
        console.problem(str(error.filename or model), reason(error))
        return 2
    _tell(planned, output, console)
    if lost is not None:
        console.note(f"{output}: not kept: {lost}")
    return _proven(planned, model, output, console)


def _tell(planned: Plan, output: str, console: Console) -> None:
    names = ", ".join(definition.name for definition in planned.module.definitions)
    if planned.is_given:
        console.write(f"{output}: written; it needs {names} of {planned.module_path}\n")
    else:
        console.write(f"{output}: written; it needs {names} of {planned.module_path}, written too\n")
    if planned.needed:
        console.write(f"{output}: it also needs {', '.join(planned.needed)}, as the original does\n")


def _proven(planned: Plan, model: str, output: str, console: Console) -> int:
    unable = proof.missing()
    if unable is not None:
        console.note(f"{output}: not tried: {unable}")
        return 0
    with proof.scratch() as directory:
        verdict = proof.prove(output, planned.module_path, migrate.original(planned, model), directory)
    console.write(f"{output}: {verdict.text}\n")
    return 0 if verdict.holds else 1
