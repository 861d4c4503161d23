"""The two streams of a run: results on one, everything else as single lines on the other."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from typing import TextIO

    from keras_lambda_lint.report.results import Problem

_LONG = 2.0
"""Seconds after which a run shows how far it is."""
_CLEAR = "\x1b[K"


class Console:
    """Writes what a run has to say and remembers whether a part of its work could not be done."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shows_progress = False
        self.problems: list[Problem] = []
        """What could not be done."""

    @property
    def failed(self) -> bool:
        """Whether something could not be done."""
        return bool(self.problems)

    def error(self, reason: str) -> None:
        """Say in one line what could not be done; the run goes on and ends with exit code 2."""
        self._failed(None, reason)

    def problem(self, filename: str, reason: str, row: int = 0, cell: int | None = None) -> None:
        """Say why a file or directory cannot be checked."""
        self._failed(filename, reason, row, cell)

    def _failed(self, filename: str | None, reason: str, row: int = 0, cell: int | None = None) -> None:
        # Imported here: most runs have no problem.
        from keras_lambda_lint.report.results import Problem

        problem = Problem(filename, row, reason, cell)
        self.problems.append(problem)
        self.note(f"error: {problem}")

    def note(self, line: str) -> None:
        """Say something on the error stream that is no failure."""
        sys.stdout.flush()
        self.clear()
        print(f"keras-lambda-lint: {plain(line)}", file=sys.stderr, flush=True)

    def progress(self, done: int, files: int) -> None:
        """Say on a terminal how far a run is that takes long; the line gives way to the next."""
        if sys.stderr.isatty() and time.monotonic() - self._started > _LONG:
            self._shows_progress = True
            sys.stderr.write(f"\r{_CLEAR}{done} of {files} files")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line of `progress` away."""
        if self._shows_progress:
            sys.stderr.write(f"\r{_CLEAR}")
            sys.stderr.flush()
            self._shows_progress = False

    def write(self, text: str) -> None:
        """Write text to the results."""
        sys.stdout.write(text)

    def write_bytes(self, data: bytes, stream: TextIO | None = None) -> None:
        """Write bytes as they are, whatever the stream's own encoding, to the results or another stream."""
        target = stream or sys.stdout
        target.flush()
        target.buffer.write(data)
        target.buffer.flush()
