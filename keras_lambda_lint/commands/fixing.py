"""Which fixes of a file are applied, and where the fixed text goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import TOO_DEEP, findings
from keras_lambda_lint.commands.scope import EVERYTHING, Scope
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.rewrite import engine, files
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import TextIO

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.report.handover import Handover
    from keras_lambda_lint.rewrite.engine import Accept, Fixed
    from keras_lambda_lint.rewrite.files import Change
    from keras_lambda_lint.source.text import Source


class Fixer:
    """Applies the safe fixes, and the unsafe ones where the settings allow them; fixes that change other files only with `others`."""

    def __init__(self, console: Console, scope: Scope = EVERYTHING, *, others: bool = True) -> None:
        self._console = console
        self._scope = scope
        self._others = others

    def fixed(self, source: Source, settings: Settings, others: Collection[Source] = ()) -> Fixed:
        """Return the fixed text of a file with what was applied; `others` are files that differ from what is on the disk."""

        def accept(fix: Fix, _origin: Span, _text: Source) -> bool:
            return accepted(fix, settings) and (self._others or not fix.elsewhere)

        return self._told(source, self._applied(source, settings, accept, others))

    def report(self, stream: TextIO) -> None:
        """Print what a person should know about the run's fixes beyond the findings that remain: here nothing."""

    def hand_over(self, handover: Handover) -> None:
        """Add to the hand-over list what a person should know about the run's fixes: here nothing."""

    def close(self) -> None:
        """End what was started for the run."""

    def _applied(self, source: Source, settings: Settings, accept: Accept, others: Collection[Source] = ()) -> Fixed:
        """Return the text with the fixes that `accept` takes, without those that settle only findings that do not count."""
        if not self._scope.narrows:
            return apply(source, settings, accept, others)
        every = findings(source, settings, others)
        counting = {each.fix.site for each in self._scope.reported(source, every) if each.fix is not None}
        alone = {each.fix.site for each in every if each.fix is not None} - counting

        def accept_counting(fix: Fix, origin: Span, text: Source) -> bool:
            return origin not in alone and accept(fix, origin, text)

        return apply(source, settings, accept_counting, others)

    def _told(self, source: Source, fixed: Fixed) -> Fixed:
        """Return the same, after saying which promises kept fixes from being applied."""
        for site, reason in fixed.left_out.items():
            self._console.note(f"{source.filename}:{source.place(site.start)}: a fix was left out: {reason}")
        return fixed


def apply(source: Source, settings: Settings, accept: Accept, others: Collection[Source] = ()) -> Fixed:
    """Return the text with the fixes that `accept` takes; raise `SourceError` where it has to give up."""
    try:
        return engine.fix(source, lambda text, shown: findings(text, settings, shown), accept, others)
    except (RecursionError, MemoryError):
        raise SourceError(source.filename, 0, TOO_DEEP) from None


def accepted(fix: Fix, settings: Settings) -> bool:
    """Return whether the settings let a fix be applied without looking at what it does."""
    if fix.applicability is Applicability.SAFE:
        return True
    return fix.applicability is Applicability.UNSAFE and settings.unsafe_fixes


def in_place(changes: Sequence[Change]) -> None:
    """Write the fixed bytes of files, where they differ; raise OSError or `SourceError` where that is impossible for one of them."""
    files.write([change for change in changes if change.new != change.old])
