"""What the analysis of one file comes to, wherever it ran: its findings, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.commands.bulk.stored import packed
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from keras_lambda_lint.config import Settings


class Task(NamedTuple):
    """One file to analyse."""

    name: str
    data: bytes
    settings: Settings


def outcome(name: str, data: bytes, settings: Settings) -> Any:
    """Return a list of packed findings, or a dictionary that says why the file cannot be analysed."""
    from keras_lambda_lint.commands.analysis import findings

    try:
        return packed(findings(Source.from_bytes(name, data), settings))
    except SourceError as error:
        return {"filename": error.filename, "row": error.row, "reason": error.reason}


def died(name: str) -> Any:
    """Return the outcome of a file whose analysis ended its process."""
    return {
        "filename": name,
        "row": 0,
        "reason": "the process that analysed it was killed: out of memory? Check it alone, or exclude it",
    }
