"""`check --fix --verify`: fixes are executed first, and only those that hold are kept."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.check import UsageError
from keras_lambda_lint.commands.fixing import Fixer, accepted, apply
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report.terminal import plain
from keras_lambda_lint.verify import Sandbox, VerifyError, VerifyOptions, table, verify_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.rewrite.engine import Fixed, Replacement
    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify import Verification


class VerifiedFixer(Fixer):
    """Takes safe and unsafe fixes as candidates and keeps exactly those that hold when original and fixed text are run."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        try:
            self._sandbox = Sandbox()
        except VerifyError as error:
            raise UsageError(str(error)) from None
        self._verifications: list[Verification] = []
        self._dropped: list[str] = []

    def fixed(self, source: Source, settings: Settings) -> Fixed:
        """Return the text with the fixes that hold; without any where nothing could be run."""
        options = VerifyOptions(keras=settings.keras)
        rejected: set[Span] = set()

        def accept(fix: Fix, origin: Span) -> bool:
            return fix.applicability is not Applicability.DISPLAY and origin not in rejected

        while True:
            fixed = apply(source, settings, accept)
            if not fixed.replacements:
                return self._told(fixed)
            try:
                verification = verify_file(
                    source.filename, source, fixed.source, fixed.replacements, options, self._sandbox
                )
            except VerifyError as error:
                self._console.problem(source.filename, f"not verified, so not fixed: {error}")
                return apply(source, settings, lambda _fix, _origin: False)
            failed = [
                index
                for index, replacement in enumerate(fixed.replacements)
                if not _may_stay(verification, index, replacement, settings)
            ]
            if not failed:
                self._verifications.append(verification)
                return self._told(fixed)
            for index in failed:
                original = fixed.replacements[index].original
                rejected.add(original)
                row, column = source.location(original.start)
                self._dropped.append(f"{source.filename}:{row}:{column}: {_reason(verification, index)}")

    def report(self, stream: TextIO) -> None:
        """Print the verdicts on what was kept, and why the other fixes were not."""
        if self._verifications:
            stream.write("\n")
            show(self._verifications, stream)
        if self._dropped:
            stream.write("\nNot written, because verification does not support it:\n")
            stream.writelines(f"  {plain(line)}\n" for line in self._dropped)

    def close(self) -> None:
        """End the processes of the sandbox."""
        self._sandbox.close()


def show(verifications: Sequence[Verification], stream: TextIO) -> None:
    """Write the table of verdicts; what the executed code said about itself cannot control the terminal."""
    text = StringIO()
    table(verifications, text)
    stream.writelines(f"{plain(line)}\n" for line in text.getvalue().splitlines())


def _may_stay(verification: Verification, index: int, replacement: Replacement, settings: Settings) -> bool:
    if accepted(replacement.fix, settings):
        return verification.site_holds(index)
    return verification.promotes(index)


def _reason(verification: Verification, index: int) -> str:
    verdicts = [each.sites[index].verdict for each in (verification, *verification.also)]
    doubtful = [verdict for verdict in verdicts if not verdict.holds] or verdicts
    if doubtful[0].holds:
        return f"{doubtful[0]}: give --unsafe-fixes to accept it"
    return str(doubtful[0])
