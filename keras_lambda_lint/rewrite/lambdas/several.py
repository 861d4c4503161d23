"""Sites that several functions reach, in a way that the code shows: a loop over functions becomes a loop over layers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import LambdaSite


def looped(sites: FileSites, site: LambdaSite, node: ast.expr) -> tuple[ast.expr, ...]:
    """Return the functions that a loop runs over, each of which makes one layer at a site, as the loop writes them out; else nothing.

    The layers can stand in their place: nothing else reads the loop's variable, and each turn of the loop passes the site once.
    """
    bindings = sites.index.reaching(node) if isinstance(node, ast.Name) and node in sites.index.reads else ()
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.LOOP or site.arguments or site.unknown_arguments:
        return ()
    binding, around = bindings[0], sites.index.parents[bindings[0].node]
    written = (
        binding.value if isinstance(around, (ast.For, ast.comprehension)) and around.target is binding.node else None
    )
    if not isinstance(written, (ast.List, ast.Tuple)) or any(isinstance(each, ast.Starred) for each in written.elts):
        return ()
    alone = [read.node for read in sites.index.reads_of(binding)] == [node] and len(
        binding.scope.bindings[binding.name]
    ) == 1
    return tuple(written.elts) if alone and _passes_once(sites, site.node, around) else ()


def _passes_once(sites: FileSites, site: ast.Call, loop: ast.AST) -> bool:
    """Return whether no other loop and no function stands between a site and the loop around it."""
    for around in sites.index.ancestors(site):
        if around is loop:
            return True
        if isinstance(around, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            return around.generators == [loop] and not isinstance(around, ast.GeneratorExp)
        if isinstance(
            around, (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
        ):
            return False
    return False
