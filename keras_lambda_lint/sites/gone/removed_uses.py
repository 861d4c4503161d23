"""Where a file imports or reads names that newer versions of Keras no longer have."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.removed import (
    MERGE_MODULE,
    PARTS,
    Removed,
    may_lack,
    merge_function,
    removed_attribute,
    removed_import,
)
from keras_lambda_lint.sites.gone.guards import is_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target


class RemovedUse(NamedTuple):
    """An import statement that fails on newer versions, or the first read of a name that they lack."""

    span: Span
    names: tuple[Removed, ...]
    """What is gone: each once, as the statement names them."""
    is_import: bool
    demanded: Target
    """The Keras versions that the file has to run on, whatever it imports."""
    node: ast.Import | ast.ImportFrom | ast.Attribute


def find_removed_uses(file: FileSites) -> tuple[RemovedUse, ...]:
    """Return the uses of a file, sorted by place; what expects that a name may be missing is none."""
    return tuple(sorted((*_imports(file), *_reads(file)), key=lambda use: use.span))


def _imports(file: FileSites) -> Iterator[RemovedUse]:
    statements: dict[ast.Import | ast.ImportFrom, dict[Removed, None]] = {}
    for alias, statement in file.index.imports.items():
        known = removed_import(_imported(alias, statement))
        if known is MERGE_MODULE and isinstance(statement, ast.ImportFrom):
            known = _merge_function(file, alias) or known
        if known is not None:
            statements.setdefault(statement, {})[known] = None
    for statement, names in statements.items():
        if not is_guarded(file.index, statement):
            yield RemovedUse(file.source.span(statement), tuple(names), True, file.demanded, statement)


def _merge_function(file: FileSites, alias: ast.alias) -> Removed | None:
    """Return what Keras 1's function `merge` is, where an import means that and not the module of this name."""
    binding = file.index.bound_at.get(alias)
    for read in () if binding is None else file.index.reads_of(binding):
        call = file.index.parents[read.node]
        if isinstance(call, ast.Call) and call.func is read.node:
            given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or call.args[1:2]
            mode = given[0].value if given and isinstance(given[0], ast.Constant) else "sum"
            return merge_function(str(mode))
    return None


def _imported(alias: ast.alias, statement: ast.Import | ast.ImportFrom) -> str:
    if isinstance(statement, ast.Import):
        return alias.name
    module = "." * statement.level + (statement.module or "")
    return module if alias.name == "*" else f"{module}.{alias.name}"


def _reads(file: FileSites) -> Iterator[RemovedUse]:
    seen = set()
    imported = {_imported(alias, statement) for alias, statement in file.index.imports.items()}
    roots = {
        name
        for name, attributes in file.index.attributes.items()
        if not PARTS.isdisjoint(attributes) and file.names.may_be(name, partial(may_lack, attributes=attributes))
    }
    for name in file.index.reads:
        known = _read(file, name) if name.id in roots else None
        if known is None or known[1] in seen or any(each.startswith(known[1].name) for each in imported):
            continue
        if not is_guarded(file.index, name):
            seen.add(known[1])
            yield RemovedUse(file.source.span(known[0]), (known[1],), False, file.demanded, known[0])


def _read(file: FileSites, name: ast.Name) -> tuple[ast.Attribute, Removed] | None:
    """Return the part of a dotted name that is gone; None where its import fails already, and where it may mean something else."""
    node: ast.AST = file.index.parents[name]
    while isinstance(node, ast.Attribute):
        names = file.names.of(node)
        known = [removed_attribute(each) for each in names]
        if known and known[0] is not None and all(known):
            return node, known[0]
        node = file.index.parents[node]
    return None
