"""Variants of a fixed text that compute the same: what a person may write instead of what the fixer does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mutants import Edit, Text, in_call, returns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewrites import Rewrite


def variants(rewrite: Rewrite) -> Iterator[tuple[str, Rewrite]]:
    """Yield each variant with its kind."""
    text = Text(rewrite)
    for node in text.classes:
        if text.sites(node.name):
            for kind, operator in OPERATORS.items():
                for start, end, other in operator(text, node):
                    edited = rewrite.edited(start, end, other)
                    ast.parse(edited.fixed.text)
                    yield kind, edited


def _factors(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """IEEE multiplication commutes."""
    for each in in_call(node, ast.BinOp):
        if isinstance(each.op, ast.Mult):  # type: ignore[attr-defined]
            left, right = text.source(each.left), text.source(each.right)  # type: ignore[attr-defined]
            yield (*text.span(each), f"(({right}) * ({left}))")


def _square(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for each in in_call(node, ast.BinOp):
        is_square = isinstance(each.op, ast.Pow) and text.source(each.right) == "2"  # type: ignore[attr-defined]
        if is_square and isinstance(each.left, ast.Name):  # type: ignore[attr-defined]
            yield (*text.span(each), f"({text.source(each.left)} * {text.source(each.left)})")  # type: ignore[attr-defined]


def _by_a_method(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for value in returns(node):
        yield (*text.span(value), f"self._same({text.source(value)})")
        break


def _with_method(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    for start, end, other in _by_a_method(text, node):
        first, _ = text.span(node.body[0])
        line = text.text.rindex("\n", 0, first) + 1
        method = "    def _same(self, result):\n        return result\n\n"
        indent = text.text[line:first]
        if indent == "    ":
            yield line, end, f"{method}{text.text[line:start]}{other}"


def _other_order(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.decorator_list]
    if len(methods) > 1 and methods == node.body[-len(methods) :]:
        start, end = text.span(methods[0])[0], text.span(methods[-1])[1]
        yield start, end, "\n\n    ".join(text.source(each) for each in reversed(methods))


OPERATORS: dict[str, Callable[[Text, ast.ClassDef], Iterator[Edit]]] = {
    "factors in another order": _factors,
    "a power as a product": _square,
    "the result through a method": _with_method,
    "methods in another order": _other_order,
}
