"""What rules look at as one module, and what is known of it between two checks."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

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
    """An open document of its own."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.kept: list[Diagnostic] = []
        """The findings of the last check, moved along with the text since."""
        self.verdicts: list[Verdict] = []
        """What the verifier said of layers that have not changed since."""

    @property
    def uri(self) -> str:
        """The URI that the module is known by."""
        return self._document.uri

    @property
    def path(self) -> str | None:
        """The file that it stands for."""
        return self._document.path

    @property
    def source(self) -> Source:
        """The text as rules see it."""
        return self._document.source

    @property
    def stamp(self) -> int:
        """A number that is another one for another text."""
        return zlib.crc32(self.source.text.encode("utf-8", "surrogatepass"))

    @property
    def counts(self) -> bool:
        """Whether its text counts for other files in place of what is on the disk."""
        return not self._document.is_saved

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs of its texts."""
        return (self._document.uri,)

    def version(self, uri: str) -> int:
        """Return the version of one of its texts."""
        assert uri == self._document.uri
        return self._document.version

    def saved(self) -> None:
        """Take note that it has been written to its file."""
        self._document.is_saved = True

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

    def offset(self, uri: str, position: types.Position, positions: Positions) -> int:
        """Return the offset, in the text as rules see it, of a position in one of the texts."""
        assert uri == self._document.uri
        return positions.offset(self.source, position)

    def location(self, span: Span, positions: Positions) -> types.Location:
        """Return where a span of the text as rules see it lies."""
        return types.Location(self._document.uri, positions.range(self.source, span))

    def text_edits(self, edits: Sequence[Edit], positions: Positions) -> list[tuple[str, list[types.TextEdit]]]:
        """Return edits of the text as rules see it as edits of its texts, by their URI."""
        changes = [types.TextEdit(positions.range(self.source, edit.span), edit.content) for edit in edits]
        return [(self._document.uri, changes)] if changes else []
