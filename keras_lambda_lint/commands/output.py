"""Where the results of a run go: a stream, or the file that `--output-file` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.report.formats import rendered
from keras_lambda_lint.report.results import Results
from keras_lambda_lint.report.summary import NO_FINDINGS, NO_FINDINGS_ELSEWHERE
from keras_lambda_lint.report.terminal import Palette

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.source.text import Source


class Output:
    """Shows results in the format that the settings say."""

    def __init__(self, console: Console, settings: Settings, stream: TextIO) -> None:
        self._console = console
        self._settings = settings
        self._stream = stream

    @property
    def notes(self) -> TextIO | None:
        """Where more can be said to a person beside the results; None where they are for a program or go to a file."""
        return self._stream if self._is_text and self._settings.output_file is None else None

    @property
    def _is_text(self) -> bool:
        return self._settings.output_format == "text"

    def show(self, files: Sequence[tuple[Source, list[Diagnostic]]], closing: str) -> None:
        """Write the results; to the stream also where the file cannot be written, so that they are not lost."""
        if closing == NO_FINDINGS and self._console.failed:
            closing = NO_FINDINGS_ELSEWHERE
        path = self._settings.output_file
        if path is not None:
            from keras_lambda_lint.files import reason
            from keras_lambda_lint.report.to_file import write

            text = self._text(files, closing, Palette(colours=False))
            try:
                write(path, text.encode("utf-8", "backslashreplace"))
                return
            except OSError as error:
                self._console.problem(path, f"cannot write it: {reason(error)}")
        text = self._text(files, closing, Palette.of(self._stream))
        if self._is_text:
            self._stream.write(text)
        else:
            self._console.write_bytes(text.encode("utf-8", "backslashreplace"), self._stream)

    def _text(self, files: Sequence[tuple[Source, list[Diagnostic]]], closing: str, palette: Palette) -> str:
        results = Results(files, self._console.problems, closing, palette)
        if self._settings.statistics:
            from keras_lambda_lint.report.statistics import rendered as statistics

            return statistics(self._settings.output_format, results)
        return rendered(self._settings.output_format, results)
