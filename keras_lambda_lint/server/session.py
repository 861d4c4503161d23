"""What the server knows of one client: its texts, its settings, and what it can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.server.analysing import Inputs, is_left_out
from keras_lambda_lint.server.checking import Checker, forget_disk
from keras_lambda_lint.server.diagnostics import Diagnostics
from keras_lambda_lint.server.documents import Documents
from keras_lambda_lint.server.edits import WorkspaceEdits
from keras_lambda_lint.server.modules import SingleText
from keras_lambda_lint.server.notebooks import NotebookCells
from keras_lambda_lint.server.positions import Positions
from keras_lambda_lint.server.settings import Configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keras_lambda_lint.server.modules import Module
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
        """By the URI of each text."""
        self._notebooks: dict[str, NotebookCells] = {}

    @property
    def modules(self) -> Sequence[Module]:
        """All modules that are open."""
        return list(dict.fromkeys(self._modules.values()))

    def module(self, uri: str) -> Module | None:
        """Return the module that a text belongs to; None for one that is not open, or no Python."""
        return self._modules.get(uri)

    def open(self, item: types.TextDocumentItem) -> Module | None:
        """Take a text that was opened, and return its module."""
        document = self.documents.open(item)
        self._modules.pop(item.uri, None)
        self.checker.outdate()
        if not document.is_python:
            return None
        module = self._modules[item.uri] = SingleText(document)
        return module

    def change(self, params: types.DidChangeTextDocumentParams) -> Module | None:
        """Take the changes of a text, and return its module."""
        changed = self.documents.change(params.text_document, params.content_changes, self.positions)
        if changed is None:
            return None
        module = self._modules.get(params.text_document.uri)
        if module is not None:
            module.changed(changed[1])
            self.checker.outdate()
        return module

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> Module:
        """Take a notebook that was opened, and return its module."""
        for item in params.cell_text_documents:
            self.documents.open(item)
        module = NotebookCells(params.notebook_document, self.documents)
        self._notebooks[module.uri] = module
        self._take_cells(module)
        return module

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> tuple[Module, set[str]] | None:
        """Take the changes of a notebook, and return its module and the URIs of cells that are gone; None where it is not open."""
        module = self._notebooks.get(params.notebook_document.uri)
        if module is None:
            return None
        before = set(module.uris)
        module.change(params.change, self.positions)
        self._take_cells(module)
        return module, before - set(module.uris)

    def close_notebook(self, uri: str) -> Module | None:
        """Let go of a notebook and its cells, and return its module."""
        module = self._notebooks.pop(uri, None)
        if module is None:
            return None
        self._modules = {each: other for each, other in self._modules.items() if other is not module}
        self.checker.drop(module)
        return module

    def _take_cells(self, module: NotebookCells) -> None:
        self._modules = {each: other for each, other in self._modules.items() if other is not module}
        self._modules.update(dict.fromkeys(module.uris, module))
        self.checker.outdate()

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
        forget_disk()
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
