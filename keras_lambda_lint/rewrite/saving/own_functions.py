"""How one file says a function of the project that is known by its name."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.naming import taken_names
from keras_lambda_lint.rewrite.new_import import new_import
from keras_lambda_lint.rewrite.project import project_of
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.style import style_of
from keras_lambda_lint.source.project import module_file
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding


def spelled_function(sites: FileSites, at: ast.Name, name: str) -> tuple[str, list[Edit]]:
    """Return how the file says, at the place of another name, the function that is called `name`, and the import for it.

    Raises `NoFix` where no such function is known there, or more than one.
    """
    read = sites.index.reads[at]
    bindings = read.scope.reaching(name, read.clock, read.path)
    if bindings:
        if len(bindings) == 1 and _is_function(sites, bindings[0]):
            return name, []
        raise NoFix(f"`{name}` is no function here, or not always the same")
    if read.scope.owner(name) is not None:
        raise NoFix(f"`{name}` is defined below this place")
    return _imported(sites, name)


def _is_function(sites: FileSites, binding: Binding) -> bool:
    if binding.kind is BindingKind.FUNCTION:
        return isinstance(binding.node, ast.FunctionDef)
    if binding.kind is not BindingKind.FROM_IMPORT:
        return False
    qualified = next(iter(sites.names.of_binding(binding)))
    found = sites.modules.definition(qualified, sites.source.filename)
    return found is None or isinstance(found.node, ast.FunctionDef)


def _imported(sites: FileSites, name: str) -> tuple[str, list[Edit]]:
    """Return the function of that name which one other file of the project defines, and the import that it takes."""
    if any(name in scope.bindings for scope in sites.index.scopes.values()):
        raise NoFix(
            f"`{name}` is a function inside a function, which nothing outside can name: define it in the module"
        )
    path = _only_definition(sites, name)
    here = os.path.abspath(sites.source.filename)
    there = sites.modules.file(path)
    if there is None or any(_module_of(statement, path) == here for statement in there.index.imports.values()):
        raise NoFix(f"`{name}` is defined in {os.path.relpath(path)}, which imports this file")
    for statement in sites.index.tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if module_file(alias.name, here) == path:
                    return f"{alias.asname or alias.name}.{name}", []
        elif (
            isinstance(statement, ast.ImportFrom)
            and _module_of(statement, here) == path
            and _fits(sites, statement, name)
        ):
            return name, [_added(sites, statement, name)]
    return name, [new_import(sites, f"from {_module_name(path, here)} import {name}")]


def _only_definition(sites: FileSites, name: str) -> str:
    """Return the only file of the project that defines a function of this name at module level."""
    defines = re.compile(rf"^def[^\S\n]+{re.escape(name)}[^\S\n]*\(".encode(), re.MULTILINE)
    found = []
    for path in project_of(sites.source.filename).files:
        with open(path, "rb") as stream:
            if defines.search(stream.read()):
                found.append(path)
    if len(found) != 1:
        many = f"{len(found)} files define a function `{name}`"
        raise NoFix(
            many if found else f"no function `{name}` is known: it has to be the one that the model was made with"
        )
    return found[0]


def _module_of(statement: ast.Import | ast.ImportFrom, importer: str) -> str | None:
    """Return the file of the project that an import names first."""
    if isinstance(statement, ast.Import):
        return module_file(statement.names[0].name, importer)
    return module_file("." * statement.level + (statement.module or ""), importer)


def _fits(sites: FileSites, statement: ast.ImportFrom, name: str) -> bool:
    """Return whether a `from` import on one line has room for one more name."""
    line = sites.source.line(statement.lineno)
    return (
        statement.lineno == statement.end_lineno
        and statement.names[0].name != "*"
        and len(line) + len(name) + 2 <= style_of(sites.source.filename).width
    )


def _module_name(path: str, here: str) -> str:
    """Return how a file says the module of another: relative inside a package, else as it is found from there."""
    stem = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.dirname(here)
    if os.path.dirname(path) == folder:
        return f".{stem}" if os.path.isfile(os.path.join(folder, "__init__.py")) else stem
    parts = os.path.splitext(path)[0].split(os.sep)
    for start in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[start:])
        if module_file(name, here) == path:
            return name
    raise NoFix(f"import the function from {os.path.relpath(path)}: how this file names that module is not known")


def renamed_callee(sites: FileSites, callee: ast.expr, name: str) -> list[Edit]:
    """Return the edits that let a file call what stands beside a function of another file, in place of that function.

    An import of the function imports it too. Raises `NoFix` where the file has the name for something else.
    """
    if isinstance(callee, ast.Attribute):
        end = sites.source.span(callee).end
        return [Edit(Span(end - len(callee.attr), end), name)]
    bindings = sites.index.reaching(callee) if isinstance(callee, ast.Name) else ()
    if (
        len(bindings) != 1
        or not isinstance(bindings[0].node, ast.alias)
        or bindings[0].kind is not BindingKind.FROM_IMPORT
    ):
        raise NoFix("how the function is imported is not known")
    if name in taken_names(sites.index):
        raise NoFix(f"the file uses the name `{name}` for something else")
    statement = sites.index.imports[bindings[0].node]
    assert isinstance(statement, ast.ImportFrom)
    return [_added(sites, statement, name), Edit(sites.source.span(callee), name)]


def _added(sites: FileSites, statement: ast.ImportFrom, name: str) -> Edit:
    """Return the edit that imports one name more, where isort would put it if the others are sorted: classes before functions."""
    source = sites.source
    for alias in statement.names:
        if _order(alias.name) > _order(name):
            start = source.span(alias).start
            return Edit(Span(start, start), f"{name}, ")
    end = source.span(statement.names[-1]).end
    return Edit(Span(end, end), f", {name}")


def _order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name
