"""`keras-lambda-lint recover`: a module with the layers that a saved model holds as bytecode. Nothing of the model is executed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.recovering.module import recover_module
from keras_lambda_lint.files import reason

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.recovering.module import Module
    from keras_lambda_lint.report.console import Console


def run(model: str, output: str | None, fix_style: str, console: Console) -> int:
    """Write the module and return the exit code: 1 if a person has to finish it, 2 if nothing could be written."""
    try:
        if output is not None and os.path.lexists(output):
            console.problem(output, "it exists already: name a new file, or delete it first")
            return 2
        module = recover_module(model, fix_style)
    except ModelError as error:
        console.problem(model, str(error))
        return 2
    except OSError as error:
        console.problem(model, reason(error))
        return 2
    if output is None:
        console.write_bytes(module.text.encode())
    elif not write_new(output, module.text.encode(), console):
        return 2
    return tell(module, console)


def write_new(path: str, data: bytes, console: Console) -> bool:
    """Write a file that was not there; say why where that is impossible, and return whether it was done."""
    try:
        with open(path, "xb") as stream:
            try:
                stream.write(data)
                stream.flush()
            except OSError:
                os.unlink(path)
                raise
    except OSError as error:
        console.problem(path, f"cannot write it: {reason(error)}")
        return False
    return True


def tell(module: Module, console: Console) -> int:
    """Say what a person has to finish in a module; return the exit code for that."""
    lines = [f"layer `{place.path}` has no code in the module: {why}" for place, why in module.without]
    for definition in module.definitions:
        for place, _ in definition.drafts:
            lines += [
                f"`{definition.name}` is approximate: {each.reason}"
                for each in place.functions.values()
                if each.status != "exact"
            ]
    for line in dict.fromkeys([*lines, *module.todo]):
        console.note(f"to do: {line}")
    return 1 if lines or module.todo else 0
