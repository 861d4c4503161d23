"""Findings in the editor, whatever the editor can do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from client import start
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path

    from client import Client

pytestmark = pytest.mark.asyncio

MODEL = """\
from tensorflow import keras

scale = 2.0
double = keras.layers.Lambda(lambda x: x * scale, name="double")
"""


async def test_a_text_from_opening_to_closing(client: Client) -> None:
    """One server goes through what a person does: each step tells one thing that has to hold."""
    uri = client.open("model.py", MODEL)
    found = await client.diagnostics(uri)
    assert [each.code for each in found] == ["KLL101", "KLL601", "KLL103"]
    assert {each.source for each in found} == {"keras-lambda-lint"}
    assert [each.severity for each in found][:2] == [
        types.DiagnosticSeverity.Error,
        types.DiagnosticSeverity.Information,
    ]
    assert client.text_of(uri, found[0].range) == "lambda x: x * scale"
    assert client.text_of(uri, found[2].range) == "scale"

    # Characters of one, two, three and four bytes stand before what is found.
    client.change(uri, "scale = 2.0\n", "scale = 2.0; name = 'é€😀'; ")
    found = await client.diagnostics(uri)
    assert client.text_of(uri, found[0].range) == "lambda x: x * scale"

    # While a person types, the text does not parse: what was found stays where it stands now.
    client.change(uri, "scale = 2.0", "def f(:\n    # 😀\nscale = 2.0")
    found = await client.diagnostics(uri)
    assert [each.code for each in found] == ["KLL101", "KLL601", "KLL103"]
    assert client.text_of(uri, found[2].range) == "scale"
    client.change(uri, "x * scale", "x * scale * 1")
    found = await client.diagnostics(uri)
    assert [client.text_of(uri, each.range) for each in found if each.code == "KLL101"] == ["lambda x: x * scale * 1"]

    # The whole text at once, with a line separator that is none for editors.
    client.replace(uri, "# \u2028 \x0c\r\n" + MODEL.replace("\n", "\r\n"))
    found = await client.diagnostics(uri)
    assert client.text_of(uri, found[0].range) == "lambda x: x * scale"

    client.close(uri)
    if not client.pulls:
        await client.lsp.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        assert not client.lsp.diagnostics[uri]


async def test_a_byte_order_mark_is_counted_as_the_client_counts_it(client: Client) -> None:
    uri = client.open("model.py", "\ufeffimport keras; double = keras.layers.Lambda(lambda x: x * 2, name='double')\n")
    client.change(uri, "x * 2", "x * 2 + 1")
    found = [each for each in await client.diagnostics(uri) if each.code == "KLL101"]
    assert [client.text_of(uri, each.range) for each in found] == ["lambda x: x * 2 + 1"]


async def test_diagnostics_come_in_one_way_only(client: Client) -> None:
    assert client.server is not None
    assert (client.server.capabilities.diagnostic_provider is not None) == client.pulls
    uri = client.open("model.py", MODEL)
    await client.diagnostics(uri)
    if client.pulls:
        await asyncio.sleep(0.3)
        assert not client.lsp.diagnostics
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        first = await client.lsp.text_document_diagnostic_async(params)
        params.previous_result_id = first.result_id
        again = await client.lsp.text_document_diagnostic_async(params)
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)


async def test_what_diagnostics_hold(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("def twice(x):\n    scale = 2\n    return x * scale\n")
    text = """\
import tensorflow as tf
from tensorflow import keras

weight = tf.Variable(1.0)
layer = keras.layers.Lambda(lambda x: x * weight, name="weighted")
same = keras.layers.Lambda(lambda x: x, name="same")
"""
    async with start("vscode", tmp_path) as client:
        uri = client.open("model.py", text)
        found = {str(each.code): each for each in await client.diagnostics(uri)}
        created = (found["KLL201"].related_information or [])[0]
        assert created.message == "created here"
        assert client.text_of(uri, created.location.range) == "weight"
        assert list(found["KLL602"].tags or ()) == [types.DiagnosticTag.Unnecessary]
        page = found["KLL201"].code_description
        assert page is not None
        assert page.href.startswith("file://")
        assert page.href.endswith("kll201_captured_variable.py")
        fix = found["KLL201"].data["fix"]
        assert fix["applicability"] == "unsafe"
        assert any("class Weight" in each["newText"] for each in fix["edits"][uri])


async def test_names_of_unsaved_buffers_count(client: Client) -> None:
    layers = client.open("mylayers.py", "from torchvision.transforms import Lambda\n")
    uri = client.open("model.py", "from mylayers import Lambda\n\nx = Lambda(lambda t: t + 1, name='shift')\n")
    assert await client.codes(uri) == []
    client.lsp.diagnostics.pop(uri, None)
    client.change(layers, "torchvision.transforms", "keras.layers")
    assert await client.codes(uri) == ["KLL101"]


async def test_texts_that_are_no_files(client: Client) -> None:
    uri = client.open("untitled:Untitled-1", MODEL)
    assert "KLL101" in await client.codes(uri)
    odd = client.open("file:///c%3A/a%20b/%E2%82%AC%23x.py", MODEL)
    assert "KLL101" in await client.codes(odd)
    cell = client.open("vscode-notebook-cell:/w/n.ipynb#W0", MODEL)
    assert "KLL101" in await client.codes(cell)
    text = client.open("notes.txt", MODEL, language="plaintext")
    if client.pulls:
        assert await client.codes(text) == []


async def test_excluded_files_have_no_findings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.keras-lambda-lint]\nexclude = ['old']\n")
    async with start("vscode", tmp_path) as client:
        assert await client.codes(client.open("old/model.py", MODEL)) == []
        assert await client.codes(client.open(".venv/lib/model.py", MODEL)) == []
        assert await client.codes(client.open("new/model.py", MODEL)) != []
