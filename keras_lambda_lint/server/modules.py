"""What rules look at as one module, and what is known of it between two checks."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from keras_lambda_lint.server.edits import between
from keras_lambda_lint.server.shifting import moved, shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.diagnostic import Diagnostic, Edit, Span
    from keras_lambda_lint.server.documents import Document
    from keras_lambda_lint.server.positions import Positions
    from keras_lambda_lint.source.text import Source


class Verdict(NamedTuple):
    """What the verifier said of a layer."""

    span: Span
    text: str


class Module:
    """What rules look at as one: see `SingleText` and `notebooks.NotebookCells`."""

    uri: str
    """The URI that the module is known by."""
    path: str | None
    """The file that it stands for; None where it stands for none."""

    def __init__(self) -> None:
        self.kept: list[Diagnostic] = []
        """The findings of the last check, moved along with the text since."""
        self.verdicts: list[Verdict] = []
        """What the verifier said of layers that have not changed since."""

    @property
    def source(self) -> Source:
        """The text as rules see it."""
        raise NotImplementedError

    @property
    def counts(self) -> bool:
        """Whether its text counts for other files in place of what is on the disk."""
        raise NotImplementedError

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs of its texts."""
        raise NotImplementedError

    def version(self, uri: str) -> int:
        """Return the version of one of its texts."""
        raise NotImplementedError

    def saved(self) -> None:
        """Take note that it has been written to its file."""
        raise NotImplementedError

    def offset(self, uri: str, position: types.Position, positions: Positions) -> int:
        """Return the offset, in the text as rules see it, of a position in one of the texts."""
        raise NotImplementedError

    def location(self, span: Span, positions: Positions) -> types.Location:
        """Return where a span of the text as rules see it lies."""
        raise NotImplementedError

    def text_edits(self, edits: Sequence[Edit], positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return edits of the text as rules see it as edits of its texts, by their URI; raise ValueError where that is impossible."""
        raise NotImplementedError

    def changes(self, after: Source, positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return what makes another text, that an engine made of this one, of its texts, by their URI."""
        raise NotImplementedError

    @property
    def stamp(self) -> int:
        """A number that is another one for another text."""
        return zlib.crc32(self.source.text.encode("utf-8", "surrogatepass"))

    def changed(self, edits: Sequence[Edit]) -> None:
        """Move what is known along with edits, each of the text before it."""
        for edit in edits:
            self.kept = shifted(self.kept, edit)
            places = [(each, moved(each.span, edit)) for each in self.verdicts]
            # A layer whose own text changes is another one: nothing has been said of it.
            self.verdicts = [
                each._replace(span=span)
                for each, span in places
                if span is not None and span.end - span.start == each.span.end - each.span.start
            ]


class SingleText(Module):
    """A document that is a module of its own."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.uri = document.uri
        self.path = document.path
        self._document = document

    @property
    def source(self) -> Source:
        """The text of the document."""
        return self._document.source

    @property
    def counts(self) -> bool:
        """Whether it differs from its file."""
        return not self._document.is_saved

    @property
    def uris(self) -> tuple[str, ...]:
        """The URI of the document."""
        return (self.uri,)

    def version(self, uri: str) -> int:
        """Return the version of the document."""
        assert uri == self.uri
        return self._document.version

    def saved(self) -> None:
        """Take note that it has been written to its file."""
        self._document.is_saved = True

    def offset(self, uri: str, position: types.Position, positions: Positions) -> int:
        """Return the offset of a position."""
        assert uri == self.uri
        return positions.offset(self._document.shown, position)

    def location(self, span: Span, positions: Positions) -> types.Location:
        """Return where a span lies."""
        return types.Location(self.uri, positions.range(self._document.shown, span))

    def text_edits(self, edits: Sequence[Edit], positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return edits of the document."""
        changes = [types.TextEdit(positions.range(self._document.shown, edit.span), edit.content) for edit in edits]
        return [(self.uri, changes)] if changes else []

    def changes(self, after: Source, positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return what makes another text of the document."""
        return self.text_edits(between(self.source, after), positions)
