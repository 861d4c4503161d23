"""What `check` does with a file that passed the gate: report it, fix it and report what remains, or show a diff."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import findings, suppressed, unused_noqa
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.files import reason
from keras_lambda_lint.report import as_json, diff, summary, text
from keras_lambda_lint.report.terminal import Palette
from keras_lambda_lint.rewrite.files import Change
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from keras_lambda_lint.commands.check import Candidate
    from keras_lambda_lint.commands.fixing import Fixer
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.report.handover import Handover


class Mode:
    """Checks files one by one; a file that cannot be checked is named, and the next one goes on."""

    def __init__(self, console: Console, settings: Settings, handover: Handover | None = None) -> None:
        self._console = console
        self._settings = settings
        self._handover = handover

    def check(self, file: Candidate) -> None:
        """Check one file."""
        try:
            source = Source.from_bytes(file.name, file.data)
            if file.gated:
                self._check(source, file)
            else:
                self._check_comments(source, file)
        except SourceError as error:
            self._console.error(str(error))

    def finish(self) -> int:
        """Print what is left to print and return the exit code of the run."""
        remains = self._finish()
        if self._console.failed:
            return 2
        return int(remains and not self._settings.exit_zero)

    def _hand_over(self, source: Source, found: list[Diagnostic], settings: Settings) -> None:
        """Note for the hand-over list what remains in a file."""
        if self._handover is not None:
            self._handover.note_left(source, found, suppressed(source, settings, found))

    def _check(self, source: Source, file: Candidate) -> None:
        raise NotImplementedError

    def _check_comments(self, source: Source, file: Candidate) -> None:
        """Check a file that no rule looks at, but whose comments name our codes."""

    def _finish(self) -> bool:
        """Return whether anything remains for a person to do."""
        raise NotImplementedError


class Report(Mode):
    """Reports the findings."""

    def __init__(self, console: Console, settings: Settings, stream: TextIO, handover: Handover | None = None) -> None:
        super().__init__(console, settings, handover)
        self._stream = stream
        self._by_file: dict[str, tuple[Source, list[Diagnostic]]] = {}

    @property
    def _found(self) -> list[tuple[Source, list[Diagnostic]]]:
        return [(source, found) for source, found in self._by_file.values() if found]

    def _check(self, source: Source, file: Candidate) -> None:
        self._report_all(source, file.settings)

    def _check_comments(self, source: Source, file: Candidate) -> None:
        self._report(source, unused_noqa(source, file.settings, gated=False))

    def _report_all(self, source: Source, settings: Settings) -> None:
        found = findings(source, settings)
        self._hand_over(source, found, settings)
        found += unused_noqa(source, settings)
        self._report(source, sorted(found, key=lambda each: (each.span, each.code)))

    def _report(self, source: Source, found: list[Diagnostic]) -> None:
        if found or source.filename in self._by_file:
            self._by_file[source.filename] = source, found

    def _finish(self) -> bool:
        if self._settings.output_format == "json":
            self._console.write_bytes(as_json.findings(self._found).encode(), self._stream)
        else:
            palette = Palette.of(self._stream)
            for source, found in self._found:
                for diagnostic in found:
                    self._stream.write(text.finding(source, diagnostic, palette) + "\n")
            self._stream.write(self._summary() + "\n")
        return bool(self._found)

    def _summary(self) -> str:
        safe, unsafe = self._fixable(Applicability.SAFE), self._fixable(Applicability.UNSAFE)
        return summary.found(self._remaining, len(self._found), safe, unsafe)

    @property
    def _remaining(self) -> int:
        return sum(len(found) for _, found in self._found)

    def _fixable(self, applicability: Applicability) -> int:
        every = [diagnostic for _, found in self._found for diagnostic in found]
        return sum(each.fix is not None and each.fix.applicability is applicability for each in every)


class Fix(Report):
    """Hands the fixed bytes of a file, and of those that its fixes change too, to `write` and reports what remains."""

    def __init__(
        self,
        console: Console,
        settings: Settings,
        stream: TextIO,
        fixer: Fixer,
        write: Callable[[Sequence[Change]], None],
        handover: Handover | None = None,
    ) -> None:
        super().__init__(console, settings, stream, handover)
        self._fixer = fixer
        self._write = write
        self._settled = 0
        self._checked: dict[str, Candidate] = {}
        self._written: dict[str, bytes] = {}
        """What files hold by now that a fix of another file has changed."""
        self._unsafe_allowed = settings.unsafe_fixes or settings.verify

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
            self._console.error(str(error))
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
        self._fixer.report(self._stream if self._settings.output_format == "text" else sys.stderr)
        return remains

    def _summary(self) -> str:
        unsafe = 0 if self._unsafe_allowed else self._fixable(Applicability.UNSAFE)
        return summary.fixed(self._settled, self._remaining, unsafe)


class Diff(Mode):
    """Shows what the fixes would change, and writes nothing."""

    def __init__(self, console: Console, settings: Settings, fixer: Fixer, handover: Handover | None = None) -> None:
        super().__init__(console, settings, handover)
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
            self._hand_over(fixed.source, findings(fixed.source, file.settings, shown), file.settings)

    def _finish(self) -> bool:
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
