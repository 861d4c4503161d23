"""The functions that the file gives to an own class get what a loaded model needs to find them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import FunctionForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.rewrite.classes.held import Held
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef

_NEVER_FOUND = (FunctionForm.METHOD, FunctionForm.PARTIAL, FunctionForm.OBJECT)


def registered_arguments(sites: FileSites, held: Iterable[Held]) -> Change:
    """Return what is to be said of the functions which parameters are given; raise `NoFix` where one is not found in a loaded model."""
    change = Change()
    for each in held:
        for value in each.functions:
            if isinstance(value, ast.Constant):
                continue
            functions = sites.functions.of(value, script=False)
            for function in functions:
                change += _registered(sites, each.name, value, function)
            if not functions:
                change.unsafe.append(_unknown(each.name))
        if each.takes_functions and not each.functions:
            change.unsafe.append(_unknown(each.name))
    return change


def _registered(sites: FileSites, name: str, value: ast.expr, function: FunctionRef) -> Change:
    if function.registered:
        return Change()
    if function.traced:
        raise NoFix(f"`tf.function` wraps what `{name}` is given")
    shown = sites.text(sites.source.span(value))
    if function.form is FunctionForm.LIBRARY:
        raise NoFix(f"Keras does not find `{shown}` by its name when it loads the layer: give a function of your own")
    if function.node is not None or function.form in _NEVER_FOUND:
        raise NoFix(f"`{name}` is given `{shown}`, which has to be a registered function")
    return Change(unsafe=[_unknown(name)])


def _unknown(name: str) -> str:
    return f"what functions `{name}` is given is not known: each has to be registered with Keras"
