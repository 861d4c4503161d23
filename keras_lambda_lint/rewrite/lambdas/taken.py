"""What a layer is written from: a function whose body moves into it, or one that it calls, with the values that are bound to it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.source.scopes import BindingKind, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef, LambdaSite

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM_IMPORT)
_DEFINITIONS = (*_IMPORTS, BindingKind.FUNCTION, BindingKind.CLASS)


@dataclass(frozen=True)
class Taken:
    """What a layer is written from."""

    function: FunctionRef
    file: FileSites
    """The file that defines the function; that of the site where its definition is not known."""
    callee: ast.expr | None = None
    """What the layer calls, as the site's file spells it; None where the body of the function moves into the layer."""
    makes: dict[str, ast.expr] | None = None
    """The arguments by which `callee` makes the function; None where it is the function itself."""
    before: tuple[ast.expr, ...] = ()
    """The arguments that the function gets before its inputs."""
    by_name: dict[str, ast.expr] = field(default_factory=dict)
    """The arguments that it gets by keyword, besides those of `arguments=`."""
    outer: dict[str, ast.expr] = field(default_factory=dict)
    """What the parameters of the function around it are, where a call of that makes it."""
    method: bool = False
    """Whether the function is a method, whose first parameter is the object."""
    unsafe: tuple[str, ...] = ()
    """Why it may be another function, or bound to other values, when the layer runs."""


def argument_of(site: LambdaSite) -> ast.expr:
    """Return the expression that the layer gets as its function."""
    given = [keyword.value for keyword in site.node.keywords if keyword.arg == "function"]
    return (given or site.node.args)[0]


def called(sites: FileSites, function: FunctionRef, node: ast.expr) -> Taken:
    """Return a function that stays where it is, called as `node` spells it; raise `NoFix` where the module cannot spell it so."""
    spelled = sites.flow.written(node) if isinstance(node, ast.Name) and not _is_global(sites, node) else node
    root = spelled
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root not in sites.index.reads:
        raise NoFix("what the function is, is not known here")
    for binding in sites.index.reaching(root):
        if binding.kind not in _DEFINITIONS:
            raise NoFix(f"`{root.id}` is bound again and again, or only exists while this code runs")
        if binding.scope.kind is not ScopeKind.MODULE and binding.kind not in _IMPORTS:
            raise NoFix(f"`{root.id}` only exists while this code runs")
        if sites.index.is_guarded_by_main(binding.node):
            raise NoFix(f"`{root.id}` only exists when the file is run as a script")
    return Taken(function, _defining(sites, function), callee=spelled)


def _is_global(sites: FileSites, node: ast.Name) -> bool:
    return all(binding.kind in _DEFINITIONS for binding in sites.index.reaching(node))


def _defining(sites: FileSites, function: FunctionRef) -> FileSites:
    """Return the file that a function is defined in."""
    if function.source is None:
        return sites
    found = sites.modules.file(function.source.filename)
    return found or sites


def is_inside(sites: FileSites, site: LambdaSite, node: ast.expr) -> bool:
    """Return whether an expression is written in the call that makes the layer."""
    return site.span.contains(sites.source.span(node))


def same_anywhere(sites: FileSites, node: ast.expr) -> bool:
    """Return whether an expression means the same all over the file: it is a literal, or names imports and definitions of the module."""
    names = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    if any(isinstance(inner, (ast.Call, ast.Await, ast.Lambda, ast.NamedExpr)) for inner in ast.walk(node)):
        return False
    return all(
        name in sites.index.reads and (is_definition(sites, name) or _is_constant(sites, name)) for name in names
    )


def _is_constant(sites: FileSites, name: ast.Name) -> bool:
    """Return whether a name is a value of the module that is bound once, whatever happens."""
    bindings = sites.index.reaching(name)
    once = len(bindings) == 1 and bindings[0].scope.kind is ScopeKind.MODULE and not bindings[0].path
    return (
        once
        and sites.index.module.bindings[name.id] == list(bindings)
        and sites.values.of(name).kind is ValueKind.CONSTANT
    )


def is_definition(sites: FileSites, name: ast.Name) -> bool:
    """Return whether a name is an import, a function or a class of the module, which any function of the module can read."""
    bindings = sites.index.reaching(name)
    known = bindings and all(b.kind in _DEFINITIONS and b.scope.kind is ScopeKind.MODULE for b in bindings)
    return bool(known) and not any(sites.index.is_guarded_by_main(binding.node) for binding in bindings)
