"""The findings of the files of one run: remembered from an earlier one, made by worker processes, or made when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.commands.bulk.cache import Cache
from keras_lambda_lint.commands.bulk.outcome import outcome
from keras_lambda_lint.commands.bulk.stored import StaleError, Unpacker
from keras_lambda_lint.commands.bulk.workers import Task, outcomes
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

_WORKERS_PAY = 400_000
"""Bytes of source from which on two workers are faster than none: benchmarks/many_files.md."""


class Analyses:
    """Finds what is in files, each in the cheapest way."""

    def __init__(self, tasks: Sequence[Task], jobs: int, *, cached: bool, progress: Callable[[int, int], None]) -> None:
        self._cache = Cache() if cached else None
        self._known: dict[str, Any] = {}
        self._unpacker = Unpacker()
        missing = [task for task in tasks if not self._is_remembered(task)]
        if jobs > 1 and len(missing) > 1 and sum(len(task.data) for task in missing) >= _WORKERS_PAY:
            found = outcomes(missing, jobs, lambda done: progress(len(tasks) - len(missing) + done, len(tasks)))
            for task, each in zip(missing, found, strict=True):
                self._keep(task, each)

    def _is_remembered(self, task: Task) -> bool:
        known = self._cache.outcome(*task) if self._cache else None
        if known is not None:
            self._known[task.name] = known
        return known is not None

    def _keep(self, task: Task, found: Any) -> None:
        self._known[task.name] = found
        if self._cache is not None:
            self._cache.keep(*task, found)

    def findings(self, source: Source, data: bytes, settings: Settings) -> list[Diagnostic]:
        """Return the findings of a file, as `analysis.findings` does; raise `SourceError` where it has to give up."""
        task = Task(source.filename, data, settings)
        if task.name in self._known:
            try:
                return self._unpacked(self._known[task.name])
            except StaleError:
                del self._known[task.name]
        self._keep(task, outcome(*task))
        return self._unpacked(self._known[task.name])

    def _unpacked(self, found: Any) -> list[Diagnostic]:
        if isinstance(found, dict):
            try:
                raise SourceError(found["filename"], found["row"], found["reason"])
            except KeyError as error:
                raise StaleError(str(error)) from None
        return self._unpacker.findings(found)

    def close(self) -> None:
        """Remember what was found."""
        if self._cache is not None:
            self._cache.write()
