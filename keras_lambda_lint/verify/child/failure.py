"""Errors of the code that is verified, as data."""

from __future__ import annotations

import re
import traceback
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.confine import ScriptEnd, TimeUp

if TYPE_CHECKING:
    from types import TracebackType

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPING = ("Exception encountered when calling", "in user code:", "Error when deserializing class")
_STAGED = re.compile(r"\w*(?:Error|Exception): ")
"""How AutoGraph of Keras 2 gives the error itself, below the lines of code that led to it."""
_CAUSE = "Exception encountered:"
_INFERRING = "method. Error encountered:"
_RELABELLED = "We could not automatically infer the shape of the Lambda's output"
"""What Keras 3 says for every error of a function while it infers the shape; the real one is its context."""
_SENTENCE = re.compile(r".{40,}?\.(?= [A-Z])")
_SHORT = 120
_LONGEST = 240


class Attempt:
    """Context manager: `failure` is None after a body that succeeded, else what went wrong in it.

    It takes every exception that code of a user can raise, also `SystemExit`; that time is up only where this is asked for.
    """

    def __init__(self, path: str, *, takes_time_up: bool = False) -> None:
        self._path = path
        self._takes_time_up = takes_time_up
        self.failure: dict[str, Any] | None = None
        self.error: BaseException | None = None
        """The error itself."""

    def __enter__(self) -> Attempt:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, TimeUp) and not self._takes_time_up:
            return False
        if error is not None:
            self.error = error
            self.failure = describe(error, self._path)
        return error is not None


def describe(error: BaseException, path: str) -> dict[str, Any]:
    """Return type, first telling line and the row of the file `path` where the error came through (0: none).

    `statement` is the row at which the file itself, or the function of it that was called, stopped.
    """
    rows = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    if isinstance(error, SyntaxError) and error.filename == path and error.lineno:
        rows.append(error.lineno)
    error = _telling(error)
    return {
        "type": type(error).__name__,
        "message": f"exit code {error.code or 0}" if isinstance(error, SystemExit) else message(error),
        "row": rows[-1] if rows else 0,
        "statement": rows[0] if rows else 0,
        "end": isinstance(error, ScriptEnd | SystemExit),
    }


def message(error: BaseException) -> str:
    """Return the first line of the message that tells something, without colours."""
    lines = [line.strip() for line in _ESCAPE.sub("", str(error)).splitlines() if line.strip()]
    causes = [line.removeprefix(_CAUSE).strip() for line in lines if line.startswith(_CAUSE)]
    causes += [after for line, after in pairwise(lines) if line.endswith(_INFERRING)]
    if causes:
        lines = causes[-1:]
    while len(lines) > 1 and lines[0].startswith(_WRAPPING):
        del lines[0]
    if lines and lines[0].startswith('File "'):
        lines = [line for line in lines if _STAGED.match(line)] or lines
    text = _ADDRESS.sub("", lines[0]) if lines else ""
    sentence = _SENTENCE.match(text)
    if sentence and len(text) > _SHORT:
        text = sentence.group()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _telling(error: BaseException) -> BaseException:
    """Return the error that Keras 3 hides behind "could not automatically infer"."""
    while _RELABELLED in str(error) and error.__context__ is not None:
        error = error.__context__
    return error
