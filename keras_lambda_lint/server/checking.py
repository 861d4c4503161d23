"""Checks the modules of a client in the background, each text once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.server.analysing import Failure, found_in
from keras_lambda_lint.source import disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.server.analysing import Inputs
    from keras_lambda_lint.server.modules import Module

    Result = TypeVar("Result")

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keras-lambda-lint")
"""One thread for all clients: what the linter remembers of files is not made for several."""


async def in_background(work: Callable[[], Result]) -> Result:
    """Return what a function returns that runs in the thread in which all analysis runs."""
    return await asyncio.get_running_loop().run_in_executor(_WORKER, work)


def forget_disk() -> None:
    """Look at files anew from the next analysis on; one that runs now may still remember what it has seen, and is over by then."""
    _WORKER.submit(disk.forget)


class Checked(NamedTuple):
    """What a check of a module found."""

    generation: int
    """Of all that the findings depend on."""
    inputs: Inputs | None
    """None for a module that is not to be checked."""
    found: tuple[Diagnostic, ...]
    """The findings; of a text that cannot be parsed those of the last one that could, where they stand now, without fixes."""


class Checker:
    """Checks modules when they are asked for.

    `inputs` returns what to check, None for nothing; `problem` is told what keeps a module from being checked.
    """

    def __init__(self, inputs: Callable[[Module], Inputs | None], problem: Callable[[str], None]) -> None:
        self._inputs = inputs
        self._problem = problem
        self._generation = 0
        self._done: dict[str, Checked] = {}
        self._running: dict[str, tuple[int, asyncio.Task[None]]] = {}

    def outdate(self) -> None:
        """Check every module anew when it is asked for: a text, which others may import, or settings have changed."""
        self._generation += 1

    def drop(self, module: Module) -> None:
        """Forget a module that is closed."""
        self._done.pop(module.uri, None)

    def known(self, module: Module) -> Checked | None:
        """Return the outcome for the text as it is, if it is known already."""
        done = self._done.get(module.uri)
        return done if done is not None and done.generation == self._generation else None

    async def checked(self, module: Module) -> Checked:
        """Return the findings of a module as its text is by then: one that changes meanwhile is checked again."""
        while (done := self.known(module)) is None:
            generation, task = self._running.get(module.uri, (-1, None))
            if task is None or generation != self._generation:
                task = asyncio.ensure_future(self._check(module, self._generation))
                self._running[module.uri] = self._generation, task
            # Several requests may wait for one check: one that is cancelled must not cancel it for the others.
            await asyncio.shield(task)
        return done

    async def _check(self, module: Module, generation: int) -> None:
        try:
            inputs = self._inputs(module)
            outcome = [] if inputs is None else await in_background(lambda: found_in(inputs))
        finally:
            if self._running.get(module.uri, (-1,))[0] == generation:
                del self._running[module.uri]
        if generation != self._generation:
            return
        if isinstance(outcome, Failure):
            if outcome.text is not None:
                self._problem(outcome.text)
            if not outcome.keeps:
                module.kept = []
        else:
            module.kept = outcome
        self._done[module.uri] = Checked(generation, inputs, tuple(module.kept))
