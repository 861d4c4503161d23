"""The server of one client: what it answers, and what it says unasked."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.types import MessageType
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from keras_lambda_lint import __version__
from keras_lambda_lint.server import client_settings, features
from keras_lambda_lint.server.notebooks import SYNCHRONISED
from keras_lambda_lint.server.protocol import Protocol
from keras_lambda_lint.server.publishing import Publisher
from keras_lambda_lint.server.session import Session
from keras_lambda_lint.server.verifying import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

NAME = "keras-lambda-lint"
UTF_16 = types.PositionEncodingKind.Utf16


class Server(LanguageServer):
    """A language server for one client. `leave` is called with an exit code when the client ends the session."""

    def __init__(self, leave: Callable[[int], None]) -> None:
        super().__init__(NAME, __version__, protocol_cls=Protocol, notebook_document_sync=SYNCHRONISED)
        self.leave = leave
        self._session: Session | None = None
        self._publisher: Publisher | None = None
        self._verifier: Verifier | None = None
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        features.register(self)

    @property
    def session(self) -> Session:
        """The session; raises `RuntimeError` before the client has begun it."""
        if self._session is None:
            raise RuntimeError("the client has not said `initialize` yet")
        return self._session

    @property
    def verifier(self) -> Verifier:
        """What runs the verifier."""
        if self._verifier is None:
            raise RuntimeError("the client has not said `initialize` yet")
        return self._verifier

    # the session

    def begin(self, params: types.InitializeParams) -> None:
        """Begin the session."""
        session = self._session = Session(
            params.capabilities, self.workspace.position_codec.encoding or UTF_16, self.tell
        )
        session.configuration.set_folders(client_settings.folders(params))
        if params.initialization_options is not None:
            session.configuration.set_client(client_settings.section(params.initialization_options))
        if session.can.pull_diagnostics:
            features.register_pull(self)
        else:
            self._publisher = Publisher(session, self.text_document_publish_diagnostics)
        self._verifier = Verifier(self, session)

    async def begun(self) -> None:
        """Ask the client what it can tell, once it is ready."""
        await client_settings.register(self)
        if self.session.can.ask_configuration:
            await client_settings.ask(self)
            self.look_again()

    async def end(self) -> None:
        """End what runs for the client, and wait for its end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background until the session ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.note(f"a fault of keras-lambda-lint: {error!r}")

    # texts

    def opened(self, item: types.TextDocumentItem) -> None:
        """Take a text that was opened."""
        self._changed(self.session.open(item))

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """Take the changes of a text."""
        if self.session.documents.get(params.text_document.uri) is None:
            self.note(f"{params.text_document.uri}: changed without having been opened")
            return
        self._changed(self.session.change(params))

    def closed(self, uri: str) -> None:
        """Let go of a text."""
        module = self.session.close(uri)
        if module is not None and self._publisher is not None:
            self._publisher.closed(module)

    def notebook_opened(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Take a notebook that was opened."""
        self._changed(self.session.open_notebook(params))

    def notebook_changed(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Take the changes of a notebook."""
        changed = self.session.change_notebook(params)
        if changed is None:
            self.note(f"{params.notebook_document.uri}: changed without having been opened")
            return
        module, gone = changed
        self._changed(module)
        if self._publisher is not None:
            self._publisher.take_back(gone)

    def notebook_closed(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Let go of a notebook."""
        module = self.session.close_notebook(params.notebook_document.uri)
        if module is not None and self._publisher is not None:
            self._publisher.closed(module)
        for cell in params.cell_text_documents:
            self.session.documents.close(cell.uri)

    def _changed(self, module: Any) -> None:
        if module is not None and self._publisher is not None:
            self._publisher.changed(module)

    def look_again(self) -> None:
        """Check all that is open anew: settings or files have changed."""
        self._told.clear()
        self.session.look_again()
        if self._publisher is not None:
            self._publisher.changed_all()
        elif self.session.can.refresh_diagnostics:
            self.workspace_diagnostic_refresh(None)

    # what a person is told

    def tell(self, text: str, kind: MessageType = MessageType.Warning) -> None:
        """Show a message to the person at the client; the same one once."""
        if text not in self._told:
            self._told.add(text)
            self.show(text, kind)

    def show(self, text: str, kind: MessageType = MessageType.Info) -> None:
        """Show a message to the person at the client."""
        self.window_show_message(types.ShowMessageParams(kind, f"{NAME}: {text}"))

    def note(self, text: str) -> None:
        """Write a line into the client's log."""
        self.window_log_message(types.LogMessageParams(MessageType.Warning, text))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Tell the client of a message that could not be handled; a request is answered with its error instead."""
        if source is not FeatureRequestError:
            sys.stderr.write(f"{NAME}: {error}\n")
            self.note(f"a message could not be handled: {error}")
