"""Concrete syntax on demand: one statement parsed by libcst, with exact character spans.

libcst's nodes carry no positions. A code generation state that watches the output gives them at a third of the parse's cost; it is
private API of libcst, so setup.cfg pins the minor version, nothing else of the package uses it, and a test pins the round trip.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING

import libcst as cst
from libcst._nodes.internal import CodegenState

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.source.rows import first_row, row_with_comments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.text import Source


class _Positions(CodegenState):
    """Records where each node starts and ends in the generated code, with and without its parentheses and leading lines."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.length = 0
        self.starts: list[int] = []
        self.whole: dict[cst.CSTNode, tuple[int, int]] = {}
        self.syntactic: dict[cst.CSTNode, tuple[int, int]] = {}

    def add_token(self, value: str) -> None:
        super().add_token(value)
        self.length += len(value)

    def add_indent_tokens(self) -> None:
        super().add_indent_tokens()
        self.length += sum(map(len, self.indent_tokens))

    def pop_trailing_newline(self) -> None:
        self.length -= len(self.tokens[-1]) if self.tokens else 0
        super().pop_trailing_newline()

    def before_codegen(self, node: cst.CSTNode) -> None:  # noqa: ARG002
        self.starts.append(self.length)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.whole[node] = (self.starts.pop(), self.length)

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.length
        yield
        first = self._place(start_node)[0] if start_node is not None else start
        last = self._place(end_node)[1] if end_node is not None else self.length
        self.syntactic[node] = (first, last)

    def _place(self, node: cst.CSTNode) -> tuple[int, int]:
        return self.syntactic.get(node) or self.whole[node]


_BLOCK = "if True:\n"
"""Makes a module of lines that are indented."""


_WITH_COMMA = (cst.Arg, cst.BaseElement, cst.BaseDictElement, cst.SubscriptElement)
"""What has the span of the expression in it, and owns the comma after that."""


class Island:
    """The concrete syntax of whole physical lines."""

    def __init__(self, source: Source, first_row: int, last_row: int) -> None:
        start = source.line_starts[first_row - 1]
        indented = source.text[start] in " \t"
        self.start = start - len(_BLOCK) if indented else start
        self.text = (_BLOCK if indented else "") + source.text[start : source.line_end(last_row)]
        try:
            module = cst.parse_module(self.text)
        except cst.ParserSyntaxError as error:
            raise ValueError(f"libcst cannot read the statement: {error.message}") from None
        state = _Positions(module)
        module._codegen(state)
        if "".join(state.tokens) != self.text:
            raise ValueError("libcst does not reproduce the statement")
        self._wholes: dict[Span, Span] = {}
        self._nodes: dict[Span, list[cst.CSTNode]] = {}
        self._spans = {node: self._span(place) for node, place in state.whole.items()}
        for node, place in state.syntactic.items():
            # An argument or an element is as long as its value, and its comma does not belong to that.
            if not isinstance(node, (cst.BaseExpression, cst.BaseStatement)):
                continue
            span = self._span(place)
            self._nodes.setdefault(span, []).append(node)
            if isinstance(node, _WITH_COMMA):
                continue
            whole = self._spans[node]
            known = self._wholes.get(span, whole)
            self._wholes[span] = Span(min(known.start, whole.start), max(known.end, whole.end))
        self.comments = tuple(
            sorted((self._spans[node], node.value) for node in state.whole if isinstance(node, cst.Comment))
        )

    def _span(self, place: tuple[int, int]) -> Span:
        return Span(self.start + place[0], self.start + place[1])

    def whole(self, span: Span) -> Span:
        """Return the span of an expression with the parentheses around it; of a statement with its leading lines and line end."""
        return self._wholes.get(span, span)

    def comments_in(self, *spans: Span, outside: Sequence[Span] = ()) -> list[str]:
        """Return the comments that lie in any of the spans and in none of those `outside`, in source order."""
        return [
            text
            for place, text in self.comments
            if any(span.contains(place) for span in spans) and not any(span.contains(place) for span in outside)
        ]

    def block(self, span: Span) -> Span | None:
        """Return the span of a function's indented body, from the line after the colon; None for a body on the same line."""
        for node in self._nodes.get(span, ()):
            if isinstance(node, cst.FunctionDef) and isinstance(node.body, cst.IndentedBlock):
                return Span(self._spans[node.body.header].end, self._spans[node.body].end)
        return None


def island_of(source: Source, index: Index, node: ast.AST) -> Island:
    """Return the island of the innermost statement around a node that can be read by itself.

    It takes the whole physical lines, with the comments on top, of the statement and of those that share a line with it. Raises
    `ValueError` where libcst does not know the syntax.
    """
    failure = "libcst cannot read the statement"
    for around in (node, *index.ancestors(node)):
        if isinstance(around, ast.stmt):
            try:
                return Island(source, *_rows(source, index, around))
            except ValueError as error:
                failure = str(error)
    raise ValueError(failure)


def _rows(source: Source, index: Index, statement: ast.stmt) -> tuple[int, int]:
    """Return the first and last row of a statement and of its neighbours that share a line with it."""
    first, last = row_with_comments(source, statement), statement.end_lineno or statement.lineno
    parent = index.parents[statement]
    blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
    block = next((found for found in blocks if isinstance(found, list) and statement in found), [statement])
    for other in reversed(block[: block.index(statement)]):
        if (other.end_lineno or 0) < first:
            break
        first = min(first, first_row(other))
    for other in block[block.index(statement) + 1 :]:
        if first_row(other) > last:
            break
        last = max(last, other.end_lineno or 0)
    return first, last
