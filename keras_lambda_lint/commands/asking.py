"""`check --fix --ask`: a person decides on each fix, with its diff in view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.commands.fixing import Fixer, accepted
from keras_lambda_lint.report import diff
from keras_lambda_lint.report.terminal import Palette, plain

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TextIO

    from keras_lambda_lint.commands.scope import Scope
    from keras_lambda_lint.config import Settings
    from keras_lambda_lint.diagnostic import Fix, Span
    from keras_lambda_lint.report.console import Console
    from keras_lambda_lint.rewrite.engine import Fixed
    from keras_lambda_lint.source.text import Source

_QUESTION = "Apply this fix? [y]es, [n]o, [a]ll that follow, [q]uit: "
_DECLINED = "declined when asked"


class AskingFixer(Fixer):
    """Asks about each fix that the settings allow: yes, no, this and all that follow, or this and all that follow not."""

    def __init__(self, console: Console, scope: Scope, questions: TextIO, answers: TextIO) -> None:
        super().__init__(console, scope)
        self._questions = questions
        self._answers = answers
        self._rest: bool | None = None
        """The answer to all further questions, once a person has given it."""

    def fixed(self, source: Source, settings: Settings, others: Collection[Source] = ()) -> Fixed:
        """Return the text with the fixes that a person has taken."""
        decided: dict[Span, bool] = {}

        def accept(fix: Fix, origin: Span, text: Source) -> bool:
            if not accepted(fix, settings):
                return False
            if origin not in decided:
                decided[origin] = self._decision(fix, text)
            return decided[origin]

        fixed = self._told(source, self._applied(source, settings, accept, others))
        declined = {origin: _DECLINED for origin, taken in decided.items() if not taken}
        return replace(fixed, left_out={**fixed.left_out, **declined})

    def _decision(self, fix: Fix, text: Source) -> bool:
        if self._rest is None:
            self._show(fix, text)
        while self._rest is None:
            self._questions.write(_QUESTION)
            self._questions.flush()
            line = self._answers.readline()
            answer = line.strip().lower()
            if not line:
                # The end of the answers, Ctrl-D say: the question stands on a line of its own all the same.
                self._questions.write("\n")
            if answer in ("y", "yes"):
                return True
            if answer in ("n", "no"):
                return False
            if answer in ("a", "all"):
                self._rest = True
            elif answer in ("q", "quit") or not line:
                self._rest = False
        return self._rest

    def _show(self, fix: Fix, text: Source) -> None:
        palette = Palette.of(self._questions)
        place = palette.bold(f"{plain(text.filename)}:{text.place(fix.site.start)}:")
        self._questions.write(f"\n{place} {plain(fix.message + fix.caveat)}\n")
        for source, patch in diff.of_fix(text, fix):
            self._questions.write(diff.shown(patch, source.encoding, palette))
