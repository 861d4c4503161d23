"""Which calls save whole models, and which model they save."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api import saving
from keras_lambda_lint.source.names import last_name
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites

ANY = "*"
"""Stands for a model without a name: a checkpoint saves the one that is fitted."""


def saved_model(file: FileSites, call: ast.Call) -> str | None:
    """Return the last name of the whole Keras model that a call saves, `ANY` where it has none; None if it certainly saves none."""
    names = file.names.of(call.func)
    if any(api.is_one_of(name, saving.SAVERS) for name in names):
        return (last_name(call.args[0]) if call.args else None) or ANY
    if any(api.is_one_of(name, saving.CHECKPOINTS) for name in names):
        weights = [keyword.value for keyword in call.keywords if keyword.arg == "save_weights_only"]
        whole = not weights or (isinstance(weights[0], ast.Constant) and not weights[0].value)
        return ANY if whole else None
    model = receiver(call, "save")
    if model is None or not (call.args or call.keywords):
        return None
    named = last_name(model)
    compiled = {last_name(other) for each in file.index.calls.get("compile", ()) if (other := receiver(each.node))}
    is_model = file.values.of(model).is_layer or (named is not None and named in compiled)
    return (named or ANY) if is_model or any(map(_is_model_path, _texts(call))) else None


def receiver(call: ast.Call, method: str | None = None) -> ast.expr | None:
    """Return the object whose method a call calls, `method` if given; None for other calls."""
    callee = call.func
    return callee.value if isinstance(callee, ast.Attribute) and method in (None, callee.attr) else None


def _is_model_path(text: str) -> bool:
    return text.endswith(saving.WHOLE_MODEL_SUFFIXES) and not text.endswith(".weights.h5")


def _texts(call: ast.Call) -> Iterator[str]:
    """Yield the literal texts in the arguments of a call, those of formatted texts and joined paths included."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        for node in walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
