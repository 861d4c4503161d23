"""The body of a function that moves into the layer, as the lines of its `call`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.rewrite.layout import (
    docstring,
    line_indent,
    on_one_line,
    parses,
    reindented,
    spaces_in_slices,
    split_lines,
)
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Moving


def moved_body(making: Moving) -> list[str]:
    """Return the lines of the function's body, what it reads replaced as `making` says; raise `NoFix` for strings over several lines."""
    node = making.node
    making.replaced += spaces_in_slices(making.sites.source, node, making.replaced)
    if isinstance(node, ast.Lambda):
        return [*making.opening, *_expression(making, node)]
    return _statements(making, node)


def _expression(making: Moving, node: ast.Lambda) -> list[str]:
    """Return the body of a lambda as a return statement, on one line where it fits."""
    depth = making.depth * len(making.layout.indent.expandtabs(4))
    line = on_one_line(making.rewritten(making.sites.source.span(node.body)))
    if line is not None and depth + len(f"return {line}") <= making.layout.width:
        return [f"return {line}"]
    whole = making.concrete.whole(node.body)
    text = making.rewritten(whole)
    rows = split_lines(text)
    if any(isinstance(inner, ast.Constant) and inner.lineno != inner.end_lineno for inner in ast.walk(node.body)):
        raise NoFix("the lambda holds a string over several lines")
    old = line_indent(making.sites.source.line(making.sites.source.location(whole.start).row))
    rest = reindented(rows[1:], old, "")
    if parses(f"x = {text}"):
        return [f"return {rows[0]}", *rest]
    inner = [making.layout.indent + row.lstrip(" \t") if row.strip() else "" for row in [rows[0], *rows[1:]]]
    return ["return (", *inner, ")"]


def _statements(making: Moving, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """Return the statements of a nested function's body, indented relative to the first."""
    assert isinstance(node, ast.FunctionDef)
    block = making.concrete.block(node)
    if block is None:
        whole = Span(making.sites.source.span(node.body[0]).start, making.sites.source.span(node.body[-1]).end)
        return [*making.opening, *split_lines(making.rewritten(whole))]
    rows = split_lines(making.rewritten(block))
    while rows and not rows[-1].strip():
        rows.pop()
    old = line_indent(making.sites.source.line(node.body[0].lineno))
    refuse_long_strings(node)
    lines = reindented(rows, old, "")
    if not making.opening:
        return lines
    documented = docstring(node)
    first_row = making.sites.source.location(block.start).row
    after = 0 if documented is None or documented.end_lineno is None else documented.end_lineno - first_row + 1
    return [*lines[:after], *making.opening, *lines[after:]]


def refuse_long_strings(node: ast.FunctionDef) -> None:
    """Raise `NoFix` where the indentation of a function is part of a string of it; that of its docstring does not matter."""
    for inner in ast.walk(node):
        if inner is not docstring(node) and (
            isinstance(inner, ast.JoinedStr)
            or (isinstance(inner, ast.Constant) and isinstance(inner.value, (str, bytes)))
        ):
            assert isinstance(inner, ast.expr)
            if inner.end_lineno != inner.lineno:
                raise NoFix("the function holds a string over several lines")
