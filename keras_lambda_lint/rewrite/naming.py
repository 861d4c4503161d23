"""Names for new layers: from the operation, the function, `name=` or the assignment."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.keras_api.names import LAYER_MEMBERS
from keras_lambda_lint.sites.model import FunctionForm

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keras_lambda_lint.sites.model import FunctionRef, LambdaSite
    from keras_lambda_lint.source.index import Index

_WITH_CONSTANT: dict[type[ast.operator], str] = {
    ast.Add: "AddConstant",
    ast.Sub: "SubtractConstant",
    ast.Mult: "MultiplyBy",
    ast.Div: "DivideBy",
    ast.FloorDiv: "FloorDivideBy",
    ast.Mod: "Modulo",
    ast.Pow: "Power",
    ast.MatMult: "MatrixMultiply",
}
_WITH_INPUT: dict[type[ast.operator], str] = {
    ast.Add: "AddInputs",
    ast.Sub: "SubtractInputs",
    ast.Mult: "MultiplyInputs",
    ast.Div: "DivideInputs",
    ast.MatMult: "MatrixMultiplyInputs",
}
_MEANINGLESS = frozenset(
    {"x", "y", "z", "h", "out", "output", "outputs", "net", "layer", "model", "result", "res", "tmp", "temp", "inputs"}
)


def class_names(site: LambdaSite, function: FunctionRef, index: Index, settled: Collection[str] = ()) -> list[str]:
    """Return names for the layer that replaces a site, the best first; none is known to be free yet.

    `settled` are tensors and layers that the function captures, which become inputs of the layer.
    """
    if function.name is not None:
        return [camel(function.name) + ("Layer" if function.form is FunctionForm.OBJECT else "")]
    assert isinstance(function.node, ast.Lambda)
    names = []
    by_operation = operation_name(function.node, settled)
    if by_operation is not None:
        names = [by_operation, *_with_axis(by_operation, function.node)]
    if site.layer_name is not None and re.match(r"[A-Za-z][A-Za-z_.-]{2}", site.layer_name):
        names.append(camel(site.layer_name))
    assigned = _assigned_name(site.node, index)
    if assigned is not None and assigned.strip("_").lower() not in _MEANINGLESS and len(assigned) > 2:
        names.append(camel(assigned))
    return names or ["CustomOperation"]


def _with_axis(name: str, function: ast.Lambda) -> list[str]:
    """Return the operation's name with the axis that it takes: `ReduceSumAxis1`."""
    if not isinstance(function.body, ast.Call):
        return []
    given = [keyword.value for keyword in function.body.keywords if keyword.arg == "axis"] or function.body.args[1:2]
    try:
        axis = ast.literal_eval(given[0]) if given else None
    except ValueError:
        return []
    if not isinstance(axis, int) or isinstance(axis, bool):
        return []
    return [f"{name}LastAxis" if axis == -1 else f"{name}Axis{axis}"] if axis >= -1 else []


def _assigned_name(node: ast.Call, index: Index) -> str | None:
    """Return the variable that a layer, or the result of calling it at once, is assigned to."""
    parent = index.parents[node]
    if isinstance(parent, ast.Call) and parent.func is node:
        parent = index.parents[parent]
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        return parent.targets[0].id
    return None


def operation_name(function: ast.Lambda, settled: Collection[str] = ()) -> str | None:
    """Return a name for what a lambda computes, such as `Square` or `TakeStep`; None where the body does not speak."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    inputs = {*settled, *(argument.arg for argument in arguments[:1])}
    body = function.body
    if isinstance(body, ast.Name) and body.id in inputs:
        return "PassThrough"
    if isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.USub):
        return "Negate"
    if isinstance(body, ast.BinOp):
        return _arithmetic(body, inputs, affine=not settled)
    if isinstance(body, ast.Subscript):
        return _indexing(body, inputs)
    if isinstance(body, ast.Call) and ast.unparse(body.func) not in settled:
        called = body.func
        last = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else None
        return camel(last) if last is not None else None
    return None


def _arithmetic(body: ast.BinOp, inputs: set[str], *, affine: bool) -> str | None:
    if isinstance(body.op, ast.Pow) and isinstance(body.right, ast.Constant) and body.right.value == 2:
        return "Square" if _is_input(body.left, inputs) else None
    left, right = _is_input(body.left, inputs), _is_input(body.right, inputs)
    if left and right:
        return _WITH_INPUT.get(type(body.op))
    reads_input = [_reads(side, inputs) for side in (body.left, body.right)]
    if left != right and not all(reads_input):
        return _WITH_CONSTANT.get(type(body.op))
    return "Rescale" if affine and _is_affine(body, inputs) else None


def _is_affine(node: ast.expr, inputs: set[str]) -> bool:
    """Return whether an expression only adds, subtracts, multiplies and divides the input and plain values."""
    if isinstance(node, ast.BinOp):
        known = isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div))
        return known and _is_affine(node.left, inputs) and _is_affine(node.right, inputs)
    return isinstance(node, (ast.Constant, ast.Name, ast.Attribute)) or _is_input(node, inputs)


def _is_input(node: ast.expr, inputs: set[str]) -> bool:
    """Return whether an expression is the input, or one of several inputs: `x`, `x[0]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        node = node.value
    return isinstance(node, ast.Name) and node.id in inputs


def _reads(node: ast.expr, inputs: set[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in inputs for inner in ast.walk(node))


def _indexing(body: ast.Subscript, inputs: set[str]) -> str | None:
    if not (isinstance(body.value, ast.Name) and body.value.id in inputs):
        return None
    items = list(body.slice.elts) if isinstance(body.slice, ast.Tuple) else [body.slice]
    slices = [item for item in items if isinstance(item, ast.Slice)]
    if any(item.step is not None and ast.unparse(item.step) == "-1" for item in slices):
        return "Reverse"
    if len(slices) + sum(isinstance(item, ast.Constant) and item.value is Ellipsis for item in items) == len(items):
        return "Crop"
    if any(isinstance(item, ast.Constant) and item.value is None for item in items):
        return "ExpandDims"
    if not isinstance(items[0], ast.Slice) and len(items) == 1:
        return "TakeItem"
    last = items[1] if len(items) > 1 else None
    return "TakeLastStep" if last is not None and ast.unparse(last) == "-1" else "TakeStep"


def shared_name(function: ast.Lambda) -> str | None:
    """Return a name for what several lambdas compute that differ in numbers; None where the body does not speak."""
    name = operation_name(function)
    return {"TakeLastStep": "TakeStep", "Square": "Power"}.get(name, name) if name is not None else None


def snake(name: str) -> str:
    """Return a name in function style: `L2Normalize` is `l2_normalize`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel(name: str) -> str:
    """Return a name in class style: `l2_normalize` is `L2Normalize`, `toHSV` is `ToHSV`."""
    parts = [part for part in re.split(r"[\W_]+", name) if part]
    joined = "".join(part[0].upper() + part[1:] for part in parts)
    return joined if joined and not joined[0].isdigit() else f"Layer{joined}"


def taken_names(index: Index) -> set[str]:
    """Return all names that mean something in a file."""
    bound = {name for scope in (index.module, *index.scopes.values()) for name in scope.bindings}
    return bound | {read.id for read in index.reads} | set(dir(builtins))


def unique(names: list[str], taken: Collection[str]) -> str:
    """Return the first name, or else a longer one, that nothing in the file and no layer of Keras bears."""
    candidates = [f"{name}Layer" if name in LAYER_CLASSES else name for name in names]
    free = (name for name in _longer(candidates, candidates[0]) if name not in taken and name not in LAYER_CLASSES)
    return next(free)


def parameter_name(text: str, taken: Collection[str]) -> str:
    """Return a constructor parameter for a captured `axis`, `self.axis` or `config["axis"]`, free of what a Layer already has."""
    words = re.findall(r"[^\W\d]\w*", text)
    name = (words[-1] if words else "value").strip("_").lower() or "value"
    name = name if name.isidentifier() and not keyword.iskeyword(name) else "value"
    reserved = {*taken, *LAYER_MEMBERS}
    return next(
        candidate for candidate in _longer([name, f"{name}_value"], f"{name}_value") if candidate not in reserved
    )


def _longer(names: list[str], stem: str) -> Iterator[str]:
    yield from names
    number = 2
    while True:
        yield f"{stem}{number}"
        number += 1
