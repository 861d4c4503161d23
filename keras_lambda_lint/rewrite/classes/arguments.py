"""The functions that the file gives to an own class get what a loaded model needs to find them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import FunctionForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.rewrite.classes.held import Held
    from keras_lambda_lint.rewrite.saving.registering import Registering
    from keras_lambda_lint.sites.model import FunctionRef

_NEVER_FOUND = (FunctionForm.METHOD, FunctionForm.PARTIAL, FunctionForm.OBJECT)


def registered_arguments(registering: Registering, held: Iterable[Held], like: ast.expr) -> Change:
    """Return the change that registers the functions which parameters are given; raise `NoFix` where one cannot be.

    `like` is an expression of the file that names something of the same Keras.
    """
    change = Change()
    for each in held:
        for value in each.functions:
            if isinstance(value, ast.Constant):
                continue
            functions = registering.sites.functions.of(value, script=False)
            for function in functions:
                change += _registered(registering, each.name, value, function, like)
            if not functions:
                change.unsafe.append(_unknown(each.name))
        if each.takes_functions and not each.functions:
            change.unsafe.append(_unknown(each.name))
    return change


def _registered(registering: Registering, name: str, value: ast.expr, function: FunctionRef, like: ast.expr) -> Change:
    if function.registered:
        return Change()
    if function.traced:
        raise NoFix(f"`tf.function` wraps what `{name}` is given")
    if function.node is None:
        if function.form is FunctionForm.LIBRARY:
            shown = registering.sites.text(registering.sites.source.span(value))
            raise NoFix(
                f"Keras does not find `{shown}` by its name when it loads the layer: give a function of your own"
            )
        if function.form in _NEVER_FOUND:
            raise NoFix(f"`{name}` is given {function.form.value}, which Keras does not find when it loads the layer")
        return Change(unsafe=[_unknown(name)])
    local = registering.local(function)
    if local:
        raise NoFix(f"what `{name}` is given captures `{local[0].text}`, which no function of the module can read")
    home = registering.home(function)
    names, unsafe = registering.names(function, like if home is registering.sites else None)
    made, edits = registering.registered(function, Role.FUNCTION, names)
    change = Change(unsafe=unsafe, done=[f"the registered function `{made}`"])
    if home is registering.sites:
        change.edits += edits
    else:
        change.elsewhere[home.source.filename] = (home.source, tuple(edits))
    return change


def _unknown(name: str) -> str:
    return f"what functions `{name}` is given is not known: each has to be registered with Keras"
