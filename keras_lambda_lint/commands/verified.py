"""`check --fix --verify`: fixes are executed first, and only those that hold are kept."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.commands.fixing import Fixer, accepted, apply
from keras_lambda_lint.commands.usage import UsageError
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report.terminal import plain
from keras_lambda_lint.verify import Sandbox, VerifyError, VerifyOptions, table, verify_file
from keras_lambda_lint.verify.views.reports import Sections

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import TextIO

    from keras_lambda_lint.commands.scope import Scope
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.report.handover import Handover
    from keras_lambda_lint.rewrite.engine import Fixed, Replacement
    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify import Verdict, Verification


class Outcome(NamedTuple):
    """What verification said about the fix of one place, and whether it was kept."""

    source: Source
    span: Span
    verdict: Verdict
    reason: str
    is_kept: bool


class VerifiedFixer(Fixer):
    """Takes safe and unsafe fixes as candidates and keeps exactly those that hold when original and fixed text are run."""

    def __init__(self, console: Console, scope: Scope, *, timeout: float = VerifyOptions.timeout) -> None:
        super().__init__(console, scope)
        self._timeout = timeout
        try:
            self._sandbox = Sandbox()
        except VerifyError as error:
            raise UsageError(str(error)) from None
        self._verifications: list[Verification] = []
        self.outcomes: list[Outcome] = []
        """What became of each fix that was tried, file by file."""

    def fixed(self, source: Source, settings: Settings, others: Collection[Source] = ()) -> Fixed:
        """Return the text with the fixes that hold; without any where nothing could be run."""
        rejected: dict[Span, str] = {}
        try:
            while True:
                fixed, verification, failed = self._tried(
                    source, settings, others, lambda origin: origin not in rejected
                )
                if not failed:
                    if verification is not None:
                        self._verifications.append(verification)
                        self._note(source, fixed, verification, range(len(fixed.replacements)), is_kept=True)
                    return replace(self._told(source, fixed), left_out={**fixed.left_out, **rejected})
                assert verification is not None
                blamed = [index for index in failed if not verification.shares_failure(index)]
                if not blamed:
                    culprit = self._culprit(source, settings, others, [each.original for each in fixed.replacements])
                    blamed = [index for index in failed if fixed.replacements[index].original == culprit] or failed
                for index in blamed:
                    rejected[fixed.replacements[index].original] = _reason(verification, index)
                self._note(source, fixed, verification, blamed, is_kept=False)
        except VerifyError as error:
            self._console.problem(source.filename, f"not verified, so not fixed: {error}")
            return apply(source, settings, lambda _fix, _origin, _text: False, others)

    def _note(
        self, source: Source, fixed: Fixed, verification: Verification, indices: Iterable[int], *, is_kept: bool
    ) -> None:
        for index in indices:
            span = fixed.replacements[index].original
            verdict, why = _verdict(verification, index), _reason(verification, index)
            self.outcomes.append(Outcome(source, span, verdict, why, is_kept))

    def _tried(
        self, source: Source, settings: Settings, others: Collection[Source], takes: Callable[[Span], bool]
    ) -> tuple[Fixed, Verification | None, list[int]]:
        """Return the text with the fixes of some sites, what running it says, and the indices of those that may not stay."""

        def accept(fix: Fix, origin: Span, _text: Source) -> bool:
            return fix.applicability is not Applicability.DISPLAY and takes(origin)

        fixed = self._applied(source, settings, accept, others)
        if not fixed.replacements:
            return fixed, None, []
        options = VerifyOptions(keras=settings.keras, timeout=self._timeout)
        changed = {other.filename: (other, other) for other in others}
        changed |= {before.filename: (before, after) for before, after in fixed.others}
        verification = verify_file(
            source.filename,
            source,
            fixed.source,
            fixed.replacements,
            options,
            self._sandbox,
            others=list(changed.values()),
        )
        return (
            fixed,
            verification,
            [
                index
                for index, replacement in enumerate(fixed.replacements)
                if not _may_stay(verification, index, replacement, settings)
            ],
        )

    def _culprit(self, source: Source, settings: Settings, others: Collection[Source], group: list[Span]) -> Span:
        """Return a site whose fix makes the file fail as a whole: of two halves, always in the one that fails alone."""
        while len(group) > 1:
            half = group[: len(group) // 2]
            _, _, failed = self._tried(source, settings, others, half.__contains__)
            group = half if failed else group[len(half) :]
        return group[0]

    def report(self, stream: TextIO) -> None:
        """Print the verdicts on what was kept, and why the other fixes were not."""
        if self._verifications:
            stream.write("\n")
            show(self._verifications, stream)
        dropped = [each for each in self.outcomes if not each.is_kept]
        if dropped:
            stream.write("\nNot written, because verification does not support it:\n")
            for each in dropped:
                line = f"{each.source.filename}:{each.source.place(each.span.start)}: {each.reason}"
                stream.write(f"  {plain(line)}\n")

    def hand_over(self, handover: Handover) -> None:
        """Add the verdicts to the hand-over list."""
        if self._verifications:
            handover.verdicts = Sections(self._verifications)

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


def _verdict(verification: Verification, index: int) -> Verdict:
    """Return the first verdict on a replacement that does not hold, else the first."""
    verdicts = verification.verdicts(index)
    return next((verdict for verdict in verdicts if not verdict.holds), verdicts[0])


def _reason(verification: Verification, index: int) -> str:
    verdict = _verdict(verification, index)
    return f"{verdict}: give --unsafe-fixes to accept it" if verdict.holds else str(verdict)
