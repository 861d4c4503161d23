"""Which fixes of a file are applied: those that the options accept, or those that hold when they are executed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import findings
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.rewrite import engine

if TYPE_CHECKING:
    from typing import TextIO

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.rewrite.engine import Fixed
    from keras_lambda_lint.source.text import Source


class Fixer:
    """Applies the safe fixes, and the unsafe ones where the settings allow them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def fixed(self, source: Source, settings: Settings) -> Fixed:
        """Return the fixed text of a file with what was applied."""
        fixed = engine.fix(source, partial(findings, settings=settings), accept=partial(_accepted, settings))
        if fixed.reverted:
            self._console.note(f"{source.filename}: left as it is: {fixed.reverted}")
        return fixed

    def report(self, stream: TextIO) -> None:
        """Print what a person should know about the run's fixes beyond the findings that remain: here nothing."""


def _accepted(settings: Settings, fix: Fix, origin: Span) -> bool:
    if fix.applicability is Applicability.SAFE:
        return True
    return fix.applicability is Applicability.UNSAFE and settings.unsafe_fixes
