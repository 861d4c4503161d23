"""Where the value of a capture comes from, where nothing more is known of it: what calls of TensorFlow and Keras return is no config."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture

_PLAIN = frozenset(
    "backend epsilon eval floatx get_uid get_value image_data_format int_shape is_built_with_cuda is_keras_tensor ndim".split()
)
"""The functions of Keras and TensorFlow that return numbers, strings or tuples."""
_CONSTANTS = frozenset({"tensorflow.constant", "tensorflow.convert_to_tensor"})
_SHORT = 60
"""How long the text of a constant may be that moves to where it is read."""


def made_by(sites: FileSites, capture: Capture) -> ast.Call | None:
    """Return the call of TensorFlow or Keras that a captured value, or an element of it, comes from; None where none is known."""
    return call_behind(sites, bound_to(sites, capture))


def call_behind(sites: FileSites, made: ast.expr | None) -> ast.Call | None:
    """Return the call of TensorFlow or Keras that an expression, or an element of it, comes from; None where none is known."""
    while isinstance(made, (ast.Subscript, ast.ListComp, ast.DictComp, ast.GeneratorExp)):
        made = made.value if isinstance(made, (ast.Subscript, ast.DictComp)) else made.elt
    if not isinstance(made, ast.Call):
        return None
    names = sites.names.of(made.func)
    known = names and all(name.startswith("tensorflow.") or api.below_keras(name) is not None for name in names)
    return made if known and not {name.rpartition(".")[2] for name in names} <= _PLAIN else None


def bound_to(sites: FileSites, capture: Capture) -> ast.expr | None:
    """Return the one expression that a captured name is bound to; None where there are several, or the name is only the root of it."""
    if not isinstance(capture.node, ast.Name):
        return None
    bindings = sites.index.reaching(capture.node)
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT:
        return None
    return bindings[0].value


def constant_text(sites: FileSites, call: ast.Call) -> str | None:
    """Return the text of a call that makes a constant tensor of literals; None for any other."""
    if not sites.names.of(call.func) <= _CONSTANTS:
        return None
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    text = sites.text(sites.source.span(call))
    return text if all(map(_is_literal, arguments)) and len(text) <= _SHORT and "\n" not in text else None


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True
