"""What the server answers: each request of the protocol to the part that knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cattrs import BaseValidationError
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.server import client_settings, hovering
from keras_lambda_lint.server.actions import KINDS, Offer, Offers
from keras_lambda_lint.server.changing import NoChange, change
from keras_lambda_lint.server.fixing import ALL, Wanted
from keras_lambda_lint.server.uris import path_of
from keras_lambda_lint.server.verifying import COMMAND as VERIFY

if TYPE_CHECKING:
    from keras_lambda_lint.server.app import Server
    from keras_lambda_lint.server.modules import Module

APPLY = "keras-lambda-lint.applyFix"
APPLY_ALL = "keras-lambda-lint.applyFixAll"

_CONTENT_MODIFIED = int(types.LSPErrorCodes.ContentModified)


def register(server: Server) -> None:
    """Make the server answer."""
    _register_texts(server)
    _register_actions(server)
    _register_commands(server)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    @server.feature(types.INITIALIZED)
    async def initialized(_params: types.InitializedParams) -> None:
        await server.begun()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await _hover(server, params)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        return server.verifier.lenses(params.text_document.uri)


def register_pull(server: Server) -> None:
    """Make the server answer to a client that asks for diagnostics."""

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            identifier="keras-lambda-lint", inter_file_dependencies=True, workspace_diagnostics=False
        ),
    )
    async def diagnostic(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        uri = params.text_document.uri
        module = server.session.module(uri)
        if module is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        checked = await server.session.checker.checked(module)
        result_id = str(checked.generation)
        if params.previous_result_id == result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
        items = server.session.diagnostics.by_text(module, checked.found).get(uri, [])
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result_id)


def _register_texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.session.save(params.text_document.uri)
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_params: types.DidChangeWatchedFilesParams) -> None:
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if server.session.can.ask_configuration:
            await client_settings.ask(server)
        else:
            server.session.configuration.set_client(client_settings.section(params.settings))
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def did_change_folders(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        paths = [path_of(folder.uri) for folder in server.workspace.folders.values()]
        server.session.configuration.set_folders([path for path in paths if path is not None])
        if server.session.can.ask_configuration:
            await client_settings.ask(server)
        server.look_again()


def _register_actions(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True)
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        module = server.session.module(params.text_document.uri)
        if module is None:
            return []
        checked = await server.session.checker.checked(module)
        if checked.inputs is None:
            return []
        uri = params.text_document.uri
        start, end = (
            module.offset(uri, each, server.session.positions) for each in (params.range.start, params.range.end)
        )
        client = server.session.configuration.client(module.path)
        offers = Offers(uri, module.stamp, checked.found, checked.inputs.settings, client)
        only = params.context.only
        found = [await _action(server, module, each) for each in offers.at(Span(*sorted((start, end))), only)]
        return [each for each in found if each is not None]

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        try:
            action.edit = await change(server.session, Wanted.from_json(action.data))
        except (NoChange, ValueError) as error:
            server.show(f"{error}", types.MessageType.Warning)
            raise JsonRpcException(str(error), _CONTENT_MODIFIED) from None
        return action


async def _action(server: Server, module: Module, offer: Offer) -> types.CodeAction | types.Command | None:
    """Return an offer in the form that the client takes; None where its change, which has to be known now, cannot be made."""
    can = server.session.can
    if not can.take_code_actions:
        return types.Command(offer.title, APPLY, arguments=[offer.wanted.to_json()])
    diagnostics = [server.session.diagnostics.of(module, each)[1] for each in offer.settles]
    action = types.CodeAction(
        offer.title,
        offer.kind,
        diagnostics=diagnostics or None,
        is_preferred=True if offer.preferred and can.know_preferred else None,
    )
    if can.resolve_edits:
        action.data = offer.wanted.to_json()
        return action
    try:
        action.edit = await change(server.session, offer.wanted)
    except NoChange:
        return None
    return action


def _register_commands(server: Server) -> None:
    @server.command(APPLY)
    async def apply(*arguments: Any) -> None:
        try:
            wanted = Wanted.from_json(arguments[0] if arguments else None)
        except ValueError as error:
            raise JsonRpcException(str(error), _INVALID) from None
        await _apply(server, wanted)

    @server.command(APPLY_ALL)
    async def apply_all(*arguments: Any) -> None:
        uri = uri_in(arguments)
        module = server.session.module(uri)
        if module is None:
            raise JsonRpcException(f"{uri} is not open, or no Python", _INVALID)
        await _apply(server, Wanted(ALL, uri, module.stamp))

    @server.command(VERIFY)
    async def verify(*arguments: Any) -> None:
        uri = uri_in(arguments)
        server.verifier.start(uri, _range_in(arguments))


_INVALID = -32602
_RANGES = get_converter()


def _range_in(arguments: tuple[Any, ...]) -> types.Range | None:
    """Return the range that a command is given: as its second argument, or as `range` of its first; None where there is none."""
    first = arguments[0] if arguments else None
    given = first.get("range") if isinstance(first, dict) else arguments[1] if len(arguments) > 1 else None
    try:
        return None if given is None else _RANGES.structure(given, types.Range)
    except (BaseValidationError, TypeError, ValueError):
        raise JsonRpcException("the range of the layer is no range", _INVALID) from None


def uri_in(arguments: tuple[Any, ...]) -> str:
    """Return the URI that a command is given: as its first argument, or as `uri` of an object; raise an error for another one."""
    first = arguments[0] if arguments else None
    uri = first.get("uri") if isinstance(first, dict) else first
    if not isinstance(uri, str):
        raise JsonRpcException("the command takes the URI of a text as its first argument", _INVALID)
    return uri


async def _apply(server: Server, wanted: Wanted) -> None:
    try:
        edit = await change(server.session, wanted)
    except NoChange as error:
        server.show(str(error))
        return
    result = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label="keras-lambda-lint"))
    if not result.applied:
        server.show(f"the editor did not apply the change: {result.failure_reason or 'it says no reason'}")


async def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    uri = params.text_document.uri
    module = server.session.module(uri)
    if module is None:
        return None
    checked = await server.session.checker.checked(module)
    offset = module.offset(uri, params.position, server.session.positions)
    shown = hovering.shown_at(module.source, checked.found, offset)
    if shown is None:
        return None
    span, markdown = shown
    place = module.location(span, server.session.positions)
    return types.Hover(hovering.content(markdown, server.session.can.hover_formats), place.range)
