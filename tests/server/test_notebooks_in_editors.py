"""Notebooks: the cells are one module, each finding is in its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from client import start
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

    from client import Client

pytestmark = pytest.mark.asyncio

CELLS = [
    "%matplotlib inline\nfrom tensorflow import keras\n",
    "# Some words.",
    "!pip list\nlayer = keras.layers.Lambda(lambda x: x + 1, name='shift')",
]


def cell_uri(number: int) -> str:
    return f"vscode-notebook-cell:/w/model.ipynb#W{number}"


def open_notebook(client: Client) -> str:
    uri = client.uri("model.ipynb")
    kinds = [types.NotebookCellKind.Code, types.NotebookCellKind.Markup, types.NotebookCellKind.Code]
    cells = [types.NotebookCell(kind, cell_uri(number)) for number, kind in enumerate(kinds)]
    texts = []
    for number in (0, 2):
        client.texts[cell_uri(number)], client.versions[cell_uri(number)] = CELLS[number], 1
        texts.append(types.TextDocumentItem(cell_uri(number), "python", 1, CELLS[number]))
    notebook = types.NotebookDocument(uri, "jupyter-notebook", 1, cells)
    client.lsp.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, texts))
    return uri


async def test_a_notebook(tmp_path: Path) -> None:
    async with start("vscode", tmp_path) as client:
        notebook = open_notebook(client)
        assert await client.codes(cell_uri(0)) == []
        (found,) = [each for each in await client.diagnostics(cell_uri(2)) if each.code == "KLL101"]
        assert client.text_of(cell_uri(2), found.range) == "lambda x: x + 1"

        # A cell changes: the import goes, and comes back.
        def change(before: str, after: str) -> None:
            old = client.texts[cell_uri(0)]
            new = client.texts[cell_uri(0)] = old.replace(before, after)
            client.versions[cell_uri(0)] += 1
            identifier = types.VersionedTextDocumentIdentifier(client.versions[cell_uri(0)], cell_uri(0))
            contents = types.NotebookDocumentCellContentChanges(
                identifier, [types.TextDocumentContentChangeWholeDocument(new)]
            )
            event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[contents]))
            client.lsp.notebook_document_did_change(
                types.DidChangeNotebookDocumentParams(
                    types.VersionedNotebookDocumentIdentifier(client.versions[cell_uri(0)], notebook), event
                )
            )

        change("from tensorflow import keras", "from torchvision import keras")
        assert await client.codes(cell_uri(2)) == []
        change("torchvision", "tensorflow")
        actions = await client.actions(cell_uri(2), "lambda")
        (fix,) = [action for title, action in actions.items() if "(KLL101): Layer subclass" in title]
        edited = (await client.lsp.code_action_resolve_async(fix)).edit
        assert edited is not None
        changed = [each.text_document.uri for each in edited.document_changes or ()]
        assert changed == [cell_uri(2)]
        (comment,) = [action for title, action in actions.items() if title.endswith("(KLL101): Disable for this line")]
        edited = (await client.lsp.code_action_resolve_async(comment)).edit
        assert edited is not None
        assert "# noqa: KLL101" in edited.document_changes[0].edits[0].new_text

        client.lsp.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                types.NotebookDocumentIdentifier(notebook),
                [types.TextDocumentIdentifier(cell_uri(number)) for number in (0, 2)],
            )
        )
        assert await client.codes(cell_uri(2)) == []
