"""Worker processes, each of which analyses some of the files of a run."""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.commands.bulk.outcome import died, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from keras_lambda_lint.commands.bulk.outcome import Task

_BYTES_EACH = 150_000
"""Bytes of source in one task: enough to keep a worker busy, few enough that all workers end at about the same time."""


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
    """Yield neighbours together: they lead to the same other files, which a worker then reads once."""
    portion: list[Task] = []
    for task in tasks:
        portion.append(task)
        if sum(len(each.data) for each in portion) >= _BYTES_EACH:
            yield portion
            portion = []
    if portion:
        yield portion


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


def _analysed(tasks: Sequence[Task]) -> list[Any]:
    return [outcome(*task) for task in tasks]
