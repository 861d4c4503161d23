"""The command "verify this layer": the verifier in the background, its verdict as a message and above the layer."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.server.modules import Verdict
from keras_lambda_lint.server.subprocesses import Ended, run

if TYPE_CHECKING:
    from keras_lambda_lint.server.app import Server
    from keras_lambda_lint.server.checking import Checked
    from keras_lambda_lint.server.modules import Module
    from keras_lambda_lint.server.session import Session

COMMAND = "keras-lambda-lint.verify"
_LONGEST = 120


class Verifier:
    """Runs the verifier for one client, once at a time for each module."""

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._running: set[str] = set()

    def start(self, uri: str, range_: types.Range | None) -> None:
        """Verify the layers that a range touches, all of a text where there is none, in the background."""
        module = self._session.module(uri)
        if module is None:
            self._server.show(f"{uri} is not open, or no Python: nothing to verify", types.MessageType.Warning)
        elif module.uri in self._running:
            self._server.show(f"{_name(module)} is being verified already")
        else:
            self._server.start(self._verify(module, uri, range_))

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """Return the verdicts on the layers of a text, each at its place."""
        module = self._session.module(uri)
        if module is None or not self._session.configuration.client(module.path).code_lens:
            return []
        places = [(module.location(each.span, self._session.positions), each.text) for each in module.verdicts]
        return [
            types.CodeLens(place.range, types.Command(f"λ {text}", COMMAND, arguments=[uri, place.range]))
            for place, text in places
            if place.uri == uri
        ]

    async def _verify(self, module: Module, uri: str, range_: types.Range | None) -> None:
        self._running.add(module.uri)
        try:
            async with _Progress(self._server, f"Verifying {_name(module)}"):
                checked = await self._session.checker.checked(module)
                touched = _sites(self._session, module, uri, range_, checked)
                ended = await run(_arguments(module, checked), module.source.text.encode("utf-8", "surrogatepass"))
            self._tell(module, checked, touched, ended)
        except asyncio.CancelledError:
            self._server.show(f"verification of {_name(module)} was cancelled")
            raise
        finally:
            self._running.discard(module.uri)

    def _tell(self, module: Module, checked: Checked, touched: set[Span], ended: Ended) -> None:
        name = _name(module)
        try:
            verifications = json.loads(ended.output) if ended.code in (0, 1) else None
        except ValueError:
            verifications = None
        if verifications is None:
            self._server.show(f"{name}: not verified: {ended.reason}", types.MessageType.Warning)
            return
        sites = {each.fix.site for each in checked.found if each.fix is not None}
        assert checked.inputs is not None
        source = checked.inputs.source
        by_place = {tuple(source.location(site.start)): site for site in sites}
        verdicts: dict[Span, list[str]] = {}
        holds = True
        for verification in verifications:
            for each in verification["sites"]:
                site = by_place.get((each["location"]["row"], each["location"]["column"]))
                if site is not None and (not touched or site in touched):
                    on = f" ({verification['keras']})" if len(verifications) > 1 else ""
                    verdicts.setdefault(site, []).append(in_words(each) + on)
                    holds = holds and each["holds"]
        if not verdicts:
            self._server.show(f"{name}: nothing to verify: no fix replaces anything here")
            return
        if module.source is source:
            module.verdicts = [each for each in module.verdicts if each.span not in verdicts]
            module.verdicts += [Verdict(site, "; ".join(texts)) for site, texts in verdicts.items()]
            if self._session.can.refresh_code_lenses:
                self._server.workspace_code_lens_refresh(None)
        lines = [f"{name}:{source.location(site.start).row}: {'; '.join(texts)}" for site, texts in verdicts.items()]
        self._server.show("\n".join(lines), types.MessageType.Info if holds else types.MessageType.Warning)


def in_words(verdict: dict[str, Any]) -> str:
    """Return a verdict, as `verify --json` gives it, in a few words: `agree on 48 cases · reloads`."""
    said = f"agree on {verdict['cases']} cases" if verdict["verdict"] == "agree" else verdict["text"]
    after = verdict["after"]
    if after:
        said += " · reloads" if after.startswith("reloads") else f" · {after}"
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


def _sites(session: Session, module: Module, uri: str, range_: types.Range | None, checked: Checked) -> set[Span]:
    """Return the sites that a range touches; none where it touches none, which stands for all."""
    if range_ is None:
        return set()
    start, end = (module.offset(uri, each, session.positions) for each in (range_.start, range_.end))
    touched = Span(*sorted((start, end)))
    fixes = (each.fix for each in checked.found if each.fix is not None)
    return {fix.site for fix in fixes if fix.site.start <= touched.end and touched.start <= fix.site.end}


def _arguments(module: Module, checked: Checked) -> list[str]:
    keras = checked.inputs.settings.keras if checked.inputs is not None else "auto"
    name = module.path or "untitled.py"
    return ["verify", "--json", "-", "--keras", keras, "--stdin-filename", name, "-"]


def _name(module: Module) -> str:
    return os.path.basename(module.path) if module.path is not None else module.source.filename


class _Progress:
    """Shows that something goes on, and lets the person cancel the task that it goes on in."""

    def __init__(self, server: Server, title: str) -> None:
        self._server = server
        self._title = title
        self._token = str(uuid.uuid4())
        self._shown = False

    async def __aenter__(self) -> None:
        if not self._server.session.can.show_progress:
            return
        progress = self._server.work_done_progress
        try:
            await progress.create_async(self._token)
        except JsonRpcException as error:
            self._server.note(f"the client shows no progress: {error}")
            return
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        progress.tokens[self._token].add_done_callback(lambda _: loop.call_soon_threadsafe(task.cancel))
        progress.begin(self._token, types.WorkDoneProgressBegin(self._title, cancellable=True))
        self._shown = True

    async def __aexit__(self, *_error: object) -> None:
        if self._shown:
            self._server.work_done_progress.tokens.pop(self._token, None)
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
