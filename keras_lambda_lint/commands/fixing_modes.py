"""`check --fix` and `check --diff`: what is fixed, and what remains."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import findings
from keras_lambda_lint.commands.modes import Mode, Report
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.files import reason
from keras_lambda_lint.report import diff, summary
from keras_lambda_lint.report.terminal import Palette
from keras_lambda_lint.rewrite.files import Change
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from keras_lambda_lint.commands.check import Candidate, Job
    from keras_lambda_lint.commands.fixing import Fixer
    from keras_lambda_lint.report.handover import Handover


class Fix(Report):
    """Hands the fixed bytes of a file, and of those that its fixes change too, to `write` and reports what remains."""

    def __init__(
        self,
        job: Job,
        stream: TextIO,
        fixer: Fixer,
        write: Callable[[Sequence[Change]], None],
        handover: Handover | None = None,
    ) -> None:
        super().__init__(job, stream, handover)
        self._fixer = fixer
        self._write = write
        self._settled = 0
        self._checked: dict[str, Candidate] = {}
        self._written: dict[str, bytes] = {}
        """What files hold by now that a fix of another file has changed."""
        self._unsafe_allowed = job.settings.unsafe_fixes or job.settings.verify

    def _check(self, source: Source, file: Candidate) -> None:
        path = os.path.abspath(file.name)
        self._checked[path] = file
        data = self._written.get(path, file.data)
        source = Source.from_bytes(file.name, data)
        fixed = self._fixer.fixed(source, file.settings)
        try:
            own = Change(file.name, data, fixed.source.to_bytes())
            others = [Change(after.filename, before.to_bytes(), after.to_bytes()) for before, after in fixed.others]
            self._write([own, *others])
        except OSError as error:
            self._console.problem(error.filename or file.name, f"cannot write it: {reason(error)}")
        except SourceError as error:
            self._console.problem(error.filename, error.reason, error.row, error.cell)
        else:
            if self._handover is not None:
                self._handover.note_changed(source, fixed)
            source = fixed.source
            self._settled += len(fixed.applied)
            for other in others:
                self._report_again(other)
        self._report_all(source, file.settings)

    def _report_again(self, other: Change) -> None:
        """Note that a file has changed; where it was checked before, its findings stand elsewhere now."""
        path = os.path.abspath(other.path)
        self._written[path] = other.new
        if path in self._checked:
            file = self._checked[path]
            self._report_all(Source.from_bytes(file.name, other.new), file.settings)

    def _check_comments(self, source: Source, file: Candidate) -> None:
        self._write([Change(file.name, file.data, file.data)])
        super()._check_comments(source, file)

    def _finish(self) -> bool:
        remains = super()._finish()
        self._fixer.report(self._output.notes or sys.stderr)
        return remains or (self._settings.exit_non_zero_on_fix and self._settled > 0)

    def _summary(self) -> str:
        unsafe = 0 if self._unsafe_allowed else self._fixable(Applicability.UNSAFE)
        return summary.fixed(self._settled, self._remaining, unsafe)


class Diff(Mode):
    """Shows what the fixes would change, and writes nothing."""

    def __init__(self, job: Job, fixer: Fixer, handover: Handover | None = None) -> None:
        super().__init__(job, handover)
        self._fixer = fixer
        self._texts: dict[str, tuple[Source, Source]] = {}
        """The texts before and after of the files that would change."""

    def _check(self, source: Source, file: Candidate) -> None:
        path = os.path.abspath(file.name)
        before, now = source, source
        if path in self._texts:
            now = self._texts[path][1].renamed(source.filename)
        others = [after for other, (_, after) in self._texts.items() if other != path]
        fixed = self._fixer.fixed(now, file.settings, others)
        for first, after in ((before, fixed.source), *fixed.others):
            changed = os.path.abspath(first.filename)
            self._texts[changed] = self._texts.get(changed, (first, first))[0], after
        if self._handover is not None:
            self._handover.note_changed(now, fixed)
            shown = [after for other, (_, after) in self._texts.items() if other != path]
            every = findings(fixed.source, file.settings, shown)
            self._hand_over(fixed.source, self._job.scope.reported(fixed.source, every), file.settings, every)

    def _finish(self) -> bool:
        self._job.scope.finish(self._console)
        changed = False
        for before, after in self._texts.values():
            patch = diff.unified(before, after)
            changed = changed or bool(patch)
            if sys.stdout.isatty():
                sys.stdout.write(diff.shown(patch, before.encoding, Palette.of(sys.stdout)))
            else:
                self._console.write_bytes(patch)
        self._fixer.report(sys.stderr)
        return changed
