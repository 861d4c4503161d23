"""What the model states of the inputs of a layer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.shape.tensors import Items, Tensor
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.shape.tensors import Abstract


class Stated(NamedTuple):
    """What is known of one input: its shape, batch dimension included, and whether it holds floats."""

    shape: tuple[int | None, ...] | None = None
    is_float: bool | None = None


def stated_inputs(file: FileSites, call: ast.Call) -> tuple[Stated, ...] | None:
    """Return the inputs that the layer made by `call` is called on: one per element of a list; None where it is not called there."""
    argument = _argument(file, call)
    if argument is None:
        return None
    given = file.shapes.model.input_of(call)
    if isinstance(argument, (ast.List, ast.Tuple)):
        known = given.items if isinstance(given, Items) else (None,) * len(argument.elts)
        return tuple(_stated(file, node, each) for node, each in zip(argument.elts, known, strict=True))
    return (_stated(file, argument, given),)


def is_list(file: FileSites, call: ast.Call) -> bool:
    """Return whether the layer made by `call` is called on a list of tensors that is written out."""
    return isinstance(_argument(file, call), (ast.List, ast.Tuple))


def _argument(file: FileSites, call: ast.Call) -> ast.expr | None:
    """Return what the layer made by `call` is called on."""
    parent = file.index.parents[call]
    called = isinstance(parent, ast.Call) and parent.func is call and len(parent.args) == 1
    return _followed(file, parent.args[0]) if isinstance(parent, ast.Call) and called else None


def _followed(file: FileSites, node: ast.expr) -> ast.expr:
    """Return what a name is bound to, where it is bound once."""
    if isinstance(node, ast.Name) and node in file.index.reads:
        bindings = file.index.reaching(node)
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
            return bindings[0].value
    return node


def _stated(file: FileSites, node: ast.expr, given: Abstract | None) -> Stated:
    shape = given.shape if isinstance(given, Tensor) else None
    lengths = None if shape is None else tuple(length if isinstance(length, int) else None for length in shape)
    return Stated(lengths, _is_float(file, _followed(file, node)))


def _is_float(file: FileSites, node: ast.expr) -> bool | None:
    """Return whether `Input(...)` makes a tensor of floats; None where the code does not tell."""
    if not isinstance(node, ast.Call) or not any(api.is_one_of(n, api.INPUTS) for n in file.names.of(node.func)):
        return None
    dtype = next((keyword.value for keyword in node.keywords if keyword.arg == "dtype"), None)
    if dtype is None:
        return True
    name = dtype.value if isinstance(dtype, ast.Constant) else dtype.attr if isinstance(dtype, ast.Attribute) else None
    return "float" in name if isinstance(name, str) else None
