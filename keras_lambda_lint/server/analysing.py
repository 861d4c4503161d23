"""One text from the editor to its findings: what the command line finds, with the texts that are open in place of the files."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.commands.analysis import findings, unused_noqa
from keras_lambda_lint.files import EXCLUDED, in_excluded
from keras_lambda_lint.linter import look_again
from keras_lambda_lint.rewrite.registered import forget_taken
from keras_lambda_lint.source.chain import is_candidate_code
from keras_lambda_lint.source.gate import names_our_codes
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

    Result = TypeVar("Result")

MOST_CHARACTERS = 2_000_000
"""Longer texts are left to the command line: each change would take seconds."""


_last_others: tuple[Source, ...] = ()
"""The texts of other files that the last analysis saw."""


class Inputs(NamedTuple):
    """All that the findings of a text depend on, but the disk."""

    source: Source
    settings: Settings
    others: tuple[Source, ...] = ()
    """The texts of other files that differ from the disk."""


class Failure(NamedTuple):
    """Why there are no findings."""

    text: str | None
    """What to tell a person; None for a syntax error, which typing makes all the time and the editor shows itself."""
    keeps: bool
    """Whether the findings of the text before are still worth showing."""


def is_left_out(settings: Settings, path: str, folder: str | None) -> bool:
    """Return whether a walk through the folder of a workspace would not find a file: settings exclude it, or it is of no project."""
    if in_excluded(settings, path):
        return True
    inside = os.path.relpath(path, folder) if folder is not None else os.path.basename(path)
    return any(part in EXCLUDED for part in os.path.dirname(inside).split(os.sep))


def found_in(inputs: Inputs) -> list[Diagnostic] | Failure:
    """Return the findings of a text, sorted by place, or why there are none."""
    return guarded(inputs.source, lambda: _found(inputs))


def guarded(source: Source, work: Callable[[], Result]) -> Result | Failure:
    """Return what a function returns that analyses a text, or why it could not."""
    try:
        return work()
    except SourceError as error:
        return Failure(None, keeps=True) if error.row else Failure(str(error), keeps=False)
    except Exception as error:  # noqa: BLE001
        # A fault of a rule on one text must not end the work on all the others: it is told, and the server goes on.
        traceback.print_exception(error, file=sys.stderr)
        return Failure(f"{source.filename}: not checked, a fault of keras-lambda-lint: {error!r}", keeps=True)


def _found(inputs: Inputs) -> list[Diagnostic]:
    source, settings, others = inputs
    data = _data(source)
    shown = {os.path.abspath(other.filename): _data(other) for other in others}
    gated = is_candidate_code(data, source.filename, shown)
    if not gated and not (settings.report_unused_noqa and names_our_codes(data)):
        return []
    check(source)
    prepare(inputs)
    found = findings(source, settings, others) if gated else []
    found += unused_noqa(source, settings, gated=gated)
    return sorted(found, key=lambda each: (each.span, each.code))


def check(source: Source) -> None:
    """Raise `SourceError` for a text that no file of Python could hold, or that is too long to be analysed at each change."""
    if len(source.text) > MOST_CHARACTERS:
        reason = f"longer than {MOST_CHARACTERS:,} characters, so not checked in the editor"
        raise SourceError(source.filename, 0, f"{reason}: run `keras-lambda-lint check`")
    if "\0" in source.text:
        raise SourceError(source.filename, 0, "contains a null character: not a Python file, or damaged")
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        row = source.location(error.start).row
        raise SourceError(source.filename, 0, f"line {row} holds half of a character (a lone surrogate)") from None


def prepare(inputs: Inputs) -> None:
    """Let go of what earlier analyses remember that no longer holds for these inputs."""
    global _last_others
    if inputs.others != _last_others:
        look_again(inputs.settings.keras)
        _last_others = inputs.others
    forget_taken()


def _data(source: Source) -> bytes:
    return source.text.encode("utf-8", "surrogatepass")
