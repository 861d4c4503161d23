"""Which fixes of a file are applied, and where the fixed text goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import findings
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.rewrite import engine

if TYPE_CHECKING:
    from collections.abc import Callable
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
        return self._fixed(source, settings, lambda fix, _origin: accepted(fix, settings))

    def report(self, stream: TextIO) -> None:
        """Print what a person should know about the run's fixes beyond the findings that remain: here nothing."""

    def close(self) -> None:
        """End what was started for the run."""

    def _fixed(self, source: Source, settings: Settings, accept: Callable[[Fix, Span], bool]) -> Fixed:
        fixed = engine.fix(source, partial(findings, settings=settings), accept)
        if fixed.reverted:
            self._console.note(f"{source.filename}: a fix was left out: {fixed.reverted}")
        return fixed


def accepted(fix: Fix, settings: Settings) -> bool:
    """Return whether the settings let a fix be applied without looking at what it does."""
    if fix.applicability is Applicability.SAFE:
        return True
    return fix.applicability is Applicability.UNSAFE and settings.unsafe_fixes


def in_place(name: str, old: bytes, new: bytes) -> None:
    """Write the fixed bytes of a file, where they differ; raise OSError or `SourceError` where that is impossible."""
    if new != old:
        engine.write(name, old, new)
