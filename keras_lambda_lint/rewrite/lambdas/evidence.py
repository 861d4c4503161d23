"""What the code around a captured name tells of it where its value is not known: enough to see that no config can hold it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.origin import call_behind
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import Origin, ValueKind
from keras_lambda_lint.source.scopes import BindingKind, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture
    from keras_lambda_lint.source.scopes import Binding

_OF_JSON = frozenset(name for kind in (bool, int, float, str, list, tuple, dict) for name in dir(kind))
_MAKER = re.compile(r"(?:^|\.)(?:constant|convert_to_tensor|eye|fill|linspace|ones|random\w*|range|zeros)(?:$|\.)")
"""Functions that make tensors of numbers."""
_LOOKED_UP = frozenset({"tensorflow.gather", "tensorflow.nn.embedding_lookup", "keras.ops.take"})
"""Functions that look up rows of their first argument."""


def refuse_by_evidence(sites: FileSites, capture: Capture) -> None:
    """Raise `NoFix` for a captured name that is used, or given a value, as no number, string, list or dict is."""
    if not isinstance(capture.node, ast.Name):
        return
    if _is_looked_up(sites, capture):
        raise NoFix(f"the function looks up rows of `{capture.text}`: pass it as an input, or make it a weight")
    for binding in sites.index.reaching(capture.node):
        for read in sites.index.reads_of(binding):
            around = sites.index.parents[read.node]
            if isinstance(around, ast.Attribute) and around.attr not in _OF_JSON:
                raise NoFix(
                    f"`{capture.text}` is an object with attributes such as `{around.attr}`: no config can hold it"
                )
    made = _given(sites, capture)
    if made is not None:
        maker = ast.unparse(made.func)
        raise NoFix(f"`{capture.text}` is given what `{maker}` returns: pass it as an input of the layer")


def is_tensor(sites: FileSites, capture: Capture) -> bool:
    """Return whether a captured parameter gets a tensor that others were computed to, or is used as only a tensor or an array is."""
    if capture.value.kind is not ValueKind.UNKNOWN or capture.origin is not Origin.PARAMETER:
        return False
    made = _given(sites, capture)
    return (made is not None and _is_of_tensors(sites, made)) or _is_looked_up(sites, capture)


def _is_looked_up(sites: FileSites, capture: Capture) -> bool:
    calls = [(node, sites.index.parents[node]) for node in capture.nodes]
    return any(
        isinstance(call, ast.Call) and call.args[:1] == [node] and sites.names.of(call.func) & _LOOKED_UP
        for node, call in calls
    )


def _given(sites: FileSites, capture: Capture) -> ast.Call | None:
    """Return the call of TensorFlow or Keras whose result a call in the file passes for a captured parameter; None where none does."""
    if not isinstance(capture.node, ast.Name) or capture.value.kind is not ValueKind.UNKNOWN:
        return None
    for binding in sites.index.reaching(capture.node):
        for value in _passed(sites, binding):
            made = call_behind(sites, _bound(sites, value))
            if made is not None:
                return made
    return None


def _is_of_tensors(sites: FileSites, made: ast.Call) -> bool:
    """Return whether a call computes a tensor from others, and makes none of numbers: that would be no input of a model."""
    first = made.args[0] if made.args else None
    makes = any(_MAKER.search(name) for name in sites.names.of(made.func))
    return isinstance(first, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) and not makes


def _passed(sites: FileSites, binding: Binding) -> Iterator[ast.expr]:
    """Yield what the calls in the file pass for a parameter."""
    function = binding.scope.node
    if binding.kind is not BindingKind.PARAMETER or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    parent = binding.scope.parent
    bound = parent is not None and parent.kind is ScopeKind.CLASS
    for call in sites.index.calls.get(function.name, ()):
        if binding.name in names:
            place = names.index(binding.name) - (bound and isinstance(call.node.func, ast.Attribute))
            yield from call.node.args[place : place + 1] if place >= 0 else ()
        yield from (each.value for each in call.node.keywords if each.arg == binding.name)


def _bound(sites: FileSites, node: ast.expr) -> ast.expr | None:
    """Return the one expression that a name is bound to, or an expression itself."""
    if not isinstance(node, ast.Name):
        return node
    bindings = sites.index.reaching(node)
    alone = len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT
    return bindings[0].value if alone else None
