"""Notebooks that are open: their code cells are one module."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.server.documents import difference
from keras_lambda_lint.server.edits import between
from keras_lambda_lint.server.modules import Module
from keras_lambda_lint.server.uris import name_of, path_of
from keras_lambda_lint.source.notebook import CodeCell, Notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.diagnostic import Edit, Place, Span
    from keras_lambda_lint.server.documents import Document, Documents
    from keras_lambda_lint.server.positions import Positions
    from keras_lambda_lint.source.text import Source

SYNCHRONISED = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(notebook="*", cells=[types.NotebookCellLanguage("python")]),
    ]
)
"""Which cells the client is to tell of."""


class NotebookCells(Module):
    """The cells of a notebook."""

    def __init__(self, notebook: types.NotebookDocument, documents: Documents) -> None:
        super().__init__()
        self.uri = notebook.uri
        self.path = path_of(notebook.uri)
        self._filename = self.path or name_of(notebook.uri)
        self._documents = documents
        self._cells = list(notebook.cells)

    @cached_property
    def _texts(self) -> dict[int, Document]:
        """The cells that hold Python, by their number."""
        found = {}
        for number, cell in enumerate(self._cells, 1):
            document = self._documents.get(cell.document)
            if cell.kind is types.NotebookCellKind.Code and document is not None and document.is_python:
                found[number] = document
        return found

    @cached_property
    def source(self) -> Notebook:
        """The cells as one text."""
        cells = (CodeCell(number, document.text) for number, document in self._texts.items())
        return Notebook.of_cells(self._filename, cells)

    @property
    def counts(self) -> bool:
        """Nothing imports a notebook."""
        return False

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs of the cells that hold Python."""
        return tuple(document.uri for document in self._texts.values())

    def version(self, uri: str) -> int:
        """Return the version of a cell."""
        return next(each.version for each in self._texts.values() if each.uri == uri)

    def saved(self) -> None:
        """Nothing depends on it."""

    def change(self, event: types.NotebookDocumentChangeEvent, positions: Positions) -> None:
        """Take the changes of cells: which there are, what they are, and what they hold."""
        before = self.source.text
        cells = event.cells or types.NotebookDocumentCellChanges()
        if cells.structure is not None:
            for item in cells.structure.did_open or ():
                self._documents.open(item)
            array = cells.structure.array
            self._cells[array.start : array.start + array.delete_count] = array.cells or ()
            for closed in cells.structure.did_close or ():
                self._documents.close(closed.uri)
        for new in cells.data or ():
            self._cells = [new if each.document == new.document else each for each in self._cells]
        for text in cells.text_content or ():
            self._documents.change(text.document, text.changes, positions)
        self.__dict__.pop("_texts", None)
        self.__dict__.pop("source", None)
        self.changed([difference(before, self.source.text)])

    def offset(self, uri: str, position: types.Position, positions: Positions) -> int:
        """Return the offset, in the text of all cells, of a position in one; of one that holds no Python the end."""
        for number, document in self._texts.items():
            start = next((region.start for region in self.source.regions if region.number == number), None)
            if document.uri == uri and start is not None:
                return start + positions.offset(document.source, position)
        return len(self.source.text)

    def location(self, span: Span, positions: Positions) -> types.Location:
        """Return where a span of the text of all cells lies."""
        start, end = self.source.place(span.start), self.source.place(span.end)
        document = self._texts[start.cell or 0]
        first = self._position(document, start, positions)
        # One that reaches into the next cell is shown to the end of its own.
        last = self._position(document, end, positions) if end.cell == start.cell else first
        return types.Location(document.uri, types.Range(first, last))

    def _position(self, document: Document, place: Place, positions: Positions) -> types.Position:
        source = document.source
        offset = source.line_starts[min(place.row, len(source.line_starts)) - 1] + place.column - 1
        return positions.position(source, min(offset, len(source.text)))

    def text_edits(self, edits: Sequence[Edit], positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return edits of the text of all cells as edits of cells; raise ValueError for one that needs two cells."""
        by_uri: dict[str, list[types.TextEdit]] = {}
        for placed in map(self.source.placed, self.source.fitted(edits)):
            document = self._texts[placed.start.cell or 0]
            place = types.Range(
                self._position(document, placed.start, positions), self._position(document, placed.end, positions)
            )
            by_uri.setdefault(document.uri, []).append(types.TextEdit(place, placed.content))
        return list(by_uri.items())

    def changes(self, after: Source, positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return what makes another text of the cells."""
        found = []
        texts = {name.rpartition(" ")[2]: data.decode("utf-8", "surrogatepass")[:-1] for name, data in after.parts}
        for number, document in self._texts.items():
            source = document.source
            edits = between(source, source.with_text(texts.get(str(number), document.text)))
            changes = [types.TextEdit(positions.range(source, edit.span), edit.content) for edit in edits]
            if changes:
                found.append((document.uri, changes))
        return found
