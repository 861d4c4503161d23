"""Functions that only exist around a site and that its function calls: they move into `call` with it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_own_self, refuse_strange
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.flow import Reached
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import BindingKind, FunctionNode, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Capture, FunctionRef
    from keras_lambda_lint.source.scopes import Binding


def inner_function(making: Making, capture: Capture) -> FunctionRef | None:
    """Return the function of the code around the site that a capture is; None where it is none. Raises `NoFix` where it cannot move."""
    bindings = making.sites.index.reaching(capture.root)
    node = _function(bindings[0]) if len(bindings) == 1 and isinstance(capture.node, ast.Name) else None
    if node is None or bindings[0].scope.kind is not ScopeKind.FUNCTION:
        return None
    if capture.late_bound or len(bindings[0].scope.bindings[capture.text]) > 1:
        raise NoFix(f"`{capture.text}` is bound more than once")
    inner = making.sites.functions.described(Reached(making.sites, node), capture.span, script=False)
    if getattr(node, "decorator_list", None):
        raise NoFix(f"`{capture.text}` is decorated")
    refuse_strange(making.sites, inner, moves=True)
    refuse_own_self(making.sites.index, node)
    for argument, _, default in with_defaults(node.args):
        if default is not None and any(isinstance(part, (ast.Name, ast.Call)) for part in ast.walk(default)):
            raise NoFix(f"the default of `{argument.arg}` is computed where `{capture.text}` is made")
    _refuse_other_reads(making, capture, bindings[0], node)
    _refuse_hidden(making, capture, node)
    return inner


def _function(binding: Binding) -> FunctionNode | None:
    if isinstance(binding.node, ast.FunctionDef):
        return binding.node
    simple = binding.kind is BindingKind.ASSIGNMENT and isinstance(binding.value, ast.Lambda)
    return binding.value if simple and isinstance(binding.value, ast.Lambda) else None


def _refuse_other_reads(making: Making, capture: Capture, binding: Binding, node: FunctionNode) -> None:
    """What something else calls too would stand in the file twice."""
    index = making.sites.index
    functions = [
        f.node for site in making.sites.lambdas for f in site.functions if f.node is not None and f.source is None
    ]
    inside = [index.scope_of(function) for function in (*functions, *making.moving, node)]
    for read in index.reads_of(binding):
        if not any(read.scope.within(scope) for scope in inside):
            raise NoFix(f"`{capture.text}` is also used outside the layer")


def _refuse_hidden(making: Making, capture: Capture, node: FunctionNode) -> None:
    """Inside `call`, a name that it binds must not take the place of one that the function reads from further out."""
    index = making.sites.index
    inside = index.scope_of(node)
    free = {
        name.id
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
        and name in index.reads
        and ((owner := index.reads[name].scope.owner(name.id)) is None or not owner.within(inside))
    }
    hidden = free & {"inputs", "self", "mask", "training", *index.scope_of(making.node).bindings} - {capture.text}
    if hidden - {"self"}:
        raise NoFix(f"`{capture.text}` reads another `{min(hidden)}` than the function")
