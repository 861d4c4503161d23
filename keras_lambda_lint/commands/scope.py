"""Which of the findings of a run count: all, or those that are new to a baseline or lie on changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.source.text import Source


class Scope:
    """Leaves all findings in."""

    narrows = False
    """Whether any finding may be left out."""

    def reported(self, _source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings of a file that count, in their order."""
        return found

    def finish(self, console: Console) -> None:
        """Say what a person should know once all files have been looked at."""


EVERYTHING = Scope()


class Narrowed(Scope):
    """Leaves in what all of several scopes leave in."""

    narrows = True

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._scopes = tuple(scopes)

    def reported(self, source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings of a file that count, in their order."""
        for scope in self._scopes:
            found = scope.reported(source, found)
        return found

    def finish(self, console: Console) -> None:
        """Say what a person should know once all files have been looked at."""
        for scope in self._scopes:
            scope.finish(console)


def scope_of(settings: Settings, paths: list[str], targets: list[tuple[str, Settings]]) -> Scope:
    """Return the scope that the settings ask for; `targets` are all files of the run. A new baseline lists everything.

    Raises `UsageError` for a baseline or a revision that cannot be used.
    """
    if settings.write_baseline is not None:
        return EVERYTHING
    scopes: list[Scope] = []
    if settings.baseline is not None:
        from keras_lambda_lint.commands.baseline import Baseline

        scopes.append(Baseline(settings.baseline, targets))
    if settings.diff_base is not None:
        from keras_lambda_lint.commands.diff_base import ChangedLines

        scopes.append(ChangedLines(settings.diff_base, paths))
    return Narrowed(scopes) if scopes else EVERYTHING
