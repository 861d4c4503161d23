"""Methods that are the function of a layer: their body moves into it, with the attributes of `self` that they read as config."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.taken import Taken
from keras_lambda_lint.rewrite.project import project_of
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.flow import Reached

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef

_DECORATORS = ({"staticmethod"}, {"classmethod"}, set[str]())


def of_method(sites: FileSites, function: FunctionRef, node: ast.expr) -> Taken:
    """Return the method `self.f` of a class, which moves into the layer; raise `NoFix` where something else needs it too."""
    owner, method = _defined(sites, node)
    decorators = {sites.text(sites.source.span(each)) for each in method.decorator_list}
    if decorators not in _DECORATORS:
        raise NoFix(f"`{method.name}` is decorated")
    _refuse_other_uses(sites, owner, method)
    if "classmethod" in decorators and sites.index.reads_of(sites.index.bound_at[method.args.args[0]]):
        raise NoFix(f"`{method.name}` uses its class")
    described = sites.functions.described(Reached(sites, method), function.span, script=False)
    if "staticmethod" in decorators:
        return Taken(described, sites)
    scope = sites.index.scope_of(method)
    if any(
        "self" in other.bindings for other in sites.index.scopes.values() if other.within(scope) and other is not scope
    ):
        raise NoFix(f"a function in `{method.name}` has a `self` of its own")
    of_self = sites.functions.captures.of_self(method)
    bound = described._replace(parameters=described.parameters[1:], captures=(*of_self, *described.captures))
    return Taken(bound, sites, method=True)


def _defined(sites: FileSites, node: ast.expr) -> tuple[ast.ClassDef, ast.FunctionDef]:
    """Return the class around `self.f`, and the one method that it names."""
    owner = next((each for each in sites.index.ancestors(node) if isinstance(each, ast.ClassDef)), None)
    name = node.attr if isinstance(node, ast.Attribute) else None
    members = [] if owner is None else owner.body
    found = [each for each in members if isinstance(each, ast.FunctionDef) and each.name == name]
    if owner is None or len(found) != 1:
        raise NoFix("which method the layer calls is not known here")
    return owner, found[0]


def _refuse_other_uses(sites: FileSites, owner: ast.ClassDef, method: ast.FunctionDef) -> None:
    """Whoever has an object may call its methods, and a class may be derived from: only what nobody else names may move."""
    name = method.name
    passed = {f.span for site in sites.lambdas for f in site.functions}
    for inner in ast.walk(sites.index.tree):
        named = isinstance(inner, ast.Attribute) and inner.attr == name and sites.source.span(inner) not in passed
        again = isinstance(inner, ast.FunctionDef) and inner.name == name and inner is not method
        if named or again or (isinstance(inner, ast.Constant) and inner.value == name):
            raise NoFix(f"`{name}` is also used outside the layer")
    if project_of(sites.source.filename).mentions(name, sites.source.filename):
        raise NoFix(f"other files of the project use `{name}`")
    if len(owner.body) == 1:
        raise NoFix(f"`{name}` is all that its class has")
