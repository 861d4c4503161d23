"""Gets the settings of a client: by asking for them, where it can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from keras_lambda_lint.server.settings import SECTION
from keras_lambda_lint.server.uris import path_of, uri_of

if TYPE_CHECKING:
    from keras_lambda_lint.server.app import Server

_WATCHED = (
    "**/*.{py,pyi,ipynb}",
    "**/{pyproject.toml,setup.cfg,tox.ini,ruff.toml,.ruff.toml}",
    "**/requirements/*.{txt,in}",
    "**/{Pipfile,Pipfile.lock,poetry.lock,uv.lock,pdm.lock}",
    "**/{*requirements*.txt,requirements*.in}",
    "**/{environment,conda}*.{yml,yaml}",
)
"""Files that findings depend on: code, settings, and what says which Keras."""


def folders(params: types.InitializeParams) -> list[str]:
    """Return the folders of the workspace that are on the disk."""
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri is not None:
        uris = [params.root_uri]
    elif not uris and params.root_path is not None:
        uris = [uri_of(params.root_path)]
    return [path for uri in uris if (path := path_of(uri)) is not None]


def section(given: object) -> object:
    """Return our part of what a client gives: it may be the section alone, lie below its name, or below `settings`."""
    if not isinstance(given, dict):
        return given
    for name in (SECTION, "kerasLambdaLint", "settings"):
        if name in given:
            return section(given[name])
    return given


async def register(server: Server) -> None:
    """Ask the client to tell of changed settings and files."""
    can = server.session.can
    registrations = []
    if can.register_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        registrations.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if can.register_watchers:
        watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
        registrations.append(
            types.Registration(
                "files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    for registration in registrations:
        try:
            await server.client_register_capability_async(types.RegistrationParams([registration]))
        except JsonRpcException as error:
            server.note(f"the client does not watch {registration.id}: {error}")


async def ask(server: Server) -> None:
    """Ask the client for its settings, for each folder of the workspace."""
    configuration = server.session.configuration
    places: list[str | None] = [None, *configuration.folders]
    items = [
        types.ConfigurationItem(scope_uri=None if folder is None else uri_of(folder), section=SECTION)
        for folder in places
    ]
    try:
        given = await server.workspace_configuration_async(types.ConfigurationParams(items))
    except JsonRpcException as error:
        server.note(f"the client gives no settings: {error}")
        return
    if given is None or len(given) != len(places):
        server.note("the client gives no settings: its answer has another length than the question")
        return
    for folder, settings in zip(places, given, strict=True):
        if settings is not None:
            configuration.set_client(section(settings), folder)
