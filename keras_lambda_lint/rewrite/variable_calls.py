"""What a call that makes a variable says: its first value, its shape, how else it is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites

SIGNATURES = {
    "tf": ("initial_value", "trainable"),
    "backend": ("value", "dtype", "name"),
    "keras": ("initializer", "shape", "dtype", "trainable"),
}
"""The first positional parameters of `tf.Variable`, `K.variable` and `keras.Variable`."""
HARMLESS = ("name", "validate_shape")
_FILLED = {"zeros": "zeros", "ones": "ones"}


def arguments_of(sites: FileSites, call: ast.Call) -> tuple[str, dict[str, ast.expr]]:
    """Return which of `SIGNATURES` a call has, and its arguments by their names; raise `NoFix` where the code does not tell."""
    names = sites.names.of(call.func)
    if any(name.endswith(".add_weight") for name in names):
        raise NoFix("the variable is a weight of another layer")
    if all(name in api.TF_VARIABLES and name.endswith("Variable") for name in names):
        kind = "tf"
    elif all((api.below_keras(name) or "").startswith("backend.") for name in names):
        kind = "backend"
    elif all(api.below_keras(name) == "Variable" for name in names):
        kind = "keras"
    else:
        raise NoFix("how the variable is made is not known")
    arguments = dict(zip(SIGNATURES[kind], call.args, strict=False))
    if len(call.args) > len(SIGNATURES[kind]) or any(isinstance(a, ast.Starred) for a in call.args):
        raise NoFix("the variable is made with positional arguments that are not known")
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NoFix("the variable is made with `**` arguments")
        arguments[keyword.arg] = keyword.value
    return kind, arguments


def shape_of(sites: FileSites, initial: ast.expr, name: str) -> tuple[str, str | None]:
    """Return the shape of an initial value as source text, and the initialiser's name where it is filled with one number."""
    if isinstance(initial, ast.Call) and len(initial.args) == 1 and not initial.keywords:
        last = initial.func.attr if isinstance(initial.func, ast.Attribute) else ""
        known = any(q.startswith(("numpy.", "tensorflow.")) or api.below_keras(q) for q in sites.names.of(initial.func))
        dims = initial.args[0]
        if known and last in _FILLED and _literal_dims(dims):
            return (f"({ast.unparse(dims)},)" if isinstance(dims, ast.Constant) else ast.unparse(dims)), _FILLED[last]
    shape = literal_shape(initial)
    if shape is None:
        raise NoFix(f"the initial value of `{name}` is not a literal")
    return str(shape), None


def _literal_dims(node: ast.expr) -> bool:
    elements = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return all(isinstance(element, ast.Constant) and isinstance(element.value, int) for element in elements)


def literal_shape(node: ast.expr) -> tuple[int, ...] | None:
    """Return the shape of a number or of nested lists of numbers; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        node = node.operand
    if isinstance(node, ast.Constant):
        return () if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) else None
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        shapes = {literal_shape(element) for element in node.elts}
        inner = shapes.pop()
        return None if shapes or inner is None else (len(node.elts), *inner)
    return None


def is_integer(node: ast.expr) -> bool:
    """Return whether all numbers of an expression are integers."""
    numbers = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
    return all(isinstance(number, int) for number in numbers)
