"""Functions that a call makes: by a factory, as an object with `__call__`; and those that belong to an object."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.obstacles import makes_state
from keras_lambda_lint.rewrite.lambdas.taken import Taken, called, is_inside, same_anywhere
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture, FunctionRef, LambdaSite
    from keras_lambda_lint.sites.project import Definition

_PLAIN = (ast.Assign, ast.AnnAssign, ast.Return, ast.FunctionDef, ast.If, ast.Import, ast.ImportFrom, ast.Pass)
"""Statements that do the same each time they run."""


def by_factory(sites: FileSites, site: LambdaSite, function: FunctionRef, call: ast.Call) -> Taken:
    """Return the function that a call makes: its body where that reads only parameters of the factory, else the call itself."""
    factory = _definition(sites, call)
    assert isinstance(factory.node, ast.FunctionDef)
    passed = values = _values(sites, site, call, factory.node, skipped=0)
    if function.source is None:
        defaults = {argument.arg: value for argument, _, value in with_defaults(factory.node.args) if value is not None}
        values = {name: value for name, value in defaults.items() if isinstance(value, ast.Constant)} | values
        local = [capture for capture in function.captures if _belongs_to(sites, capture, factory.node)]
        if all(_is_parameter(sites, capture, values) for capture in local):
            return Taken(function, sites, outer=values)
    _refuse_doing(factory)
    return replace(called(sites, function, call.func), makes=passed)


def _belongs_to(sites: FileSites, capture: Capture, factory: ast.FunctionDef) -> bool:
    root = capture.root
    owner = sites.index.reads[root].scope.owner(root.id)
    return owner is not None and owner.within(sites.index.scope_of(factory))


def _is_parameter(sites: FileSites, capture: Capture, values: dict[str, ast.expr]) -> bool:
    """Return whether a capture is a parameter of the factory as it was passed, read as a whole."""
    root = capture.root
    owner = sites.index.reads[root].scope.owner(root.id)
    bindings = owner.bindings[root.id] if owner is not None else []
    once = len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER
    return once and root.id in values and capture.node is root


def of_object(sites: FileSites, site: LambdaSite, function: FunctionRef, call: ast.Call) -> Taken:
    """Return the object of an own class with `__call__`, made anew from what its constructor got."""
    found = _definition(sites, call)
    assert isinstance(found.node, ast.ClassDef)
    methods = {each.name: each for each in found.node.body if isinstance(each, ast.FunctionDef)}
    takes = [argument.arg for argument, _, _ in with_defaults(methods["__call__"].args)]
    if {"mask", "training"} & set(takes):
        raise NoFix(f"`{function.name}.__call__` takes what Keras passes by name")
    constructor = methods.get("__init__")
    if constructor is None and (found.node.bases or call.args or call.keywords):
        raise NoFix(f"how `{function.name}` is made is not known")
    values = {} if constructor is None else _values(sites, site, call, constructor, skipped=1)
    for statement in [] if constructor is None else constructor.body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) and not _is_text(statement):
            raise NoFix(f"`{function.name}` does more when it is made than keep its arguments")
    _refuse_doing(found)
    for store in found.file.index.stores:
        own = isinstance(store.target, ast.Attribute) and store.scope.owning_class is found.node
        if own and (constructor is None or store.scope is not found.file.index.scope_of(constructor)):
            raise NoFix(f"an object of `{function.name}` changes while it is used")
    return replace(called(sites, function, call.func), makes=values)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _definition(sites: FileSites, call: ast.Call) -> Definition:
    found = sites.definition(call.func) if isinstance(call.func, (ast.Name, ast.Attribute)) else None
    if found is None:
        raise NoFix("what makes the function is not known here")
    return found


def _refuse_doing(found: Definition) -> None:
    """Refuse what does something when it makes a function, since the layer makes it each time it is called."""
    name = getattr(found.node, "name", "")
    if any(isinstance(inner, ast.Call) and makes_state(found.file, inner) for inner in ast.walk(found.node)):
        raise NoFix(f"`{name}` makes a layer or a variable")
    if isinstance(found.node, ast.FunctionDef):
        for statement in found.node.body:
            if not isinstance(statement, _PLAIN) and not _is_text(statement):
                raise NoFix(f"`{name}` does more than make the function")


def _values(
    sites: FileSites, site: LambdaSite, call: ast.Call, function: ast.FunctionDef, *, skipped: int
) -> dict[str, ast.expr]:
    """Return what a call passes for each parameter of a function; raise `NoFix` where that does not hold at the site too."""
    parameters = list(with_defaults(function.args))[skipped:]
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    if (
        starred
        or any(keyword.arg is None for keyword in call.keywords)
        or any("*" in kind for _, kind, _ in parameters)
    ):
        raise NoFix(f"`{function.name}` takes `*` arguments")
    names = [argument.arg for argument, kind, _ in parameters if kind == "positional"]
    values = dict(zip(names, call.args, strict=False))
    values |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    for name, value in values.items():
        if not is_inside(sites, site, call) and not same_anywhere(sites, value):
            raise NoFix(f"`{name}` has its value where the function is made")
    return values
