"""`check --add-noqa`: a comment for each finding, so that only what comes later is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.commands.analysis import findings
from keras_lambda_lint.commands.modes import Mode
from keras_lambda_lint.files import reason
from keras_lambda_lint.rewrite import files
from keras_lambda_lint.rewrite.files import Change
from keras_lambda_lint.source.noqa_comments import with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.commands.check import Candidate, Job
    from keras_lambda_lint.source.text import Source


class AddNoqa(Mode):
    """Writes comments into files, and says where none can stand."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._added = 0
        self._files = 0

    def _check(self, source: Source, file: Candidate) -> None:
        found = self._job.scope.reported(source, findings(source, file.settings))
        if not found:
            return
        try:
            commented = with_comments(source, found)
            changed = commented.source.to_bytes()
            if changed != file.data:
                files.write([Change(file.name, file.data, changed)])
        except OSError as error:
            self._console.problem(error.filename or file.name, f"cannot write it: {reason(error)}")
            return
        for row, why in commented.refused:
            cell, inner = source.cell_row(row)
            self._console.problem(file.name, why, inner, cell)
        self._added += commented.added
        self._files += commented.added > 0

    def _finish(self) -> bool:
        self._job.scope.finish(self._console)
        comments = f"{self._added} `# noqa` comment{'s' * (self._added != 1)}"
        self._console.write(f"Added {comments} in {self._files} file{'s' * (self._files != 1)}.\n")
        return False
