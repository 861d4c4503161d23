"""A notebook as one module: the Python of its cells, one below the other, and for each place the cell that it lies in.

Everything but the faces sees an ordinary `Source`. Between two cells lie two blank lines that belong to neither; edits are fitted
into cells before they are applied, so that what a rewrite says of the lines around a statement never reaches into another cell.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Edit, Place, PlacedEdit, Span
from keras_lambda_lint.source import magics
from keras_lambda_lint.source.python_2 import hint
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keras_lambda_lint.source.ipynb import Document

_UNKNOWN = "_ijklmnopqrstuvwxyzabcdefgh"
_CLOSING = re.compile(r"(?:\r\n|\n|\r)\Z")
_INDENTED = "if True:"
"""Stands above a cell whose lines are all indented."""


class CodeCell(NamedTuple):
    """What a cell holds: Python with what IPython adds to it. Cells are counted from 1, those that hold no code too."""

    number: int
    text: str


class Region(NamedTuple):
    """Where a cell stands in the text of the module, with the end of its last line, which the cell itself need not have."""

    number: int
    start: int
    end: int
    masks: tuple[tuple[int, int, str], ...]
    """Ranges of the text that stand for something that Python cannot read, and what they stand for."""


class Notebook(Source):
    """The code cells of a notebook; those that hold another language, such as `%%bash`, are left out."""

    def __init__(
        self,
        filename: str,
        text: str,
        regions: tuple[Region, ...],
        problems: tuple[SourceError, ...] = (),
        document: Document | None = None,
    ) -> None:
        super().__init__(filename, text)
        self.regions = regions
        self.problems = problems
        self._document = document

    @classmethod
    def from_bytes(cls, filename: str, data: bytes) -> Notebook:
        """Return the code of a file; raise `SourceError` for one that is no notebook."""
        from keras_lambda_lint.source.ipynb import Document, Malformed

        try:
            document = Document.read(data)
        except Malformed as error:
            raise SourceError(filename, error.row, str(error)) from None
        return cls.of_cells(filename, (CodeCell(*cell) for cell in document.code_cells()), document)

    @classmethod
    def of_cells(cls, filename: str, cells: Iterable[CodeCell], document: Document | None = None) -> Notebook:
        """Return cells as one module. What cannot be parsed in one of them becomes a problem, and the others stay."""
        cells = [cell for cell in cells if magics.is_python(cell.text)]
        known = {word for cell in cells for word in magics.words(cell.text)}
        unknown = next((letter for letter in _UNKNOWN if letter not in known), "_")
        newline = Source(filename, "\n".join(cell.text for cell in cells)).newline if cells else "\n"
        parts: list[str] = []
        regions: list[Region] = []
        problems: list[SourceError] = []
        position = 0
        for cell in cells:
            found, problem = _masks(filename, cell, known, unknown)
            if problem is not None:
                problems.append(problem)
            above = newline * 2 if parts else ""
            if problem is None and magics.is_indented(cell.text):
                above += _INDENTED + newline
            start = position + len(above)
            masks = tuple((start + mask.start, start + mask.end, cell.text[mask.start : mask.end]) for mask in found)
            # A carriage return and a line feed would be one newline.
            closing = "\r" if cell.text.endswith("\r") else newline
            parts += [above, magics.masked(cell.text, found), closing]
            position = start + len(cell.text) + len(closing)
            regions.append(Region(cell.number, start, position, masks))
        return cls(filename, "".join(parts), tuple(regions), tuple(problems), document)

    def renamed(self, filename: str) -> Notebook:
        """Return the same cells under another name."""
        return Notebook(filename, self.text, self.regions, self.problems, self._document)

    def to_bytes(self) -> bytes:
        """Return the bytes of the file: those that were read, but for the changed lines of changed cells."""
        if self._document is None:
            return self.text.encode("utf-8", "surrogatepass")
        return self._document.with_cells({region.number: self._original(region) for region in self.regions})

    @property
    def parts(self) -> list[tuple[str, bytes]]:
        """The cells, each with the name that a diff gives it, and with its last line ended."""
        return [
            (f"{self.filename}:cell {each.number}", f"{self._original(each)}\n".encode("utf-8", "surrogatepass"))
            for each in self.regions
        ]

    @cached_property
    def _written(self) -> Document | None:
        """The file as it would be written."""
        from keras_lambda_lint.source.ipynb import Document

        return None if self._document is None else Document.read(self.to_bytes())

    @cached_property
    def file_text(self) -> Source:
        """The JSON of the notebook; its cells as one module where it has no file."""
        return self if self._written is None else Source(self.filename, self._written.raw)

    def file_span(self, span: Span) -> Span:
        """Return where a span is in the JSON."""
        if self._written is None:
            return span
        region = self._region(span.start)
        end = min(span.end, self._last(region))
        return Span(*self._written.span(region.number, min(span.start, end) - region.start, end - region.start))

    def file_edits(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return fitted edits as one edit of the JSON."""
        after = self.applied(edits).file_text.text
        before = self.file_text.text
        start = len(os.path.commonprefix([before, after]))  # noqa: RUF071  (characters are meant)
        end = len(os.path.commonprefix([before[start:][::-1], after[start:][::-1]]))  # noqa: RUF071  (characters are meant)
        return (Edit(Span(start, len(before) - end), after[start : len(after) - end]),)

    def _original(self, region: Region) -> str:
        """Return what a cell holds, magics and all."""
        return self._unmasked(region, region.start, self._last(region))

    def _last(self, region: Region) -> int:
        """Return where the text of a cell ends, without the newline that closes it in the module."""
        closing = _CLOSING.search(self.text, region.start, region.end)
        return closing.start() if closing is not None else region.end

    def _unmasked(self, region: Region, start: int, end: int) -> str:
        parts, position = [], start
        for first, last, original in region.masks:
            if start <= first and last <= end:
                parts += [self.text[position:first], original]
                position = last
        return "".join((*parts, self.text[position:end]))

    @cached_property
    def _starts(self) -> list[int]:
        return [region.start for region in self.regions]

    def _region(self, offset: int) -> Region:
        """Return the cell that an offset lies in, or behind."""
        return self.regions[max(bisect_right(self._starts, offset) - 1, 0)]

    def cell_row(self, row: int) -> tuple[int | None, int]:
        """Return the cell that a row lies in, and its number there."""
        if not self.regions:
            return None, row
        offset = self.line_starts[min(row, len(self.line_starts)) - 1]
        region = self._region(offset)
        first = self.location(region.start).row
        last = self.location(self._last(region)).row
        return region.number, min(max(row, first), last) - first + 1

    def shown_line(self, row: int) -> str:
        """Return a row as it stands in its cell."""
        if not self.regions or row > len(self.line_starts):
            return ""
        start, end = self.line_starts[row - 1], self.line_end(row)
        return self._unmasked(self._region(start), start, end).rstrip("\r\n")

    def place(self, offset: int) -> Place:
        """Return cell, row and column of an offset; one between two cells is at the end of the first."""
        if not self.regions:
            return super().place(offset)
        region = self._region(offset)
        end = self._last(region)
        row, column = self.location(max(min(offset, end), region.start))
        return Place(row - self.location(region.start).row + 1, column, region.number)

    def placed(self, edit: Edit) -> PlacedEdit:
        """Return a fitted edit as one of a cell's own text, which ends where the last line does."""
        (start, end), content = edit
        region = self._region(start)
        last = self._last(region)
        if end > last:
            if start == end:
                content = self.text[last:end] + content
            elif not content:
                # The last line goes, and with it the newline above it.
                above = _CLOSING.search(self.text, region.start, start)
                start = above.start() if above is not None else start
            content = _CLOSING.sub("", content)
            start, end = min(start, last), last
        return PlacedEdit(self.place(start), self.place(end), content)

    def fitted(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return edits that leave alone what lies between cells; raise ValueError for one that needs two cells, or changes a magic."""
        return tuple(fitted for edit in edits for fitted in self._fitted(edit))

    def _fitted(self, edit: Edit) -> list[Edit]:
        (start, end), content = edit
        pieces = [
            Span(max(start, region.start), min(end, region.end))
            for region in self.regions
            if start <= region.end and region.start <= end
        ]
        if len(pieces) == 1 and pieces[0] == edit.span:
            return [self._outside_masks(self._trimmed(edit))]
        if not self.text[start:end].strip() and not content.strip():
            return []
        changed = [piece for piece in pieces if self.text[slice(*piece)].strip()]
        kept = sum(len(self.text[slice(*piece)].split()) for piece in pieces)
        if kept < len(self.text[start:end].split()) or (len(changed) != 1 and (content.strip() or not changed)):
            raise ValueError("the fix would need several cells of the notebook")
        return [self._outside_masks(self._trimmed(Edit(piece, content))) for piece in changed]

    def _trimmed(self, edit: Edit) -> Edit:
        """Return an edit without blank lines at the start or the end of a cell that it would bring."""
        (start, end), content = edit
        region = self._region(start)
        if start == region.start:
            content = content.lstrip("\r\n")
        if end == region.end and content.endswith(self.newline):
            content = content.rstrip("\r\n") + self.newline
        return Edit(edit.span, content)

    def _outside_masks(self, edit: Edit) -> Edit:
        for first, last, original in self._region(edit.span.start).masks:
            if edit.span.overlaps(Span(first, last)) or first < edit.span.start < last:
                raise ValueError(f"the fix would change `{original.strip().splitlines()[0]}`, which is no Python")
        return edit

    def _edited(self, text: str, edits: Sequence[Edit]) -> Notebook:
        regions: list[Region] = []
        waiting = list(edits)
        shift = 0
        for region in self.regions:
            start, masks, inner = region.start + shift, [], 0
            own: list[Edit] = []
            while waiting and waiting[0].span.end <= region.end:
                own.append(self._outside_masks(waiting.pop(0)))
            if own and own[0].span.start < region.start:
                raise ValueError("the fix would need several cells of the notebook")
            for first, last, original in region.masks:
                inner = sum(_growth(edit) for edit in own if edit.span.end <= first)
                masks.append((first + shift + inner, last + shift + inner, original))
            shift += sum(map(_growth, own))
            regions.append(Region(region.number, start, region.end + shift, tuple(masks)))
        if waiting:
            raise ValueError("the fix would need several cells of the notebook")
        return Notebook(self.filename, text, tuple(regions), self.problems, self._document)

    def error(self, row: int, reason: str) -> SourceError:
        """Return an error at a row, named by its cell."""
        cell, inner = self.cell_row(row) if row else (None, row)
        return SourceError(self.filename, inner, reason, cell)


def _growth(edit: Edit) -> int:
    return len(edit.content) - (edit.span.end - edit.span.start)


def _masks(
    filename: str, cell: CodeCell, known: set[str], unknown: str
) -> tuple[list[magics.Mask], SourceError | None]:
    found = magics.masks(cell.text, known, unknown)
    text = magics.masked(cell.text, found)
    error = magics.syntax_error(f"{_INDENTED}\n{text}" if magics.is_indented(cell.text) else text)
    if error is None:
        return found, None
    row, reason = error
    row -= magics.is_indented(cell.text)
    lines = Source(filename, cell.text)
    problem = SourceError(filename, row, f"{reason}{hint(lines.line(row))}", cell.number)
    return magics.everything(cell.text, known, unknown), problem
