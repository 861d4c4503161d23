"""Where a file makes instances of an own class, and what it gives to which parameter."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import layer_config as facts
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.classes.bases import lineage, own_class
from keras_lambda_lint.sites.classes.layer_class import Evidence
from keras_lambda_lint.sites.model import ValueKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.index import Call

_SPOKEN = {
    ValueKind.FUNCTION: "a function",
    ValueKind.LAYER: "a layer",
    ValueKind.MODEL: "a model",
    ValueKind.ARRAY: "an array",
    ValueKind.VARIABLE: "a variable",
    ValueKind.TENSOR: "a tensor",
}


def constructions(file: FileSites, node: ast.ClassDef) -> list[Call]:
    """Return the calls of a file that certainly make an instance of one of its classes."""
    found = []
    for call in file.index.calls.get(node.name, ()):
        made = own_class(file, call.node.func)
        if made is not None and made.node is node:
            found.append(call)
    return found


def given(call: ast.Call, positional: tuple[str, ...]) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a construction gives to which parameter; what follows `*args` is left out."""
    for name, argument in zip(positional, call.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        yield name, argument
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def unsaveable(file: FileSites, node: ast.expr) -> Evidence | None:
    """Return what an expression certainly is, if no automatic config can hold that."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return next((found for element in node.elts if (found := unsaveable(file, element)) is not None), None)
    what = _SPOKEN.get(file.values.of(node).kind)
    if what is None and isinstance(node, ast.Call):
        made = own_class(file, node.func)
        what = "a layer" if made is not None and lineage(made.file, made.node) is not None else None
    if what is None and isinstance(node, (ast.Name, ast.Attribute)):
        names = file.names.of(node)
        what = "a function" if names and all(_is_function(name) for name in names) else None
    return None if what is None else Evidence(what, file.source.span(node))


def _is_function(name: str) -> bool:
    of_keras = (api.below_keras(name) or "").startswith("activations.")
    return (of_keras or name.startswith(facts.FUNCTIONS_OF)) and name.rpartition(".")[2].islower()


def makers(file: FileSites, node: ast.ClassDef, calls: list[Call]) -> frozenset[str]:
    """Return the names whose use makes an instance: of the class, and of the module's functions that make one, directly or not."""
    found = {node.name}
    waiting = [call for call in calls if call.scope.owning_class is None]
    while waiting:
        scope = waiting.pop().scope
        while scope.parent is not None and scope.parent.parent is not None:
            scope = scope.parent
        top = scope.node
        if isinstance(top, (ast.FunctionDef, ast.AsyncFunctionDef)) and top.name not in found:
            found.add(top.name)
            waiting += file.index.calls.get(top.name, ())
    return frozenset(found)
