"""Registers an own class where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.layout import Layout, line_indent
from keras_lambda_lint.rewrite.project import package_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.registered import REGISTER, decorator, registered_name
from keras_lambda_lint.rewrite.spelling import Spelling
from keras_lambda_lint.sites.classes.bases import lineage
from keras_lambda_lint.source.rows import first_row

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites


def registration(sites: FileSites, node: ast.ClassDef) -> Change:
    """Return the change that registers a class of the module; raise `NoFix` where the file cannot say how."""
    spelling = spelling_of(sites, node)
    edit = registering(sites, node, spelling.name(REGISTER))
    return Change([*spelling.edits, edit], ["registration"], [*spelling.caveats])


def registering(sites: FileSites, node: ast.ClassDef | ast.FunctionDef, register: str) -> Edit:
    """Return the edit that puts a registration on top of a class or function and of its decorators.

    `register` is how the file says `register_keras_serializable` there.
    """
    source = sites.source
    row = first_row(node)
    start = source.line_starts[row - 1]
    indent = line_indent(source.line(row))
    layout, name = Layout.of(source, sites.index.tree), registered_name(source.filename, node.name)
    line = decorator(register, package_name(source.filename), name, layout, indent)
    # The first character is part of the edit: what others insert above the statement stays above the registration.
    return Edit(Span(start, start + 1), f"{indent}{line}{source.newline}{source.text[start]}")


def spelling_of(sites: FileSites, node: ast.ClassDef) -> Spelling:
    """Return what spells names of Keras as the class does, or else as another class or call of the file does."""
    for like in _said(sites, node):
        if any(api.keras_root(name) is not None for name in sites.names.of(like)):
            return Spelling(sites, node, like)
    raise NoFix("the file names nothing of Keras itself: import keras")


def _said(sites: FileSites, node: ast.ClassDef) -> Iterator[ast.expr]:
    line = lineage(sites, node)
    for own in line.own if line is not None else ():
        if own.file is sites:
            yield from own.node.bases
    for other in sites.index.scopes:
        yield from getattr(other, "bases", ())
    for calls in sites.index.calls.values():
        yield from (call.node.func for call in calls)
