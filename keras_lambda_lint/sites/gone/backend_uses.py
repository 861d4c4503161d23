"""Where a file uses functions of `keras.backend` that Keras 3 no longer has."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.backend import (
    REMOVED,
    BackendFunction,
    may_be_backend,
    may_lead_to_backend,
    removed_backend_function,
)
from keras_lambda_lint.sites.gone.guards import is_guarded
from keras_lambda_lint.sites.saving.slots import FunctionSlot
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span, Text
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef, Target
    from keras_lambda_lint.source.scopes import FunctionNode, Read, Scope

_ON_THE_WAY = frozenset({"backend", "keras"})


class RemovedName(NamedTuple):
    """A function of the backend that is gone, where it is used."""

    text: str
    """As the source spells it: `K.sum`."""
    span: Span
    package: str
    """The package that lacks it: `keras.backend`, or `tf.keras.backend`."""
    known: BackendFunction
    node: ast.Name | ast.Attribute


class BackendUse(NamedTuple):
    """All that one function, or the module outside of functions, uses of the backend and Keras 3 no longer has."""

    span: Span
    """Where the first of the names stands, or where the function of another file is passed."""
    names: tuple[RemovedName, ...]
    """Each where it is first used, sorted by place."""
    runs_in_keras: bool
    """Whether Keras calls the function: it is that of a `Lambda` layer or another slot, or a method of an own layer or model."""
    target: Target
    uses: tuple[RemovedName, ...]
    """All uses, sorted by place."""
    source: Text | None = None
    """The file that the function stands in, where that is another one: the names stand there."""


def find_backend_uses(file: FileSites) -> tuple[BackendUse, ...]:
    """Return the uses of a file, and those in functions of other files that it gives to Keras, sorted by place.

    What expects that a name may be missing is none. What another file says of its own functions is not said again.
    """
    return tuple(sorted((*_own_uses(file), *_uses_elsewhere(file)), key=lambda use: use.span))


def _own_uses(file: FileSites) -> Iterator[BackendUse]:
    if "backend" not in file.source.text:
        return
    removed = list(_removed_names(file))
    if not removed:
        return
    groups: dict[ast.AST | None, list[RemovedName]] = {}
    ours = frozenset(_functions_in_keras(file))
    for read, found in removed:
        groups.setdefault(_owner(read.scope, ours), []).append(found)
    for owner, members in groups.items():
        names = _each_once(members)
        yield BackendUse(names[0].span, names, owner in ours, file.target, _sorted(members))


def _uses_elsewhere(file: FileSites) -> Iterator[BackendUse]:
    passed: dict[FunctionNode, FunctionRef] = {}
    for function in _functions_in_slots(file):
        if function.node is not None and function.source is not None:
            passed.setdefault(function.node, function)
    for node, function in passed.items():
        other = file.modules.file(os.path.abspath(function.source.filename)) if function.source is not None else None
        if other is None or other.source is not function.source or "backend" not in other.source.text:
            continue
        if 2 not in other.target or node in _functions_in_keras(other):
            continue
        scope = other.index.scope_of(node)
        found = [name for read, name in _removed_names(other) if read.scope.within(scope)]
        if found:
            yield BackendUse(function.span, _each_once(found), True, file.target, _sorted(found), function.source)


def _each_once(found: list[RemovedName]) -> tuple[RemovedName, ...]:
    """Return the first use of each name, sorted by place."""
    first: dict[str, RemovedName] = {}
    for name in _sorted(found):
        first.setdefault(name.text, name)
    return tuple(first.values())


def _sorted(found: list[RemovedName]) -> tuple[RemovedName, ...]:
    return tuple(sorted(found, key=lambda each: each.span))


def _removed_names(file: FileSites) -> Iterator[tuple[Read, RemovedName]]:
    """Yield what a file reads of the backend and Keras 3 no longer has, where nothing asks for the version."""
    imported = {alias.asname or alias.name for alias in file.index.imports if alias.name in REMOVED}
    roots = _roots(file) | imported
    if not roots:
        return
    for name, read in file.index.reads.items():
        if name.id not in roots:
            continue
        node: ast.AST = name
        while isinstance(node, (ast.Name, ast.Attribute)):
            may_be_gone = name.id in imported if isinstance(node, ast.Name) else node.attr in REMOVED
            names = file.names.of(node) if may_be_gone else ()
            known = [removed_backend_function(qualified) for qualified in names]
            if known and known[0] is not None and all(known) and not is_guarded(file.index, name):
                root = api.keras_root(next(iter(names))) or ""
                package = f"{root.replace('tensorflow', 'tf')}.backend"
                span = file.source.span(node)
                yield read, RemovedName(file.text(span), span, package, known[0], node)
            parent = file.index.parents[node]
            node = parent if isinstance(parent, ast.Attribute) else file.index.tree


def _roots(file: FileSites) -> set[str]:
    """Return the names below which a function of the backend may be read."""
    return {
        name
        for name, attributes in file.index.attributes.items()
        if (not _ON_THE_WAY.isdisjoint(attributes) and file.names.may_be(name, may_lead_to_backend))
        or (not REMOVED.keys().isdisjoint(attributes) and file.names.may_be(name, may_be_backend))
    }


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
    for function in _functions_in_slots(file):
        if function.node is not None and function.source is None:
            yield function.node
    for node in file.index.scopes:
        if isinstance(node, ast.ClassDef) and file.values.is_keras_class(node):
            yield from (each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _functions_in_slots(file: FileSites) -> Iterator[FunctionRef]:
    """Yield the functions that a file gives to Keras."""
    for site in file.lambdas:
        yield from site.functions
    yield from (slot.function for slot in file.of(FunctionSlot))
