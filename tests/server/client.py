"""A client as a test drives it: what editors do, in a few words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import ClientServerConfig, LanguageClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_PATIENCE = 180.0
"""Seconds; the verifier takes some dozens of them on a busy machine."""
COMMAND = [sys.executable, "-m", "keras_lambda_lint", "server"]

_DIAGNOSTICS = {
    "relatedInformation": True,
    "tagSupport": {"valueSet": [1, 2]},
    "codeDescriptionSupport": True,
    "dataSupport": True,
    "versionSupport": True,
}
_LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}}}
_RESOLVES = {"dataSupport": True, "isPreferredSupport": True, "resolveSupport": {"properties": ["edit"]}}

CLIENTS: dict[str, dict[str, Any]] = {
    # Asks for diagnostics, has everything.
    "vscode": {
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": True, "showMessage": {}},
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "configuration": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "workspaceFolders": True,
            "diagnostics": {"refreshSupport": True},
            "codeLens": {"refreshSupport": True},
        },
        "textDocument": {
            "publishDiagnostics": _DIAGNOSTICS,
            "diagnostic": {"dynamicRegistration": True},
            "codeAction": {**_LITERALS, **_RESOLVES},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "codeLens": {"dynamicRegistration": True},
        },
        "notebookDocument": {"synchronization": {"dynamicRegistration": True}},
    },
    # Is sent diagnostics, and counts bytes.
    "neovim": {
        "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
        "window": {"workDoneProgress": True},
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "configuration": True,
            "didChangeWatchedFiles": {"dynamicRegistration": False},
        },
        "textDocument": {
            "publishDiagnostics": _DIAGNOSTICS,
            "codeAction": {**_LITERALS, **_RESOLVES},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "codeLens": {},
        },
    },
    # As eglot: characters as positions, edits at once.
    "emacs": {
        "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]},
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "configuration": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True},
        },
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": False, "codeDescriptionSupport": True},
            "codeAction": {**_LITERALS, "isPreferredSupport": True},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
        },
    },
    # Takes commands and plain text only.
    "minimal": {
        "workspace": {"applyEdit": True},
        "textDocument": {"publishDiagnostics": {}, "codeAction": {}, "hover": {}},
    },
}

_QUIET = 0.4
"""Seconds without diagnostics after which no more are expected."""


class Client:
    """A client with its workspace. Positions are told by the text that they are before."""

    def __init__(self, kind: str, client: LanguageClient, folder: Path) -> None:
        self.kind = kind
        self.lsp = client
        self.folder = folder
        self.encoding = types.PositionEncodingKind.Utf16
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.server: types.InitializeResult | None = None

    @property
    def pulls(self) -> bool:
        return "diagnostic" in CLIENTS[self.kind]["textDocument"]

    # texts

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.folder / name).as_uri()

    def open(self, name: str, text: str, *, language: str = "python", write: bool = True) -> str:
        """Write a file and open it; without `write` only the buffer has the text."""
        uri = self.uri(name)
        if write and ":" not in name:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.lsp.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, before: str, after: str) -> None:
        """Replace the one place where a text occurs, as an incremental change."""
        text = self.texts[uri]
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times"
        start = text.index(before)
        range_ = types.Range(self.position(uri, start), self.position(uri, start + len(before)))
        self.texts[uri] = text.replace(before, after)
        self.send(uri, types.TextDocumentContentChangePartial(range_, after))

    def replace(self, uri: str, text: str) -> None:
        """Replace the whole text."""
        self.texts[uri] = text
        self.send(uri, types.TextDocumentContentChangeWholeDocument(text))

    def send(self, uri: str, *changes: Any) -> None:
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.lsp.diagnostics.pop(uri, None)
        self.lsp.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def close(self, uri: str) -> None:
        self.lsp.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    # positions

    def position(self, uri: str, offset: int) -> types.Position:
        head = self.texts[uri][:offset].replace("\r\n", "\n").replace("\r", "\n")
        return types.Position(head.count("\n"), self._units(head.rpartition("\n")[2]))

    def _units(self, text: str) -> int:
        codec, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[self.encoding]
        return len(text.encode(codec)) // width

    def text_of(self, uri: str, range_: types.Range) -> str:
        """Return what a range of a text holds."""
        return self.texts[uri][self._offset(uri, range_.start) : self._offset(uri, range_.end)]

    def _offset(self, uri: str, position: types.Position) -> int:
        text = self.texts[uri]
        lines = text.replace("\r\n", "\n ").replace("\r", "\n").split("\n")
        offset = sum(len(line) + 1 for line in lines[: position.line])
        if position.line and lines[position.line][:1] == " " and text[offset - 1 : offset + 1] == "\r\n":
            offset += 1
        line = text[offset:].split("\n")[0].split("\r")[0]
        counted = [self._units(line[:index]) for index in range(len(line) + 1)]
        assert position.character in counted, f"{position} is inside a character or behind the line"
        return offset + counted.index(position.character)

    # questions

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """Return the diagnostics of a text, in the way of this client."""
        if self.pulls:
            params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            report = await self.lsp.text_document_diagnostic_async(params)
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            return list(report.items)
        await self._until(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, lambda: uri in self.lsp.diagnostics)
        shown = None
        while shown is not self.lsp.diagnostics[uri]:
            # What was sent of the text before may still be on its way.
            shown = self.lsp.diagnostics[uri]
            await asyncio.sleep(_QUIET)
        return list(shown)

    async def codes(self, uri: str) -> list[str]:
        """Return the codes of the diagnostics of a text, sorted."""
        return sorted(str(each.code) for each in await self.diagnostics(uri))

    async def actions(self, uri: str, at: str, only: list[str] | None = None) -> dict[str, Any]:
        """Return the actions at the first place of a text in a text, by title."""
        place = self.position(uri, self.texts[uri].index(at))
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext([], only)
        )
        found = await self.lsp.text_document_code_action_async(params) or []
        return {each.title: each for each in found}

    async def apply(self, action: Any) -> None:
        """Do what an editor does when a person chooses an action."""
        if isinstance(action, types.Command):
            params = types.ExecuteCommandParams(action.command, action.arguments)
            await self.lsp.workspace_execute_command_async(params)
            return
        if action.edit is None:
            action = await self.lsp.code_action_resolve_async(action)
        assert action.edit is not None
        self.take(action.edit)

    def take(self, edit: types.WorkspaceEdit) -> None:
        """Apply edits to the texts that are open, and to files."""
        versioned = "documentChanges" in CLIENTS[self.kind]["workspace"].get("workspaceEdit", {})
        assert (edit.changes is None) == versioned
        assert (edit.document_changes is None) == (not versioned)
        changes = dict(edit.changes or {})
        for each in edit.document_changes or ():
            assert isinstance(each, types.TextDocumentEdit)
            assert each.text_document.version == self.versions.get(each.text_document.uri)
            changes[each.text_document.uri] = each.edits
        for uri, edits in changes.items():
            self.take_in(uri, edits)

    def take_in(self, uri: str, edits: Any) -> None:
        path = Path(uri.removeprefix("file://"))
        is_open = uri in self.texts
        if not is_open:
            self.texts[uri] = path.read_bytes().decode()
        spans = sorted((self._offset(uri, e.range.start), self._offset(uri, e.range.end), e.new_text) for e in edits)
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), "edits overlap"
        text = self.texts[uri]
        for start, end, new in reversed(spans):
            text = text[:start] + new + text[end:]
        if is_open:
            self.replace(uri, text)
        else:
            path.write_bytes(text.encode())
            del self.texts[uri]

    async def hover(self, uri: str, at: str) -> str | None:
        """Return what is shown at the first place of a text in a text."""
        place = self.position(uri, self.texts[uri].index(at))
        params = types.HoverParams(types.TextDocumentIdentifier(uri), place)
        shown = await self.lsp.text_document_hover_async(params)
        return None if shown is None else shown.contents.value

    async def messages(self, count: int = 1) -> list[str]:
        """Return what the person was shown, once so much was."""
        await self._until(types.WINDOW_SHOW_MESSAGE, lambda: len(self.lsp.messages) >= count)
        return [each.message for each in self.lsp.messages]

    async def _until(self, method: str, is_there: Callable[[], bool]) -> None:
        """Wait for notifications until something is there."""
        deadline = time.monotonic() + _PATIENCE
        while not is_there():
            await asyncio.wait_for(self.lsp.wait_for_notification(method), deadline - time.monotonic())


@contextlib.asynccontextmanager
async def start(
    kind: str, folder: Path, *, options: Any = None, configuration: Any = None, command: list[str] | None = None
) -> AsyncIterator[Client]:
    """Start a server and a client with some abilities; end both."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
    config = ClientServerConfig(server_command=command or COMMAND, server_env=environment)
    lsp = await config.start()
    assert isinstance(lsp, LanguageClient)
    if configuration is not None:
        lsp.set_configuration(configuration, section="keras-lambda-lint")
    client = Client(kind, lsp, folder)

    @lsp.feature(types.CLIENT_REGISTER_CAPABILITY)
    def registered(_params: types.RegistrationParams) -> None:
        """The editor keeps what the server wants to be told."""

    @lsp.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        client.take(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    @lsp.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def refresh(_params: None) -> None:
        """The editor asks for the code lenses again."""

    capabilities = get_converter().structure(CLIENTS[kind], types.ClientCapabilities)
    client.server = await lsp.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            root_uri=folder.as_uri(),
            workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
            initialization_options=options,
        )
    )
    client.encoding = client.server.capabilities.position_encoding or types.PositionEncodingKind.Utf16
    try:
        yield client
    finally:
        await lsp.shutdown_session()
        await lsp.stop()
