"""Worker processes, each of which analyses some of the files of a run."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.commands.bulk.outcome import died, outcome
from keras_lambda_lint.commands.memory import settle_memory
from keras_lambda_lint.source.project import root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from keras_lambda_lint.commands.bulk.outcome import Task

_MOST_BYTES = 1_000_000
"""Bytes of source in one portion, so that the files of a very large project do not all wait for one worker."""


def outcomes(tasks: Sequence[Task], jobs: int, done: Callable[[int], None]) -> list[Any]:
    """Return the outcome of each task, in their order; `done` is told how many files are done by now.

    A file that ends its worker gets an outcome that says so; all others are analysed all the same.
    """
    found: dict[str, Any] = {}
    portions = list(_portions(tasks))
    try:
        with _pool(min(jobs, len(portions))) as pool:
            futures: list[Future[list[Any]]] = [pool.submit(_analysed, portion) for portion in portions]
            for portion, future in zip(portions, futures, strict=True):
                found.update(zip((task.name for task in portion), future.result(), strict=True))
                done(len(found))
    except BrokenProcessPool:
        for task in tasks:
            if task.name not in found:
                found[task.name] = _alone(task)
                done(len(found))
    return [found[task.name] for task in tasks]


def _alone(task: Task) -> Any:
    try:
        with _pool(1) as pool:
            return pool.submit(_analysed, [task]).result()[0]
    except BrokenProcessPool:
        return died(task.name)


def _portions(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Yield the files of a project together, as they lead to the same other files, which a worker reads once; the largest first."""
    projects: dict[str, list[Task]] = {}
    for task in tasks:
        folder = os.path.dirname(os.path.abspath(task.name))
        projects.setdefault(root_of(folder) or folder, []).append(task)
    portions: list[list[Task]] = []
    for project in projects.values():
        portions.append([])
        for task in project:
            if _size(portions[-1]) >= _MOST_BYTES:
                portions.append([])
            portions[-1].append(task)
    yield from sorted(portions, key=_size, reverse=True)


def _size(tasks: Sequence[Task]) -> int:
    return sum(len(task.data) for task in tasks)


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked worker has imported everything already; elsewhere than on Linux the system's own libraries do not stand it.
    method = "fork" if sys.platform == "linux" else "spawn"
    if method == "fork":
        import keras_lambda_lint.commands.analysis
        import keras_lambda_lint.rewrite.planners  # noqa: F401 - for the workers, which plan fixes
    return ProcessPoolExecutor(workers, get_context(method), _start)


def _start() -> None:
    # An interrupt is the parent's to tell of.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settle_memory()


def _analysed(tasks: Sequence[Task]) -> list[Any]:
    return [outcome(*task) for task in tasks]
