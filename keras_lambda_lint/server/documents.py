"""The texts that a client has opened, as it last told them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.files import read
from keras_lambda_lint.server.uris import name_of, path_of
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keras_lambda_lint.server.positions import Positions

_SUFFIXES = (".py", ".pyi", ".pyw")
_BOM = "\ufeff"


class Document:
    """One text: a file, a buffer without a file, or a cell of a notebook."""

    def __init__(self, item: types.TextDocumentItem) -> None:
        self.uri = item.uri
        self.version = item.version
        self.path = path_of(item.uri)
        """The file that it stands for; None where it stands for none."""
        self.filename = self.path or name_of(item.uri)
        self._language = item.language_id
        self._set(item.text)
        self.is_saved = self.path is None or self.source.text == _on_disk(self.path)
        """Whether the text is that of the file."""

    @property
    def is_python(self) -> bool:
        """Whether it is Python code, as the client or its name says."""
        return self._language == "python" or (self.path or "").endswith(_SUFFIXES)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @cached_property
    def shown(self) -> Source:
        """The text as the client counts it."""
        return Source(self.filename, self._text)

    @cached_property
    def source(self) -> Source:
        """The text as it is analysed; the blank that stands for a byte order mark keeps all offsets."""
        return self.shown.with_text(f"\f{self._text[1:]}") if self._text.startswith(_BOM) else self.shown

    def change(self, event: types.TextDocumentContentChangeEvent, positions: Positions) -> Edit:
        """Apply a change and return it as an edit of the text before it."""
        if isinstance(event, types.TextDocumentContentChangePartial):
            edit = Edit(positions.span(self.shown, event.range), event.text)
        else:
            edit = difference(self._text, event.text)
        self._set(self._text[: edit.span.start] + edit.content + self._text[edit.span.end :])
        self.is_saved = self.path is None
        return edit

    def _set(self, text: str) -> None:
        self._text = text
        for name in ("shown", "source"):
            self.__dict__.pop(name, None)


def _on_disk(path: str) -> str | None:
    """Return the text of a file as it is analysed; None for one that cannot be read."""
    try:
        return Source.from_bytes(path, read(path)).text
    except (OSError, SourceError):
        return None


def difference(before: str, after: str) -> Edit:
    """Return one edit that makes `after` of `before`, as short as one edit can be."""
    most = min(len(before), len(after))
    start = _shared(before, after, most)
    end = _shared(before[::-1], after[::-1], most - start)
    return Edit(Span(start, len(before) - end), after[start : len(after) - end])


def _shared(one: str, other: str, most: int) -> int:
    """Return how many characters two texts start with alike, `most` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Documents:
    """All texts that are open, by their URI."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def open(self, item: types.TextDocumentItem) -> Document:
        """Add a text, in place of one that is open under the same URI."""
        document = self._open[item.uri] = Document(item)
        return document

    def close(self, uri: str) -> Document | None:
        """Remove a text and return it; None where it was not open."""
        return self._open.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        """Return an open text; None where it is not open."""
        return self._open.get(uri)

    def of_path(self, path: str) -> Document | None:
        """Return the open text of a file; None where it is not open."""
        return next((each for each in self._open.values() if each.path == path), None)

    def change(
        self,
        identifier: types.VersionedTextDocumentIdentifier,
        events: Iterable[types.TextDocumentContentChangeEvent],
        positions: Positions,
    ) -> tuple[Document, Sequence[Edit]] | None:
        """Apply changes in their order and return them as edits, each of the text before it; None where the text is not open."""
        document = self._open.get(identifier.uri)
        if document is None:
            return None
        edits = [document.change(event, positions) for event in events]
        document.version = identifier.version
        return document, edits
