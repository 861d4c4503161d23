"""Where a new definition goes in a file, and how that fits with what goes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.source.rows import row_with_comments

if TYPE_CHECKING:
    import ast

    from keras_lambda_lint.rewrite.layout import Layout
    from keras_lambda_lint.sites.build import FileSites


class Placing:
    """Places new definitions in one file."""

    def __init__(self, sites: FileSites, layout: Layout) -> None:
        self.sites = sites
        self.layout = layout

    def statement_start(self, node: ast.AST) -> int:
        """Return where a definition goes that a node needs: above its top-level statement and the comments on top of that."""
        source = self.sites.source
        statement = self.sites.index.top_statement(node)
        return source.line_starts[row_with_comments(source, statement) - 1]

    def inserted(self, text: str, position: int) -> list[Edit]:
        """Return the insertion of a definition with two blank lines around it."""
        newline = self.layout.newline
        head = self.sites.source.text[:position].rstrip(" \t\r\n\f")
        gap = Edit(Span(len(head), position), newline * 3 if head else "")
        return [
            *([gap] if self.sites.source.text[gap.span.start : position] != gap.content else []),
            Edit(Span(position, position), text + newline * 3),
        ]

    def apart(self, inserted: list[Edit], others: list[Edit]) -> list[Edit]:
        """Return both lists without overlaps: removals that touch are one, and one with the blank lines above the new class."""
        text, newline = self.sites.source.text, self.layout.newline
        removals: list[Edit] = []
        for edit in sorted((edit for edit in others if not edit.content), key=lambda edit: edit.span):
            if removals and edit.span.start <= removals[-1].span.end:
                last = removals.pop()
                edit = Edit(self._with_blank_lines(Span(last.span.start, max(last.span.end, edit.span.end))), "")
            removals.append(edit)
        # An import that goes to the place of the class stands above it.
        edits = [*(edit for edit in others if edit.content), *inserted, *removals]
        for removed in removals:
            for edit in inserted:
                touches = removed.span.end >= edit.span.start and removed.span.start <= edit.span.start
                if touches and edit.span.start < edit.span.end:
                    start = len(text[: removed.span.start].rstrip(" \t\r\n\f"))
                    edits = [other for other in edits if other not in (removed, edit)]
                    edits.append(Edit(Span(start, edit.span.end), newline * 3 if start else ""))
        return edits

    def _with_blank_lines(self, span: Span) -> Span:
        """Return the span of removed lines with the blank lines below them, where a block would start with those."""
        source = self.sites.source
        end = span.end
        if source.text[: span.start].rstrip().endswith(":"):
            while not source.line(source.location(end).row).strip() and end < len(source.text):
                end = source.line_end(source.location(end).row)
        return Span(span.start, end)
