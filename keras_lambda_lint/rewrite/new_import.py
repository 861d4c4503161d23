"""Where an import goes that a file lacks."""

from __future__ import annotations

import ast
import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.source.project import module_file
from keras_lambda_lint.source.rows import row_with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites

KERAS_IMPORTS = {
    "keras": ("import keras", "keras"),
    "tensorflow.keras": ("from tensorflow import keras", "keras"),
    "tf_keras": ("import tf_keras", "tf_keras"),
}
"""The import of a Keras package, and the name that it gives."""
_FUTURE, _STANDARD, _THIRD_PARTY, _OWN = range(4)


def new_import(sites: FileSites, line: str) -> Edit:
    """Return the insertion of an import at the top of a file, where isort would put it.

    Among the imports that stand at the start of the file only: those further below, or below a condition, stay as they are.
    """
    source, newline = sites.source, sites.source.newline
    wanted = _key(sites, ast.parse(line).body[0])
    known = [(statement, _key(sites, statement)) for statement in _first_imports(sites)]
    before = [statement for statement, key in known if key < wanted]
    after = [statement for statement, key in known if key > wanted]
    same = bool(after) and _key(sites, after[0])[0] == wanted[0]
    if before and (not same or _key(sites, before[-1])[0] == wanted[0]):
        row = before[-1].end_lineno or 0
        end = source.line_starts[row - 1] + len(source.line(row))
        apart = newline if _key(sites, before[-1])[0] < wanted[0] else ""
        return Edit(Span(end, end), f"{newline}{apart}{line}")
    if after:
        start = source.line_starts[row_with_comments(source, after[0]) - 1]
        apart = "" if same else newline
        return Edit(Span(start, start), f"{line}{newline}{apart}")
    body = sites.index.tree.body
    if ast.get_docstring(sites.index.tree, clean=False) is not None:
        row = body[0].end_lineno or 0
        end = source.line_starts[row - 1] + len(source.line(row))
        return Edit(Span(end, end), f"{newline * 2}{line}")
    start = source.line_starts[row_with_comments(source, body[0]) - 1]
    return Edit(Span(start, start), f"{line}{newline * 3}")


def _first_imports(sites: FileSites) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports before the first other statement, each on lines of its own."""
    found: list[ast.Import | ast.ImportFrom] = []
    body = sites.index.tree.body
    documented = ast.get_docstring(sites.index.tree, clean=False) is not None
    for statement in body[1:] if documented else body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        found.append(statement)
    rows = [statement.lineno for statement in found]
    return [statement for statement in found if rows.count(statement.lineno) == 1]


def _key(sites: FileSites, statement: ast.stmt) -> tuple[int, bool, str]:
    """Return what isort sorts by: the section, plain imports before `from` imports, the module."""
    if isinstance(statement, ast.ImportFrom):
        module, relative = statement.module or "", bool(statement.level)
    else:
        assert isinstance(statement, ast.Import)
        module, relative = statement.names[0].name, False
    top = module.partition(".")[0]
    if top == "__future__":
        section = _FUTURE
    elif relative or module_file(top, os.path.abspath(sites.source.filename)) is not None:
        section = _OWN
    else:
        section = _STANDARD if top in sys.stdlib_module_names else _THIRD_PARTY
    return section, isinstance(statement, ast.ImportFrom), module.lower()
