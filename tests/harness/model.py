"""Short ways from a text to what the analysis says about it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.tool import source_of
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.source import indexing
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.names import Names

if TYPE_CHECKING:
    from keras_lambda_lint.sites.model import Capture, LambdaSite
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.scopes import Binding


def index_of(text: str) -> Index:
    """Return the index of a program."""
    return indexing.index_of(parse(source_of(text)))


def last_read(index: Index, name: str) -> ast.Name:
    """Return the last place of a program, in the order of the text, that reads a name."""
    found = [node for node in index.reads if node.id == name and isinstance(node.ctx, ast.Load)]
    return max(found, key=lambda node: (node.lineno, node.col_offset))


def reaching(text: str, name: str = "x") -> tuple[Binding, ...]:
    """Return the bindings that the last read of a name can see."""
    index = index_of(text)
    return index.reaching(last_read(index, name))


def rows(text: str, name: str = "x") -> list[int]:
    """Return the rows of the bindings that the last read of a name can see."""
    return [getattr(binding.node, "lineno", 0) for binding in reaching(text, name)]


def last_expression(tree: ast.Module) -> ast.expr:
    """Return the expression that a program ends with."""
    statement = tree.body[-1]
    assert isinstance(statement, ast.Expr)
    return statement.value


def qualified(text: str) -> set[str]:
    """Return the qualified names of the expression that a program ends with."""
    index = index_of(text)
    return set(Names(index).of(last_expression(index.tree)))


def sites_of(text: str, keras: str = "auto") -> FileSites:
    """Return the domain model of a program."""
    return FileSites(source_of(text), None, keras)


def site_of(text: str) -> LambdaSite:
    """Return the only `Lambda` site of a program."""
    (site,) = sites_of(text).lambdas
    return site


def captures_of(text: str) -> dict[str, Capture]:
    """Return what the function of the only `Lambda` site captures, by its text."""
    function = site_of(text).function
    assert function is not None
    return {capture.text: capture for capture in function.captures}
