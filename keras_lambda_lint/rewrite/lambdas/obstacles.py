"""What stands in the way of making a layer of a function, whatever it captures."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.scopes import FunctionNode

_SHOWN = re.compile(r"=\s*[!:}]")
"""What stands in every f-string with an expression that shows its own text."""


def refuse_strange(sites: FileSites, function: FunctionRef, *, moves: bool) -> None:
    """Raise `NoFix` for a function that makes layers and variables when it runs, or, if its body moves, that cannot become a method.

    `sites` is the file that defines the function.
    """
    if function.node is None:
        if any(name.startswith("numpy.") for name in function.library):
            raise NoFix("the function is NumPy's, which fails in a layer too")
        return
    if isinstance(function.node, ast.AsyncFunctionDef):
        raise NoFix("the function is asynchronous")
    if function.creations and not moves:
        raise NoFix("the function creates a layer or a variable each time it runs")
    defaults = [*function.node.args.defaults, *(each for each in function.node.args.kw_defaults if each is not None)]
    if any(isinstance(each, ast.Call) and makes_state(sites, each) for each in defaults):
        raise NoFix("a parameter of the function has a layer or a variable as default: call it outside the function")
    if function.side_effects:
        raise NoFix("the function changes what lies outside of it")
    if function.numpy_calls:
        raise NoFix("the function hands a tensor to NumPy, which fails in a layer too")
    if moves:
        refuse_moving(function)


def refuse_moving(function: FunctionRef) -> None:
    """Raise `NoFix` for what means something else inside a class, or in another place."""
    node = function.node
    assert node is not None
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await, ast.Nonlocal)):
            raise NoFix("the function is a generator, waits, or rebinds names outside")
        if isinstance(inner, ast.Name) and inner.id.startswith("__") and not inner.id.endswith("__"):
            raise NoFix(f"`{inner.id}` means something else inside a class")
        if isinstance(inner, ast.Name) and inner.id in ("super", "__class__"):
            raise NoFix("the function uses `super`")


def makes_state(sites: FileSites, call: ast.Call) -> bool:
    """Return whether a call makes a layer or a variable."""
    return any(api.is_layer_class(name) or api.is_variable_maker(name) for name in sites.names.of(call.func))


def refuse_own_self(index: Index, node: FunctionNode) -> None:
    """Raise `NoFix` for a function that binds `self`, which would hide the layer."""
    own = index.scope_of(node)
    if any("self" in scope.bindings for scope in index.scopes.values() if scope.within(own)):
        raise NoFix("the function has a `self` of its own")


def refuse_shown_names(sites: FileSites, node: FunctionNode, replaced: set[Span]) -> None:
    """Raise `NoFix` where what an f-string shows with its text, as `f"{rate=}"` does, would be spelled otherwise."""
    for string in ast.walk(node):
        if not isinstance(string, ast.JoinedStr) or not _SHOWN.search(sites.text(sites.source.span(string))):
            continue
        for before, value in pairwise(string.values):
            if not isinstance(before, ast.Constant) or not str(before.value).rstrip().endswith("="):
                continue
            if any(isinstance(e, ast.expr) and sites.source.span(e) in replaced for e in ast.walk(value)):
                raise NoFix("an f-string of the function shows the name of a value, which would change")
