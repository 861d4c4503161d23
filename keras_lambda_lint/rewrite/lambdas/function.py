"""Which function a layer class can be written from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import FunctionForm, FunctionRef, LambdaSite
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites

_FORMS_WITHOUT_FIX = {
    FunctionForm.METHOD: "a bound method",
    FunctionForm.PARTIAL: "a `functools.partial`",
    FunctionForm.OBJECT: "an object",
}
_WITHOUT_FIX = {"mask": "`mask=` has to become `compute_mask` of a Layer"}


def function_of(sites: FileSites, site: LambdaSite) -> FunctionRef:
    """Return the function that a layer class is written from; raise `NoFix` with the reason why there is none."""
    function = site.function
    if function is None:
        raise NoFix("several functions may reach this layer" if site.functions else "the layer has no function")
    if function.form in _FORMS_WITHOUT_FIX:
        raise NoFix(f"the function is {_FORMS_WITHOUT_FIX[function.form]}")
    if function.node is None:
        raise NoFix("what the function is, is not known here")
    if function.through is not None:
        raise NoFix(f"the function reaches the layer through {function.through}")
    if function.traced and function.form is not FunctionForm.FUNCTION:
        raise NoFix("`tf.function` wraps the function")
    if site.unknown_arguments:
        raise NoFix("the layer takes `*` or `**` arguments")
    for name, reason in _WITHOUT_FIX.items():
        argument = site.arguments.get(name)
        if argument is not None and not (isinstance(argument.node, ast.Constant) and argument.node.value is None):
            raise NoFix(reason)
    if function.form is FunctionForm.NESTED:
        _refuse_members(sites, function)
        _refuse_other_uses(sites, function)
    return function


def _refuse_members(sites: FileSites, function: FunctionRef) -> None:
    """What a class body defines is an attribute of the class, which any module may read."""
    assert function.node is not None
    scope = sites.index.scope_of(function.node).parent
    if scope is not None and scope.kind is ScopeKind.CLASS:
        raise NoFix(f"`{function.name}` belongs to a class")
    if isinstance(function.node, ast.FunctionDef) and sites.index.bound_at[function.node].scope is not scope:
        raise NoFix(f"`{function.name}` is a name of an outer scope")


def _refuse_other_uses(sites: FileSites, function: FunctionRef) -> None:
    """A nested function moves into the layer, so nothing else may call it."""
    assert function.node is not None
    owner = sites.index.scope_of(function.node)
    arguments = {f.span for other in sites.lambdas for f in other.functions if f.node is function.node}
    for read in sites.index.reads_of(sites.index.bound_at[function.node]):
        if sites.source.span(read.node) not in arguments:
            recursive = read.scope.within(owner)
            raise NoFix(f"`{function.name}` {'calls itself' if recursive else 'is also used outside the layer'}")
