"""The findings of the files of one run: remembered from an earlier one, made by worker processes, or made when asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.commands.bulk.outcome import Task
from keras_lambda_lint.commands.bulk.stored import StaleError, Unpacker, packed
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keras_lambda_lint.commands.bulk.cache import Cache
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

_CACHE_PAYS = 200_000
"""Bytes of source from which on the cache pays: a file of the project takes 0.09 ms to read, a kilobyte 0.56 ms to analyse."""
_WORKERS_PAY = 1_500_000
"""Bytes of source from which on workers pay: 0.84 s of analysis, and 0.3 s to start two workers and to send what they found."""


class Analyses:
    """Finds what is in files, each in the cheapest way."""

    def __init__(
        self,
        files: Iterable[tuple[str, bytes, Settings]],
        jobs: int | None,
        *,
        cached: bool,
        progress: Callable[[int, int], None],
    ) -> None:
        self._tasks = {name: Task(name, data, settings) for name, data, settings in files}
        self._known: dict[str, Any] = {}
        self._unpacker = Unpacker()
        self._cache: Cache | None = None
        if cached and _size(self._tasks.values()) >= _CACHE_PAYS:
            from keras_lambda_lint.commands.bulk.cache import Cache

            self._cache = Cache()
        missing = [task for task in self._tasks.values() if not self._is_remembered(task)]
        workers = min(jobs or _usable_cores(), len(missing))
        if workers > 1 and _size(missing) >= _WORKERS_PAY:
            from keras_lambda_lint.commands.bulk.workers import outcomes

            before = len(self._tasks) - len(missing)
            found = outcomes(missing, workers, lambda done: progress(before + done, len(self._tasks)))
            for task, each in zip(missing, found, strict=True):
                self._keep(task, each)

    def _is_remembered(self, task: Task) -> bool:
        known = self._cache.outcome(*task) if self._cache else None
        if isinstance(known, list):
            self._known[task.name] = known
        return task.name in self._known

    def _keep(self, task: Task, found: Any) -> None:
        self._known[task.name] = found
        # Why there are no findings is found out anew: the next run may have the memory that this one lacked.
        if self._cache is not None and isinstance(found, list):
            self._cache.keep(*task, found)

    def findings(self, source: Source, settings: Settings) -> list[Diagnostic]:
        """Return the findings of a file, as `analysis.findings` does; raise `SourceError` where it has to give up."""
        task = self._tasks[source.filename]
        if task.name in self._known:
            try:
                return self._unpacked(self._known[task.name])
            except StaleError:
                del self._known[task.name]
        from keras_lambda_lint.commands.analysis import findings

        found = findings(source, settings)
        if self._cache is not None:
            self._cache.keep(*task, packed(found))
        return found

    def _unpacked(self, found: Any) -> list[Diagnostic]:
        if isinstance(found, dict):
            raise SourceError(found["filename"], found["row"], found["reason"])
        return self._unpacker.findings(found)

    def close(self) -> None:
        """Remember what was found."""
        if self._cache is not None:
            self._cache.write()


def _size(tasks: Iterable[Task]) -> int:
    return sum(len(task.data) for task in tasks)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
