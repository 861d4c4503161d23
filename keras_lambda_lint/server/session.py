"""What the server knows of one client: its texts, its settings, and what it can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.server.analysing import Inputs, is_left_out
from keras_lambda_lint.server.checking import Checker
from keras_lambda_lint.server.diagnostics import Diagnostics
from keras_lambda_lint.server.documents import Documents
from keras_lambda_lint.server.edits import WorkspaceEdits
from keras_lambda_lint.server.modules import Module
from keras_lambda_lint.server.positions import Positions
from keras_lambda_lint.server.settings import Configuration
from keras_lambda_lint.source import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.server.documents import Document
    from keras_lambda_lint.source.text import Source


class Session:
    """One client. `problem` is told, for a person, what cannot be done."""

    def __init__(self, capabilities: types.ClientCapabilities, encoding: str, problem: Callable[[str], None]) -> None:
        self.can = Abilities(capabilities)
        self.positions = Positions(encoding)
        self.documents = Documents()
        self.edits = WorkspaceEdits(self.documents, self.positions, versioned=self.can.take_versioned_edits)
        self.diagnostics = Diagnostics(capabilities.text_document, self.positions, self.edits)
        self.configuration = Configuration(problem)
        self.checker = Checker(self.inputs, problem)
        self._modules: dict[str, Module] = {}

    @property
    def modules(self) -> Sequence[Module]:
        """All modules that are open."""
        return list(self._modules.values())

    def module(self, uri: str) -> Module | None:
        """Return the module that a text belongs to; None for one that is not open, or no Python."""
        return self._modules.get(uri)

    def open(self, item: types.TextDocumentItem) -> Module | None:
        """Take a text that was opened, and return its module."""
        document = self.documents.open(item)
        self._modules.pop(item.uri, None)
        self.checker.outdate()
        return self._added(document) if document.is_python else None

    def _added(self, document: Document) -> Module:
        module = self._modules[document.uri] = Module(document)
        return module

    def change(self, params: types.DidChangeTextDocumentParams) -> Module | None:
        """Take the changes of a text, and return its module."""
        changed = self.documents.change(params.text_document, params.content_changes, self.positions)
        if changed is None:
            return None
        _, edits = changed
        return self._changed(params.text_document.uri, edits)

    def _changed(self, uri: str, edits: Sequence[Edit]) -> Module | None:
        module = self._modules.get(uri)
        if module is not None:
            module.changed(edits)
            self.checker.outdate()
        return module

    def save(self, uri: str) -> None:
        """Take note that a text has been written to its file."""
        module = self._modules.get(uri)
        if module is not None:
            module.saved()
        self.look_again()

    def close(self, uri: str) -> Module | None:
        """Let go of a text, and return the module that goes with it."""
        self.documents.close(uri)
        module = self._modules.pop(uri, None)
        if module is not None:
            self.checker.drop(module)
            # From now on the file counts again, and it may differ from what was shown.
            self.look_again()
        return module

    def look_again(self) -> None:
        """Look at files anew: they have changed, or settings have."""
        disk.forget()
        self.configuration.forget()
        self.checker.outdate()

    def inputs(self, module: Module) -> Inputs | None:
        """Return what the findings of a module depend on; None where it is not to be checked."""
        path = module.path
        settings = self.configuration.settings(path)
        if not self.configuration.client(path).enable:
            return None
        if path is not None and is_left_out(settings, path, self.configuration.folder_of(path)):
            return None
        return Inputs(module.source, settings, self._others(module))

    def _others(self, module: Module) -> tuple[Source, ...]:
        return tuple(each.source for each in self.modules if each is not module and each.counts)


class Abilities:
    """What a client can do, as far as the server asks."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        text = capabilities.text_document or types.TextDocumentClientCapabilities()
        workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
        window = capabilities.window or types.WindowClientCapabilities()
        action = text.code_action or types.CodeActionClientCapabilities()
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        resolved = action.resolve_support.properties if action.resolve_support is not None else ()

        self.pull_diagnostics = text.diagnostic is not None
        """Whether it asks for diagnostics; then none are sent unasked, which would show each of them twice."""
        self.refresh_diagnostics = bool(workspace.diagnostics and workspace.diagnostics.refresh_support)
        self.refresh_code_lenses = bool(workspace.code_lens and workspace.code_lens.refresh_support)
        self.show_code_lenses = text.code_lens is not None
        self.take_code_actions = action.code_action_literal_support is not None
        """Whether it takes code actions; else only commands."""
        self.resolve_edits = bool(action.data_support) and "edit" in resolved
        self.know_preferred = bool(action.is_preferred_support)
        self.take_versioned_edits = bool(edit.document_changes)
        self.apply_edits = bool(workspace.apply_edit)
        self.ask_configuration = bool(workspace.configuration)
        self.register_configuration = _dynamic(workspace.did_change_configuration)
        self.register_watchers = _dynamic(workspace.did_change_watched_files)
        self.show_progress = bool(window.work_done_progress)
        self.hover_formats = text.hover.content_format if text.hover is not None else None
        publish = text.publish_diagnostics
        self.take_versions = bool(publish and publish.version_support)


def _dynamic(capability: object) -> bool:
    return bool(getattr(capability, "dynamic_registration", None))
