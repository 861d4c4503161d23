"""Several files at a time: each worker has processes of its own, and keeps them from file to file."""

from __future__ import annotations

import os
import queue
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from keras_lambda_lint.verify.run import verify_file
from keras_lambda_lint.verify.sandbox import Sandbox
from keras_lambda_lint.verify.verdict import Verification, VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.cache import Cache
    from keras_lambda_lint.verify.replacement import Replacement
    from keras_lambda_lint.verify.verdict import VerifyOptions

_T = TypeVar("_T")
_MOST_WORKERS = 8
"""Each holds a TensorFlow of some hundred MB."""


@dataclass(frozen=True)
class Job:
    """One file to verify."""

    path: str
    original: Source
    fixed: Source
    replacements: Sequence[Replacement]
    options: VerifyOptions
    others: Sequence[tuple[Source, Source]] = ()
    """Other files that the fixes change."""
    note: str = ""
    """What a reader should know about the fixed text."""


def verify_many(
    jobs: Sequence[Job], workers: int | None = None, cache: Cache | None = None
) -> list[Verification | VerifyError]:
    """Return for each job its verdicts, or why it could not be run; `workers` is the number of cores where it is None.

    Shows on a terminal how far it is. Raises `VerifyError` on a system where nothing can be run.
    """
    found: dict[int, Verification | VerifyError] = {}
    for index, job in enumerate(jobs):
        kept = cache.get(job) if cache is not None else None
        if kept is not None:
            found[index] = kept
    left = [index for index in range(len(jobs)) if index not in found]
    count = max(1, min(workers or os.cpu_count() or 1, len(left), _MOST_WORKERS))
    with ExitStack() as stack:
        sandboxes: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        for _ in range(count if left else 0):
            sandboxes.put(stack.enter_context(Sandbox()))

        def verified(job: Job) -> Verification | VerifyError:
            sandbox = sandboxes.get()
            try:
                result = verify_file(
                    *(job.path, job.original, job.fixed, job.replacements, job.options, sandbox, job.others)
                )
                # At once: an interrupt may keep anybody from asking for it.
                if cache is not None:
                    cache.put(job, result)
                return result
            except VerifyError as error:
                return error
            finally:
                sandboxes.put(sandbox)

        pool = stack.enter_context(ThreadPoolExecutor(count))
        running = {pool.submit(verified, jobs[index]): index for index in left}
        try:
            for future in _shown(as_completed(running), len(jobs), len(found)):
                index, result = running[future], future.result()
                found[index] = result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [_noted(found[index], job.note) for index, job in enumerate(jobs)]


def _noted(result: Verification | VerifyError, note: str) -> Verification | VerifyError:
    if isinstance(result, VerifyError) or not note:
        return result
    return replace(result, notes=(note, *result.notes))


def _shown(finished: Iterator[_T], total: int, done: int) -> Iterator[_T]:
    """Yield what is finished, with a progress bar on the error stream where that is a terminal."""
    if not sys.stderr.isatty() or total < 2:
        yield from finished
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        for each in finished:
            yield each
            bar.advance(task)
