"""What the model states of the inputs of a layer where it is called on `Input(...)` at once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites


@dataclass(frozen=True)
class Stated:
    """What is known of one input: its shape, batch dimension included, and whether it holds floats."""

    shape: tuple[int | None, ...] | None = None
    is_float: bool | None = None


def stated_inputs(file: FileSites, call: ast.Call) -> tuple[Stated, ...] | None:
    """Return the inputs that the layer made by `call` is called on: one per element of a list; None where they are not known."""
    parent = file.index.parents[call]
    if not (isinstance(parent, ast.Call) and parent.func is call and len(parent.args) == 1):
        return None
    argument = _followed(file, parent.args[0])
    if isinstance(argument, (ast.List, ast.Tuple)):
        return tuple(_stated(file, _followed(file, element)) for element in argument.elts)
    return (_stated(file, argument),)


def is_list(file: FileSites, call: ast.Call) -> bool:
    """Return whether the layer made by `call` is called on a list of tensors that is written out."""
    parent = file.index.parents[call]
    return isinstance(parent, ast.Call) and isinstance(_followed(file, parent.args[0]), (ast.List, ast.Tuple))


def _followed(file: FileSites, node: ast.expr) -> ast.expr:
    """Return what a name is bound to, where it is bound once."""
    if isinstance(node, ast.Name) and node in file.index.reads:
        bindings = file.index.reaching(node)
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
            return bindings[0].value
    return node


def _stated(file: FileSites, node: ast.expr) -> Stated:
    if not isinstance(node, ast.Call) or not any(api.is_one_of(n, api.INPUTS) for n in file.names.of(node.func)):
        return Stated()
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if node.args:
        given["shape"] = node.args[0]
    dtype = given.get("dtype")
    is_float = True if dtype is None else _is_float(dtype)
    if "batch_shape" in given:
        return Stated(_shape(file, given["batch_shape"]), is_float)
    rest = _shape(file, given["shape"]) if "shape" in given else None
    return Stated(None if rest is None else (None, *rest), is_float)


def _is_float(dtype: ast.expr) -> bool | None:
    name = dtype.value if isinstance(dtype, ast.Constant) else dtype.attr if isinstance(dtype, ast.Attribute) else None
    return "float" in name if isinstance(name, str) else None


def _shape(file: FileSites, node: ast.expr) -> tuple[int | None, ...] | None:
    if not isinstance(node, (ast.Tuple, ast.List)) or any(isinstance(each, ast.Starred) for each in node.elts):
        return None
    return tuple(file.shapes.integer(each) for each in node.elts)
