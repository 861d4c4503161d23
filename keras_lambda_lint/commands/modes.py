"""What `check` does with a file that passed the gate: report it, write its fixes, pass it through, or show a diff."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import TOO_DEEP, findings
from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report import as_json, diff, summary, text
from keras_lambda_lint.report.terminal import Palette
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from typing import TextIO

    from keras_lambda_lint.commands.fixing import Fixer
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console


class Mode:
    """Checks files one by one; a file that cannot be checked is named, and the next one goes on."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def check(self, filename: str, settings: Settings, data: bytes) -> None:
        """Check one file."""
        try:
            self._check(Source.from_bytes(filename, data), settings, data)
        except SourceError as error:
            self._console.error(str(error))
        except (RecursionError, MemoryError):
            self._console.problem(filename, TOO_DEEP)

    def finish(self, settings: Settings) -> int:
        """Print what is left to print and return the exit code of the run."""
        remains = self._finish(settings)
        if self._console.failed:
            return 2
        return int(remains and not settings.exit_zero)

    def _check(self, source: Source, settings: Settings, data: bytes) -> None:
        raise NotImplementedError

    def _finish(self, settings: Settings) -> bool:
        """Return whether anything remains for a person to do."""
        raise NotImplementedError


class Report(Mode):
    """Reports the findings."""

    def __init__(self, console: Console, stream: TextIO | None = None) -> None:
        super().__init__(console)
        self._stream = stream or sys.stdout
        self._found: list[tuple[Source, list[Diagnostic]]] = []

    def _check(self, source: Source, settings: Settings, data: bytes) -> None:
        self._report(source, findings(source, settings))

    def _report(self, source: Source, found: list[Diagnostic]) -> None:
        if found:
            self._found.append((source, found))

    def _finish(self, settings: Settings) -> bool:
        if settings.output_format == "json":
            self._stream.write(as_json.findings(self._found))
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
    """Writes the fixes and reports what remains."""

    def __init__(self, console: Console, fixer: Fixer, stream: TextIO | None = None) -> None:
        super().__init__(console, stream)
        self._fixer = fixer
        self._settled = 0
        self._unsafe_allowed = False

    def _check(self, source: Source, settings: Settings, data: bytes) -> None:
        fixed = self._fixer.fixed(source, settings)
        self._unsafe_allowed |= settings.unsafe_fixes
        try:
            self._write(source.filename, data, fixed.source.to_bytes())
        except (OSError, SourceError) as error:
            strerror = getattr(error, "strerror", None)
            self._console.error(f"{source.filename}: cannot write it: {strerror.lower()}" if strerror else str(error))
            self._report(source, findings(source, settings))
            return
        self._settled += len(fixed.applied)
        self._report(fixed.source, findings(fixed.source, settings))

    def _write(self, filename: str, old: bytes, new: bytes) -> None:
        if new != old:
            engine.write(filename, old, new)

    def _finish(self, settings: Settings) -> bool:
        remains = super()._finish(settings)
        self._fixer.report(self._stream if settings.output_format == "text" else sys.stderr)
        return remains

    def _summary(self) -> str:
        unsafe = 0 if self._unsafe_allowed else self._fixable(Applicability.UNSAFE)
        return summary.fixed(self._settled, self._remaining, unsafe)


class Filter(Fix):
    """Passes standard input through, fixed; reports what remains on the error stream."""

    def __init__(self, console: Console, fixer: Fixer) -> None:
        super().__init__(console, fixer, sys.stderr)

    def _write(self, filename: str, old: bytes, new: bytes) -> None:
        self._console.write_bytes(new)


class Diff(Mode):
    """Shows what the fixes would change, and writes nothing."""

    def __init__(self, console: Console, fixer: Fixer) -> None:
        super().__init__(console)
        self._fixer = fixer
        self._changed = False

    def _check(self, source: Source, settings: Settings, data: bytes) -> None:
        patch = diff.unified(source, self._fixer.fixed(source, settings).source)
        if patch:
            self._changed = True
            if sys.stdout.isatty():
                sys.stdout.write(diff.shown(patch, source.encoding, Palette.of(sys.stdout)))
            else:
                self._console.write_bytes(patch)

    def _finish(self, settings: Settings) -> bool:
        self._fixer.report(sys.stderr)
        return self._changed
