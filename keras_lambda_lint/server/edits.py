"""Edits of texts as the protocol's workspace edits."""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.server.documents import difference
from keras_lambda_lint.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keras_lambda_lint.diagnostic import Text
    from keras_lambda_lint.server.documents import Documents
    from keras_lambda_lint.server.positions import Positions
    from keras_lambda_lint.source.text import Source


def between(before: Source, after: Source) -> list[Edit]:
    """Return edits of whole lines that make one text of another, so that what stays keeps its cursors and marks."""
    whole = difference(before.text, after.text)
    if not whole.content and whole.span.start == whole.span.end:
        return []
    rows = (before.location(whole.span.start).row, before.location(whole.span.end).row)
    new_end = whole.span.start + len(whole.content)
    new_rows = (after.location(whole.span.start).row, after.location(new_end).row)
    old, new = _lines(before, *rows), _lines(after, *new_rows)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    offset = before.line_starts[rows[0] - 1]
    starts = [offset]
    for line in old:
        starts.append(starts[-1] + len(line))
    return [
        Edit(Span(starts[first], starts[last]), "".join(new[new_first:new_last]))
        for tag, first, last, new_first, new_last in matcher.get_opcodes()
        if tag != "equal"
    ]


def _lines(source: Source, first: int, last: int) -> list[str]:
    return [source.text[source.line_starts[row - 1] : source.line_end(row)] for row in range(first, last + 1)]


class WorkspaceEdits:
    """Makes workspace edits in the form that the client takes."""

    def __init__(self, documents: Documents, positions: Positions, *, versioned: bool) -> None:
        self._documents = documents
        self._positions = positions
        self._versioned = versioned
        """Whether the client takes `documentChanges`, which say for which version of a text they are."""

    def uri(self, path: str) -> str:
        """Return the URI of a file as the client writes it, where it is open."""
        document = self._documents.of_path(os.path.abspath(path))
        return uri_of(path) if document is None else document.uri

    def of_file(self, path: str, text: Text, edits: Iterable[Edit]) -> tuple[str, list[types.TextEdit]]:
        """Return the URI of a file and the edits of its text."""
        changes = [types.TextEdit(self._positions.range(text, edit.span), edit.content) for edit in edits]
        return self.uri(path), changes

    def workspace_edit(self, changes: Sequence[tuple[str, list[types.TextEdit]]]) -> types.WorkspaceEdit:
        """Return the edits of texts, given by URI, as one change."""
        if not self._versioned:
            return types.WorkspaceEdit(changes=dict(changes))
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, self._version(uri)), list(edits)
                )
                for uri, edits in changes
            ]
        )

    def _version(self, uri: str) -> int | None:
        document = self._documents.get(uri)
        return None if document is None else document.version
