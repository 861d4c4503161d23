"""Where a file uses functions of `keras.backend` that Keras 3 no longer has."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.backend import REMOVED, BackendFunction, removed_backend_function
from keras_lambda_lint.sites.guards import is_guarded
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.source.scopes import FunctionNode, Read, Scope

_ON_THE_WAY = frozenset({"backend", "keras"})


@dataclass(frozen=True)
class RemovedName:
    """A function of the backend that is gone, where it is first used."""

    text: str
    """As the source spells it: `K.sum`."""
    span: Span
    package: str
    """The package that lacks it: `keras.backend`, or `tf.keras.backend`."""
    known: BackendFunction


@dataclass(frozen=True)
class BackendUse:
    """All that one function, or the module outside of functions, uses of the backend and Keras 3 no longer has."""

    span: Span
    """Where the first of the names stands."""
    names: tuple[RemovedName, ...]
    """Each once, sorted by place."""
    runs_in_keras: bool
    """Whether Keras calls the function: it is that of a `Lambda` layer, or a method of an own layer or model."""
    target: Target


def find_backend_uses(file: FileSites) -> tuple[BackendUse, ...]:
    """Return the uses of a file, sorted by place; what expects that a name may be missing is none."""
    if "backend" not in file.source.text:
        return ()
    groups: dict[ast.AST | None, list[tuple[Read, RemovedName]]] = {}
    ours = frozenset(_functions_in_keras(file))
    for read, found in _removed_names(file):
        if not is_guarded(file.index, read.node):
            groups.setdefault(_owner(read.scope, ours), []).append((read, found))
    uses = []
    for owner, members in groups.items():
        first: dict[str, RemovedName] = {}
        for _, found in sorted(members, key=lambda each: each[1].span):
            first.setdefault(found.text, found)
        names = tuple(first.values())
        uses.append(BackendUse(names[0].span, names, owner in ours, file.target))
    return tuple(sorted(uses, key=lambda use: use.span))


def _removed_names(file: FileSites) -> Iterator[tuple[Read, RemovedName]]:
    roots = _roots(file)
    for name, read in file.index.reads.items():
        if name.id not in roots:
            continue
        node: ast.AST = name
        while isinstance(node, (ast.Name, ast.Attribute)):
            known = [removed_backend_function(qualified) for qualified in file.names.of(node)]
            if known and known[0] is not None and all(known):
                root = api.keras_root(next(iter(file.names.of(node)))) or ""
                package = f"{root.replace('tensorflow', 'tf')}.backend"
                span = file.source.span(node)
                yield read, RemovedName(file.text(span), span, package, known[0])
            parent = file.index.parents[node]
            node = parent if isinstance(parent, ast.Attribute) else file.index.tree


def _roots(file: FileSites) -> set[str]:
    """Return the names below which a function of the backend may be read."""
    wanted = _ON_THE_WAY | REMOVED.keys()
    roots = {name for name, attributes in file.index.attributes.items() if not wanted.isdisjoint(attributes)}
    for alias, statement in file.index.imports.items():
        if isinstance(statement, ast.ImportFrom) and alias.name in REMOVED:
            roots.add(alias.asname or alias.name)
    return roots


def _owner(scope: Scope, ours: frozenset[FunctionNode]) -> ast.AST | None:
    """Return the function that Keras calls around a scope, else the innermost `def`; None for the module."""
    nearest: ast.AST | None = None
    around: Scope | None = scope
    while around is not None:
        if around.node in ours:
            return around.node
        if nearest is None and around.kind is ScopeKind.FUNCTION and not isinstance(around.node, ast.Lambda):
            nearest = around.node
        around = around.parent
    return nearest


def _functions_in_keras(file: FileSites) -> Iterator[FunctionNode]:
    """Yield the functions of a file that Keras calls."""
    for site in file.lambdas:
        yield from (function.node for function in site.functions if function.node is not None)
    for node in file.index.scopes:
        if isinstance(node, ast.ClassDef) and _is_layer(file, node):
            yield from (each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _is_layer(file: FileSites, node: ast.ClassDef) -> bool:
    bases = {name for base in node.bases for name in file.names.of(base)}
    return any(
        api.is_one_of(base, api.LAYER_BASES) or api.is_one_of(base, api.MODELS) or api.is_layer_class(base)
        for base in bases
    )
