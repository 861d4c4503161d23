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
from keras_lambda_lint.source.rows import row_with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Moving


def moved_body(making: Moving) -> list[str]:
    """Return the lines of the function's body, what it reads replaced as `making` says; raise `NoFix` for strings over several lines."""
    node = making.node
    for part in (node, *making.inner):
        making.replaced += spaces_in_slices(making.sites.source, part, making.replaced)
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


def inner_lines(making: Moving) -> list[str]:
    """Return the definitions of the functions that move with the function, laid out as a formatter leaves them."""
    lines: list[str] = []
    source = making.sites.source
    for node in making.inner:
        statement = making.sites.index.statement(node)
        refuse_long_strings(statement)
        row = row_with_comments(source, statement)
        assert statement.end_lineno is not None
        block = making.concrete.block(statement) if isinstance(statement, ast.FunctionDef) else None
        end = source.line_end(statement.end_lineno) if block is None else block.end
        rows = split_lines(making.rewritten(Span(source.line_starts[row - 1], end)))
        while rows and not rows[-1].strip():
            rows.pop()
        lines += reindented(rows, line_indent(source.line(statement.lineno)), "")
        lines += [""] * isinstance(statement, ast.FunctionDef)
    return lines


def refuse_long_strings(node: ast.stmt) -> None:
    """Raise `NoFix` for a string over several lines, which another indentation would change; a docstring may."""
    kept = docstring(node) if isinstance(node, ast.FunctionDef) else None
    for inner in ast.walk(node):
        if not isinstance(inner, (ast.JoinedStr, ast.Constant)) or inner is kept:
            continue
        if inner.end_lineno != inner.lineno:
            raise NoFix("the function holds a string over several lines")
