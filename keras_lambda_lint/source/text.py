"""One source file as text: decoding, line starts, positions, and the way back to bytes."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Location, Place, PlacedEdit, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Sequence

_NEWLINE = re.compile(r"\r\n|\n|\r")
_LONE_RETURN = re.compile(rb"[^\r\n]*(?:\r\n|\n)?[^\r\n]*\r(?!\n)")
"""A file whose first or second line, one of which may say the encoding, ends with a carriage return alone."""


class SourceError(Exception):
    """A file that cannot be analysed: says the row (0 where there is none), of a notebook in its cell, and the reason in one line."""

    def __init__(self, filename: str, row: int, reason: str, cell: int | None = None) -> None:
        within = f"cell {cell}:" if cell is not None else ""
        super().__init__(f"{filename}:{within}{row}: {reason}" if row else f"{filename}: {reason}")
        self.filename = filename
        self.row = row
        self.reason = reason
        self.cell = cell


class Source:
    """The decoded text of one file, without byte order mark and with its newlines as they are."""

    problems: tuple[SourceError, ...] = ()
    """What of the file cannot be analysed, although the rest can: cells of a notebook."""

    def __init__(self, filename: str, text: str, *, encoding: str = "utf-8", bom: bool = False) -> None:
        self.filename = filename
        self.text = text
        self.encoding = encoding
        self.bom = bom

    @classmethod
    def from_bytes(cls, filename: str, data: bytes) -> Source:
        """Return the decoded source; raise `SourceError` for a wrong cookie, undecodable or null bytes, or a broken notebook."""
        if filename.endswith(".ipynb"):
            from keras_lambda_lint.source.notebook import Notebook

            return Notebook.from_bytes(filename, data)
        bom = data.startswith(codecs.BOM_UTF8)
        body = data[3:] if bom else data
        try:
            # Python counts a lone carriage return as the end of a line, `readline` does not.
            told = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if _LONE_RETURN.match(data) else data
            encoding, _ = tokenize.detect_encoding(io.BytesIO(told).readline)
            if b"coding".decode(encoding, "replace") != "coding":
                raise LookupError(f"{encoding} does not contain ASCII")
            text = body.decode("utf-8" if bom else encoding)
        except UnicodeDecodeError as error:
            row = len(_NEWLINE.findall(body[: error.start].decode("latin-1"))) + 1
            reason = f"not valid {error.encoding} at byte {error.start}: save it as UTF-8 or declare its encoding"
            raise SourceError(filename, row, reason) from None
        except (SyntaxError, LookupError, UnicodeError) as error:
            reason = f"{error.msg if isinstance(error, SyntaxError) else error}: correct the coding line"
            raise SourceError(filename, 1, reason) from None
        null = text.find("\0")
        if null >= 0:
            row = len(_NEWLINE.findall(text, 0, null)) + 1
            raise SourceError(filename, row, "contains a null byte: not a Python file, or damaged")
        return cls(filename, text, encoding=encoding, bom=bom)

    def with_text(self, text: str) -> Source:
        """Return a source of the same file, encoding and byte order mark that holds `text`."""
        return Source(self.filename, text, encoding=self.encoding, bom=self.bom)

    def renamed(self, filename: str) -> Source:
        """Return the same text under another name."""
        return Source(filename, self.text, encoding=self.encoding, bom=self.bom)

    def to_bytes(self) -> bytes:
        """Return the bytes of the file; raise `SourceError` for a character that its encoding lacks."""
        encoding = "utf-8" if self.bom else self.encoding
        try:
            data = self.text.encode(encoding)
        except UnicodeEncodeError as error:
            row = self.location(error.start).row
            raise self.error(row, f"the fix needs a character that {encoding} lacks") from None
        return codecs.BOM_UTF8 + data if self.bom else data

    @cached_property
    def line_starts(self) -> list[int]:
        r"""Offsets at which lines start, lines ending with `\n`, `\r\n` or `\r` only."""
        if "\r" not in self.text:
            return list(accumulate((len(line) + 1 for line in self.text.split("\n")[:-1]), initial=0))
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    @cached_property
    def newline(self) -> str:
        r"""The newline of the file's first line; `\n` where there is none."""
        match = _NEWLINE.search(self.text)
        return match.group() if match else "\n"

    def line(self, row: int) -> str:
        """Return the text of a row (from 1) without its newline; empty past the end."""
        if not 1 <= row <= len(self.line_starts):
            return ""
        return self.text[self.line_starts[row - 1] : self.line_end(row)].rstrip("\r\n")

    def line_end(self, row: int) -> int:
        """Return the offset just past a row's newline."""
        return self.line_starts[row] if row < len(self.line_starts) else len(self.text)

    def location(self, offset: int) -> Location:
        """Return row and column (from 1, in characters) of an offset."""
        row = bisect_right(self.line_starts, offset)
        return Location(row, offset - self.line_starts[row - 1] + 1)

    def place(self, offset: int) -> Place:
        """Return where an offset is for a person: in a notebook, row and column of a cell."""
        return Place(*self.location(offset))

    def cell_row(self, row: int) -> tuple[int | None, int]:
        """Return the cell of a notebook that a row of the text lies in, and its number there; None and the same row elsewhere."""
        return None, row

    def shown_line(self, row: int) -> str:
        """Return a line as a person sees it, with what only IPython reads."""
        return self.line(row)

    @property
    def file_text(self) -> Source:
        """The text of the file itself, of a notebook its JSON: for programs that know lines of files only."""
        return self

    def file_span(self, span: Span) -> Span:
        """Return where a span is in `file_text`."""
        return span

    def file_edits(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return fitted edits as edits of `file_text`."""
        return tuple(edits)

    def error(self, row: int, reason: str) -> SourceError:
        """Return an error at a row of the text, 0 for none."""
        return SourceError(self.filename, row, reason)

    @property
    def parts(self) -> list[tuple[str, bytes]]:
        """What a person sees as a text of its own, with its name: the file, or the cells of a notebook."""
        return [(self.filename, self.to_bytes())]

    def offset(self, row: int, byte_column: int) -> int:
        """Return the offset of a position as `ast` gives it: row from 1, column from 0 in UTF-8 bytes."""
        start = self.line_starts[row - 1]
        head = self.text[start : start + byte_column]
        if head.isascii():
            return start + byte_column
        return start + len(self.text[start : self.line_end(row)].encode()[:byte_column].decode(errors="ignore"))

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler) -> Span:
        """Return the span of a tree node; parentheses around it do not belong to it."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Span(
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno, node.end_col_offset),
        )

    def fitted(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return edits in the form in which they can be applied; raise ValueError where a notebook cannot take them."""
        return tuple(edits)

    def placed(self, edit: Edit) -> PlacedEdit:
        """Return a fitted edit as a person or a program applies it to the file, or to the cell of a notebook."""
        return PlacedEdit(self.place(edit.span.start), self.place(edit.span.end), edit.content)

    def applied(self, edits: Iterable[Edit]) -> Source:
        """Return the source with the edits applied; they must not overlap, and insertions at one place keep their order.

        Raises ValueError for edits that overlap, or that a notebook cannot take.
        """
        parts: list[str] = []
        position = 0
        ordered = sorted(edits, key=lambda edit: edit.span)
        for edit in ordered:
            if edit.span.start < position:
                raise ValueError(f"edits overlap at offset {edit.span.start}")
            parts += [self.text[position : edit.span.start], edit.content]
            position = edit.span.end
        parts.append(self.text[position:])
        return self._edited("".join(parts), ordered)

    def _edited(self, text: str, _edits: Sequence[Edit]) -> Source:
        return self.with_text(text)
