"""The concrete syntax of one file, read where a rewrite needs it and nowhere else: most lambdas need none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.islands import Island
    from keras_lambda_lint.source.text import Source


class Concrete:
    """Parentheses, comments and blocks of the statements of one file. Raises `NoFix` where libcst cannot read a statement."""

    def __init__(self, source: Source, index: Index) -> None:
        self._source = source
        self._index = index
        self._islands: dict[ast.stmt, Island] = {}

    def _island(self, node: ast.AST) -> Island:
        from keras_lambda_lint.source.islands import island_of

        statement = self._index.statement(node)
        if statement not in self._islands:
            try:
                self._islands[statement] = island_of(self._source, self._index, statement)
            except ValueError as error:
                raise NoFix(str(error)) from None
        return self._islands[statement]

    def whole(self, node: ast.expr) -> Span:
        """Return the span of an expression with the parentheses around it."""
        return self._island(node).whole(self._source.span(node))

    def block(self, node: ast.FunctionDef) -> Span | None:
        """Return the span of a function's indented body, from the line after the colon; None for a body on the same line."""
        return self._island(node).block(self._source.span(node))

    def comments(self, node: ast.AST, span: Span, outside: Sequence[Span] = ()) -> list[str]:
        """Return the comments in a span of the statement that holds a node, without those in the spans `outside`."""
        if "#" not in self._source.text[span.start : span.end]:
            return []
        return self._island(node).comments_in(span, outside=outside)
