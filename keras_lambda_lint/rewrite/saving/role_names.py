"""Names for the functions and classes that fill a Keras slot."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.activations import BUILTIN_NAMES
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.naming import operation_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def function_names(node: ast.Lambda, role: Role) -> list[str]:
    """Return names for a function that is made of a lambda, the best first: `multiply_by`, `identity_loss`.

    None is the name of an activation of Keras, which a reader would take for that.
    """
    return [*_names(node, role), f"custom_{role.value}"]


def _names(node: ast.Lambda, role: Role) -> Iterator[str]:
    parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    if role.belongs_to_training and isinstance(node.body, ast.Name) and parameters[1:2] == [node.body.id]:
        yield f"identity_{role.value}"
        return
    operation = operation_name(node)
    if operation is not None:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation.removesuffix("Constant")).lower()
        if isinstance(node.body, ast.BinOp) and operation != "Square":
            name += _number(node.body)
        inner = _inner(node)
        if inner is not None:
            yield f"{name}_{inner}"
        if role in (Role.ACTIVATION, Role.FUNCTION) and name not in BUILTIN_NAMES:
            yield name
        yield f"{name}_{role.value}"


def _inner(node: ast.Lambda) -> str | None:
    """Return what the operation of a lambda is applied to, where that is the result of another one: `abs` in `sqrt(abs(x))`."""
    if not (isinstance(node.body, ast.Call) and node.body.args and isinstance(node.body.args[0], ast.Call)):
        return None
    called = node.body.args[0].func
    last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    return last.lower() if isinstance(last, str) and not node.body.args[1:] else None


def _number(body: ast.BinOp) -> str:
    """Return the end of a name that says by what an operation multiplies, or how much it adds, where that is a whole number."""
    for part in (body.left, body.right):
        if isinstance(part, ast.Constant) and type(part.value) is int:
            return f"_{part.value}"
    return ""
