"""Sends diagnostics unasked, to clients that do not ask for them: a moment after a change, the changed text first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keras_lambda_lint.server.modules import Module
    from keras_lambda_lint.server.session import Session

_QUIET = 0.03
"""Seconds without a change after which a text is checked."""
_QUIET_ELSEWHERE = 0.5
"""The same for the other open texts, which may import it."""


class Publisher:
    """Sends the diagnostics of one client's texts."""

    def __init__(self, session: Session, publish: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self._session = session
        self._publish = publish
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def changed(self, module: Module) -> None:
        """Send diagnostics soon: this module has changed."""
        self._start(module, _QUIET)
        for other in self._session.modules:
            if other is not module:
                self._start(other, _QUIET_ELSEWHERE)

    def changed_all(self) -> None:
        """Send all diagnostics soon: settings or files have changed."""
        for module in self._session.modules:
            self._start(module, _QUIET)

    def closed(self, module: Module) -> None:
        """Take back the diagnostics of a module that is closed."""
        self._stop(module)
        self.take_back(module.uris)

    def take_back(self, uris: Iterable[str]) -> None:
        """Take back the diagnostics of texts."""
        for uri in uris:
            self._publish(types.PublishDiagnosticsParams(uri, []))

    def _start(self, module: Module, wait: float) -> None:
        self._stop(module)
        self._waiting[module.uri] = asyncio.ensure_future(self._send(module, wait))

    def _stop(self, module: Module) -> None:
        task = self._waiting.pop(module.uri, None)
        if task is not None:
            task.cancel()

    async def _send(self, module: Module, wait: float) -> None:
        await asyncio.sleep(wait)
        checked = await self._session.checker.checked(module)
        for uri, diagnostics in self._session.diagnostics.by_text(module, checked.found).items():
            version = module.version(uri) if self._session.can.take_versions else None
            self._publish(types.PublishDiagnosticsParams(uri, diagnostics, version))
