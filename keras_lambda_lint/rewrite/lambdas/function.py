"""Which function a layer is written from, and how."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.made import by_factory, of_object
from keras_lambda_lint.rewrite.lambdas.methods import of_method
from keras_lambda_lint.rewrite.lambdas.parameters import PASSED_BY_KERAS
from keras_lambda_lint.rewrite.lambdas.taken import Taken, argument_of, called, is_inside, same_anywhere
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.spelling import may_go
from keras_lambda_lint.sites.model import FunctionForm, FunctionRef, LambdaSite
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites

_STEPS = (ast.If, ast.IfExp, ast.BoolOp, ast.While, ast.For, ast.Assert, ast.Not, ast.comprehension)
"""What `tf.function` may run on tensors where Python runs it on their truth and length."""


def taken_by(sites: FileSites, site: LambdaSite) -> Taken:
    """Return what the layer of a site is written from; raise `NoFix` with the reason why there is nothing."""
    if site.unknown_arguments:
        raise NoFix("the layer takes `*` or `**` arguments")
    if not site.functions:
        raise NoFix("the layer has no function")
    return taken_from(sites, site, site.functions, argument_of(site))


def taken_from(sites: FileSites, site: LambdaSite, functions: tuple[FunctionRef, ...], node: ast.expr) -> Taken:
    """Return what a method is written from that computes what `node` does, which may be these functions; raise `NoFix` for several."""
    if len(functions) > 1:
        raise NoFix("several functions may reach this layer")
    return _taken(sites, site, functions[0], node)


def _taken(sites: FileSites, site: LambdaSite, function: FunctionRef, node: ast.expr) -> Taken:
    made = sites.flow.written(node)
    if function.traced and isinstance(made, ast.Call) and made.args:
        _refuse_traced(function, made)
        node, made = made.args[0], sites.flow.written(made.args[0])
    if function.form is FunctionForm.PARTIAL:
        return _of_partial(sites, site, made)
    if function.form is FunctionForm.METHOD:
        return of_method(sites, function, node)
    if function.form is FunctionForm.OBJECT and isinstance(made, ast.Call):
        return of_object(sites, site, function, made)
    if isinstance(made, ast.Call):
        return by_factory(sites, site, function, made)
    if function.form is FunctionForm.LIBRARY and function.registered and site.target == {3}:
        raise NoFix("Keras 3 finds the function by its name")
    if function.node is None or function.source is not None:
        return called(sites, function, node)
    if function.through is not None:
        raise NoFix(f"the function reaches the layer through {function.through}")
    if function.form is FunctionForm.FUNCTION and not _has_to_move(sites, function):
        return called(sites, function, node)
    if function.form is FunctionForm.FUNCTION:
        _refuse_module_function(sites, function)
        _refuse_other_uses(sites, site, function)
    if isinstance(function.node, ast.Lambda):
        function = _called_alone(sites, site, function.node) or function
    if function.form is FunctionForm.NESTED:
        _refuse_decorators(function)
        _refuse_members(sites, function)
        _refuse_other_uses(sites, site, function)
    return Taken(function, sites)


def _of_partial(sites: FileSites, site: LambdaSite, partial: ast.expr) -> Taken:
    """Return the function of a `functools.partial`, with what that binds."""
    if not isinstance(partial, ast.Call) or not partial.args:
        raise NoFix("how the `functools.partial` is made is not known here")
    node, *before = partial.args
    by_name = {keyword.arg: keyword.value for keyword in partial.keywords if keyword.arg is not None}
    if len(by_name) < len(partial.keywords) or any(isinstance(each, ast.Starred) for each in partial.args):
        raise NoFix("the `functools.partial` takes `*` or `**` arguments")
    if not is_inside(sites, site, partial) and not all(
        same_anywhere(sites, each) for each in (*before, *by_name.values())
    ):
        raise NoFix("the `functools.partial` is made elsewhere, with values of that place")
    functions = sites.functions.of(node, script=is_in_script(site))
    if len(functions) != 1 or functions[0].form is FunctionForm.PARTIAL:
        raise NoFix("what the `functools.partial` calls is not known here")
    taken = _taken(sites, site, functions[0], node)
    if taken.makes is not None:
        raise NoFix("the `functools.partial` binds arguments of a function that a call makes")
    return replace(taken, before=tuple(before), by_name=by_name)


def is_in_script(site: LambdaSite) -> bool:
    """Return whether the layer is made while its module is executed."""
    scope = site.scope
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope.kind is ScopeKind.MODULE


def _called_alone(sites: FileSites, site: LambdaSite, node: ast.Lambda) -> FunctionRef | None:
    """Return the nested function that is all a lambda calls, with the same input, if nothing else calls it: `lambda x: f(x)`."""
    body, parameters = node.body, node.args
    if (
        not isinstance(body, ast.Call)
        or not isinstance(body.func, ast.Name)
        or ast.unparse(parameters).count(",")
        or body.keywords
    ):
        return None
    if (
        len(parameters.args) != 1
        or parameters.defaults
        or [ast.unparse(each) for each in body.args] != [parameters.args[0].arg]
    ):
        return None
    found = sites.functions.of(body.func, script=is_in_script(site))
    if (
        len(found) != 1
        or found[0].form is not FunctionForm.NESTED
        or found[0].node is None
        or found[0].through is not None
    ):
        return None
    if any(parameter.name in PASSED_BY_KERAS for parameter in found[0].parameters):
        return None
    binding = sites.index.bound_at.get(found[0].node)
    inside = binding is not None and all(is_inside(sites, site, read.node) for read in sites.index.reads_of(binding))
    return found[0] if inside and is_inside(sites, site, node) else None


def _refuse_decorators(function: FunctionRef) -> None:
    """Of the decorators of a function that moves only a plain `tf.function` can go."""
    decorators = getattr(function.node, "decorator_list", [])
    if decorators and (not function.traced or len(decorators) > 1):
        raise NoFix(f"`{function.name}` is decorated")
    if decorators:
        _refuse_traced(function, decorators[0])


def _refuse_traced(function: FunctionRef, wrapper: ast.expr) -> None:
    """`tf.function` goes if the function computes the same without it."""
    if isinstance(wrapper, ast.Call) and (wrapper.keywords or wrapper.args[1:]):
        raise NoFix("`tf.function` wraps the function, with options")
    if function.node is None or any(isinstance(inner, _STEPS) for inner in ast.walk(function.node)):
        raise NoFix("`tf.function` turns the conditions and loops of the function into operations on tensors")


def _has_to_move(sites: FileSites, function: FunctionRef) -> bool:
    """Return whether the layer has to hold what a function of the module reads: variables, layers and tensors of the script, seeds."""
    if function.creations or (sites.target == {3} and function.random_calls):
        return True
    values = [capture.value for capture in function.captures if not capture.importable]
    return any(value.is_variable or value.is_layer or value.is_tensor for value in values)


def _refuse_module_function(sites: FileSites, function: FunctionRef) -> None:
    """Refuse a function that may be read from outside; the registration that it may have is that of its layer then."""
    assert function.name is not None
    if not all(map(sites.functions.registers, getattr(function.node, "decorator_list", ()))):
        raise NoFix(f"`{function.name}` is decorated")
    if len(sites.index.module.bindings[function.name]) > 1:
        raise NoFix(f"`{function.name}` is bound more than once in the module")
    if not may_go(sites, function.name):
        raise NoFix(f"`{function.name}` has to move into the layer, and other files may import it")


def _refuse_members(sites: FileSites, function: FunctionRef) -> None:
    """What a class body defines is an attribute of the class, which any module may read."""
    assert function.node is not None
    scope = sites.index.scope_of(function.node).parent
    if scope is not None and scope.kind is ScopeKind.CLASS:
        raise NoFix(f"`{function.name}` belongs to a class")
    if isinstance(function.node, ast.FunctionDef) and sites.index.bound_at[function.node].scope is not scope:
        raise NoFix(f"`{function.name}` is a name of an outer scope")


def _refuse_other_uses(sites: FileSites, site: LambdaSite, function: FunctionRef) -> None:
    """A nested function moves into the layer, so nothing else may call it."""
    assert function.node is not None
    owner = sites.index.scope_of(function.node)
    arguments = {f.span for other in sites.lambdas for f in other.functions if f.node is function.node}
    for read in sites.index.reads_of(sites.index.bound_at[function.node]):
        if sites.source.span(read.node) not in arguments and not is_inside(sites, site, read.node):
            recursive = read.scope.within(owner)
            raise NoFix(f"`{function.name}` {'calls itself' if recursive else 'is also used outside the layer'}")
