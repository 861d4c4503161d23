"""Bad input, several clients, clients that vanish: the server goes on, or ends cleanly."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from client import COMMAND, start
from lsprotocol import types

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

MODEL = """\
from tensorflow import keras

double = keras.layers.Lambda(lambda x: x * 2 + 1, name="double")
"""


def framed(message: dict[str, Any]) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.asyncio
async def test_texts_that_are_no_code(tmp_path: Path) -> None:
    async with start("neovim", tmp_path) as client:
        for text in (
            "(" * 2000 + "keras.Lambda(",
            MODEL + "\0",
            MODEL + "x = '\ud800'\n",
            "\ufeff" + MODEL,
            "x" * 10,
            "",
        ):
            uri = client.open("odd.py", text, write=False)
            await client.diagnostics(uri)
            client.lsp.diagnostics.clear()
        huge = client.open("huge.py", MODEL + "#" * 2_100_000, write=False)
        assert await client.diagnostics(huge) == []
        shown = await client.messages()
        assert any("huge.py" in each and "2,000,000 characters" in each for each in shown)
        assert any("null character" in each for each in shown)
        assert await client.codes(client.open("model.py", MODEL)) == ["KLL101"]


@pytest.mark.asyncio
async def test_ranges_that_are_none(tmp_path: Path) -> None:
    async with start("vscode", tmp_path) as client:
        uri = client.open("model.py", MODEL + "# 😀")
        for start_, end in (((99, 0), (99, 5)), ((0, 500), (0, 900)), ((3, 3), (3, 3)), ((2, 0), (1, 0))):
            range_ = types.Range(types.Position(*start_), types.Position(*end))
            client.send(uri, types.TextDocumentContentChangePartial(range_, ""))
            context = types.CodeActionContext([])
            identifier = types.TextDocumentIdentifier(uri)
            await client.lsp.text_document_code_action_async(types.CodeActionParams(identifier, range_, context))
        client.replace(uri, MODEL)
        assert await client.codes(uri) == ["KLL101"]


@pytest.mark.asyncio
async def test_settings_of_the_client_and_of_the_project(tmp_path: Path) -> None:
    hostile = {"select": 7, "keras": ["2"], "fixAll": "yes", "extendSelect": ["KLL999"], "nonsense": 1, "fix": True}
    async with start("vscode", tmp_path, configuration=hostile) as client:
        shown = " ".join(await client.messages(6))
        for part in (
            "`select` must be",
            "`keras` must be one of",
            "`fix-all` must be true or false",
            "KLL999",
            "nonsense",
        ):
            assert part in shown
        uri = client.open("model.py", MODEL)
        assert await client.codes(uri) == ["KLL101"]

        client.lsp.set_configuration({"ignore": ["KLL1"]}, section="keras-lambda-lint")
        client.lsp.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        while client.lsp.diagnostic_refresh_count < 2:
            await asyncio.sleep(0.02)
        assert await client.codes(uri) == []

        client.lsp.set_configuration({}, section="keras-lambda-lint")
        client.lsp.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        project = tmp_path / "pyproject.toml"
        project.write_text("[tool.keras-lambda-lint]\nselect = ['KLL2']\n")
        changed = types.FileEvent(project.as_uri(), types.FileChangeType.Created)
        client.lsp.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
        while client.lsp.diagnostic_refresh_count < 4:
            await asyncio.sleep(0.02)
        assert await client.codes(uri) == []

        project.write_text("[tool.keras-lambda-lint]\nselect = 'KLL9'\n")
        client.lsp.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
        assert await client.codes(uri) == ["KLL101"]
        assert "pyproject.toml:2: `select`: unknown rule code 'KLL9'" in " ".join(await client.messages(7))


def test_messages_that_are_none() -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"capabilities": {}, "processId": None, "rootUri": None},
    }
    odd = [
        framed({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": 3}}),
        framed({"jsonrpc": "2.0", "id": 2, "method": "no/such", "params": {}}),
        framed(
            {
                "jsonrpc": "2.0",
                "method": "textDocument/didChange",
                "params": {"textDocument": {"uri": "file:///x.py", "version": 1}, "contentChanges": [{"text": ""}]},
            }
        ),
        b"Content-Length: 3\r\n\r\n{]}",
        b"\xff\xfe\r\n",
    ]
    last = framed({"jsonrpc": "2.0", "id": 9, "method": "shutdown"}) + framed({"jsonrpc": "2.0", "method": "exit"})
    done = subprocess.run(
        COMMAND, input=framed(initialize) + b"".join(odd) + last, capture_output=True, timeout=60, check=False
    )
    assert b'"id": 9' in done.stdout
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_client_that_vanishes() -> None:
    done = subprocess.run(COMMAND, input=b"Content-Length: 500\r\n\r\n{", capture_output=True, timeout=60, check=False)
    assert done.returncode == 1


def test_two_clients_at_one_address(tmp_path: Path) -> None:
    process = subprocess.Popen([*COMMAND, "--tcp", "127.0.0.1:0"], stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        assert "listening on 127.0.0.1:" in line
        asyncio.run(asyncio.wait_for(_two_clients(int(line.rpartition(":")[2])), 60))
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


async def _two_clients(port: int) -> None:
    first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    params = {"capabilities": {"textDocument": {"diagnostic": {}}}, "processId": None, "rootUri": None}
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    for _, writer in (first, second):
        writer.write(framed(initialize))
    for reader, _ in (first, second):
        assert (await _message(reader))["id"] == 1
    first[1].close()
    reader, writer = second
    document = {"uri": "untitled:a", "languageId": "python", "version": 1, "text": MODEL}
    writer.write(framed({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}))
    ask = {"textDocument": {"uri": "untitled:a"}}
    writer.write(framed({"jsonrpc": "2.0", "id": 2, "method": "textDocument/diagnostic", "params": ask}))
    answer = await _message(reader)
    assert [each["code"] for each in answer["result"]["items"]] == ["KLL101"]
    writer.write(framed({"jsonrpc": "2.0", "id": 3, "method": "shutdown"}))
    assert (await _message(reader))["id"] == 3
    writer.write(framed({"jsonrpc": "2.0", "method": "exit"}))
    assert await reader.read() == b""
    writer.close()


async def _message(reader: asyncio.StreamReader) -> dict[str, Any]:
    header = await reader.readuntil(b"\r\n\r\n")
    length = int(header.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    message: dict[str, Any] = json.loads(await reader.readexactly(length))
    return message


@pytest.mark.parametrize(
    ("address", "part"), [("nowhere", "HOST:PORT"), ("127.0.0.1:99999", "HOST:PORT"), ("256.1.1.1:80", "cannot listen")]
)
def test_an_address_that_is_none(address: str, part: str) -> None:
    done = subprocess.run([*COMMAND, "--tcp", address], capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert part in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
