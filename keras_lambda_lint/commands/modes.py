"""What `check` does with the files that passed the gate, one by one: here, it reports their findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.commands.output import Output
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report import summary
from keras_lambda_lint.source.suppression import UNUSED
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO, TypeAlias

    from keras_lambda_lint.commands.check import Candidate, Job
    from keras_lambda_lint.commands.models import Models
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.handover import Handover

    Find: TypeAlias = Callable[[Source, Settings], list[Diagnostic]]
    """Returns the findings of a file; raises `SourceError` where it has to give up."""


class Mode:
    """Checks files one by one; a file that cannot be checked is named, and the next one goes on."""

    def __init__(self, job: Job, handover: Handover | None = None) -> None:
        self._job = job
        self._console = job.console
        self._settings = job.settings
        self._handover = handover

    def check(self, file: Candidate) -> None:
        """Check one file."""
        if file.is_model:
            self._check_model(file)
            return
        try:
            source = Source.from_bytes(file.name, file.data)
            for problem in source.problems:
                self._console.problem(problem.filename, problem.reason, problem.row, problem.cell)
            if file.gated:
                self._check(source, file)
            else:
                self._check_comments(source, file)
        except SourceError as error:
            self._console.problem(error.filename, error.reason, error.row, error.cell)

    def finish(self) -> int:
        """Print what is left to print and return the exit code of the run."""
        remains = self._finish()
        if self._console.failed:
            return 2
        return int(remains and not self._settings.exit_zero)

    def _hand_over(self, source: Source, found: list[Diagnostic], settings: Settings, every: list[Diagnostic]) -> None:
        """Note for the hand-over list what remains in a file; `every` are also the findings that do not count."""
        if self._handover is not None:
            from keras_lambda_lint.commands.analysis import suppressed

            self._handover.note_left(source, found, suppressed(source, settings, every))

    def _check(self, source: Source, file: Candidate) -> None:
        raise NotImplementedError

    def _check_comments(self, source: Source, file: Candidate) -> None:
        """Check a file that no rule looks at, but whose comments name our codes."""

    def _check_model(self, file: Candidate) -> None:
        """Check a saved model."""

    def _finish(self) -> bool:
        """Return whether anything remains for a person to do."""
        raise NotImplementedError


class Report(Mode):
    """Reports the findings."""

    def __init__(self, job: Job, stream: TextIO, handover: Handover | None = None, find: Find | None = None) -> None:
        super().__init__(job, handover)
        self._find = find or _findings
        self._output = Output(job.console, job.settings, stream)
        self._by_file: dict[str, tuple[Source, list[Diagnostic]]] = {}
        self._models: Models | None = None

    @property
    def _found(self) -> list[tuple[Source, list[Diagnostic]]]:
        return [(source, found) for source, found in self._by_file.values() if found]

    def _check(self, source: Source, file: Candidate) -> None:
        self._report_all(source, file.settings)

    def _check_comments(self, source: Source, file: Candidate) -> None:
        self._report(source, self._job.scope.reported(source, _unused_noqa(source, file.settings, gated=False)))

    def _check_model(self, file: Candidate) -> None:
        if self._models is None:
            from keras_lambda_lint.commands.models import Models

            self._models = Models(self._console)
        looked = self._models.findings(file.name, file.settings)
        if looked is not None:
            source, found = looked
            self._report(source, self._job.scope.reported(source, found))

    def _report_all(self, source: Source, settings: Settings) -> None:
        every = self._find(source, settings)
        both = sorted([*every, *_unused_noqa(source, settings)], key=lambda each: (each.span, each.code))
        found = self._job.scope.reported(source, both)
        self._hand_over(source, [each for each in found if each.code != UNUSED], settings, every)
        self._report(source, found)

    def _report(self, source: Source, found: list[Diagnostic]) -> None:
        if found or source.filename in self._by_file:
            self._by_file[source.filename] = source, found

    def _finish(self) -> bool:
        if self._settings.write_baseline is not None:
            return self._write_baseline(self._settings.write_baseline)
        self._job.scope.finish(self._console)
        self._output.show(self._found, self._summary())
        return bool(self._found)

    def _write_baseline(self, path: str) -> bool:
        from keras_lambda_lint.commands.baseline import write

        write(path, self._found, self._job.targets, self._console)
        return False

    def _summary(self) -> str:
        safe, unsafe = self._fixable(Applicability.SAFE), self._fixable(Applicability.UNSAFE)
        return summary.found(self._remaining, len(self._found), safe, unsafe)

    @property
    def _remaining(self) -> int:
        return sum(len(found) for _, found in self._found)

    def _fixable(self, applicability: Applicability) -> int:
        every = [diagnostic for _, found in self._found for diagnostic in found]
        return sum(each.fix is not None and each.fix.applicability is applicability for each in every)


def _findings(source: Source, settings: Settings) -> list[Diagnostic]:
    from keras_lambda_lint.commands.analysis import findings

    return findings(source, settings)


def _unused_noqa(source: Source, settings: Settings, *, gated: bool = True) -> list[Diagnostic]:
    if not settings.report_unused_noqa:
        return []
    from keras_lambda_lint.commands.analysis import unused_noqa

    return unused_noqa(source, settings, gated=gated)
