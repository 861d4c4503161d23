"""Runs the command line of this tool in a process of its own, which never outlives the one who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = str(Path(__file__).resolve().parents[2])
# What lies in the current directory must not stand in for modules of ours or of Python's.
_START = (
    f"import sys; sys.path = [each for each in sys.path if each] + [{_ROOT!r}]; "
    "from keras_lambda_lint.cli import main; sys.exit(main())"
)
_TIME_TO_END = 10.0
"""Seconds for a cancelled process to end those that it has started, and to delete what they wrote."""


class Ended(NamedTuple):
    """What a process left."""

    code: int
    output: bytes
    errors: bytes

    @property
    def reason(self) -> str:
        """Why it failed: the last thing that it said."""
        lines = self.errors.decode(errors="replace").strip().splitlines()
        return (
            lines[-1].removeprefix("keras-lambda-lint: ").removeprefix("error: ") if lines else f"exit code {self.code}"
        )


async def run(arguments: Sequence[str], text: bytes) -> Ended:
    """Return what the command line leaves that is given arguments and, on standard input, a text.

    If the task is cancelled, the process and those that it started end first.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _START,
        *arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = await process.communicate(text)
    finally:
        if process.returncode is None:
            await _end(process)
    assert process.returncode is not None
    return Ended(process.returncode, output, errors)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        # As if a person had pressed Ctrl-C: it cleans up.
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _TIME_TO_END)
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
