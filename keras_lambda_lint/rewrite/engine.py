"""Applies fixes to a text, round by round, and keeps the promises that no single rule can keep.

No two edits overlap; the text still parses; no comment is lost; no finding is new; what a fix made needless goes; a second run
changes nothing. A plan that would break a promise is left out, the others are applied.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import tempfile
import tokenize
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Fix, Span
from keras_lambda_lint.rewrite.leftovers import leftovers
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from keras_lambda_lint.diagnostic import Diagnostic

MOST_ROUNDS = 10


@dataclass(frozen=True)
class Replacement:
    """A site of the original text, and the expression that took its place in the new one."""

    original: Span
    fixed: Span
    fix: Fix


@dataclass(frozen=True)
class Fixed:
    """The outcome of fixing one text."""

    source: Source
    replacements: tuple[Replacement, ...]
    applied: tuple[Diagnostic, ...]
    """The findings that the applied fixes settled, as they stood in the round that settled them."""
    reverted: str | None = None
    """Why a fix that was wanted was left out; None where none was."""


def fix(source: Source, lint: Callable[[Source], list[Diagnostic]], accept: Callable[[Fix, Span], bool]) -> Fixed:
    """Return the text with all accepted fixes applied.

    `lint` returns the findings with their fixes that may be fixed; `accept(fix, origin)` decides on one, `origin` being the span
    of its site in the original text.
    """
    return _Engine(source, lint, accept).run()


class _Engine:
    def __init__(
        self, source: Source, lint: Callable[[Source], list[Diagnostic]], accept: Callable[[Fix, Span], bool]
    ) -> None:
        self.original = source
        self.current = source
        self.lint = lint
        self.accept = accept
        self.history: list[tuple[Edit, ...]] = []
        self.replacements: list[Replacement] = []
        self.applied: list[Diagnostic] = []
        self.refused: dict[Span, str] = {}

    def run(self) -> Fixed:
        findings = self.lint(self.current)
        for _ in range(MOST_ROUNDS):
            plans = self._wanted(findings)
            if not plans:
                break
            findings = self._apply(plans, findings)
        if self.replacements:
            self._remove_leftovers()
        reverted = next(iter(self.refused.values()), None)
        return Fixed(self.current, tuple(self.replacements), tuple(self.applied), reverted)

    def _wanted(self, findings: list[Diagnostic]) -> list[Fix]:
        """Return the accepted fixes of a round, without those that overlap an earlier one: their turn comes in the next."""
        chosen: list[Fix] = []
        edits: set[Edit] = set()
        for plan in dict.fromkeys(finding.fix for finding in findings if finding.fix is not None):
            origin = self._origin(plan.site)
            if origin in self.refused or not self.accept(plan, origin):
                continue
            if not any(_conflict(edit, other) for edit in plan.edits for other in edits):
                chosen.append(plan)
                edits.update(plan.edits)
        return chosen

    def _apply(self, plans: list[Fix], findings: list[Diagnostic]) -> list[Diagnostic]:
        """Apply as many of the plans as keep the promises together; refuse the others. Return the findings after it."""
        kept = self._kept([], plans, findings)
        if not kept:
            return findings
        outcome = self._tried(kept, findings)
        assert not isinstance(outcome, str)
        text, after = outcome
        self._record(kept, findings, text)
        return after

    def _kept(self, base: list[Fix], plans: list[Fix], findings: list[Diagnostic]) -> list[Fix]:
        """Return `base` and those of the plans that can be applied with it, found by halving."""
        outcome = self._tried([*base, *plans], findings)
        if not isinstance(outcome, str):
            return [*base, *plans]
        if len(plans) == 1:
            self.refused[self._origin(plans[0].site)] = outcome
            return base
        middle = len(plans) // 2
        return self._kept(self._kept(base, plans[:middle], findings), plans[middle:], findings)

    def _tried(self, plans: Sequence[Fix], findings: list[Diagnostic]) -> tuple[Source, list[Diagnostic]] | str:
        try:
            text = self.current.applied(_merged(plans))
            parse(text)
        except ValueError as error:
            return str(error)
        except SourceError as error:
            return f"line {error.row}: the fixed text would not parse ({error.reason})"
        lost = comments(self.current.text) - comments(text.text)
        if lost:
            return f"the comment `{next(iter(lost))}` would be lost"
        after = self.lint(text)
        new = Counter(finding.code for finding in after) - Counter(finding.code for finding in findings)
        if new:
            return f"the fix would bring a new {next(iter(new))}"
        return text, after

    def _record(self, plans: list[Fix], findings: list[Diagnostic], text: Source) -> None:
        edits = tuple(_merged(plans))
        origins = {plan: self._origin(plan.site) for plan in plans}
        self._moved(edits)
        for plan in plans:
            edit = next(edit for edit in plan.edits if edit.span == plan.site)
            start = _forward(edits, plan.site.start, after=True)
            self.replacements.append(Replacement(origins[plan], Span(start, start + len(edit.content)), plan))
        self.replacements.sort(key=lambda replacement: replacement.original)
        self.applied += [finding for finding in findings if finding.fix in origins]
        self.current = text

    def _moved(self, edits: tuple[Edit, ...]) -> None:
        self.history.append(edits)
        self.replacements = [
            Replacement(done.original, self._followed(edits, done.fixed), done.fix) for done in self.replacements
        ]

    def _followed(self, edits: tuple[Edit, ...], span: Span) -> Span:
        """Return where an expression of the current text stands after edits; one that moved into a new class is found there."""
        text = self.current.text[span.start : span.end]
        if any(edit.span.contains(span) and edit.span != span for edit in edits):
            for edit in edits:
                if edit.content.count(text) == 1 and edit.span.start == edit.span.end:
                    start = _forward(edits, edit.span.start, after=False) + edit.content.index(text)
                    return Span(start, start + len(text))
        return Span(_forward(edits, span.start, after=True), _forward(edits, span.end, after=False))

    def _origin(self, span: Span) -> Span:
        """Return where a span of the current text stood in the original."""
        start, end = span
        for edits in reversed(self.history):
            start, end = _backward(edits, start), _backward(edits, end)
        return Span(start, end)

    def _remove_leftovers(self) -> None:
        edits = leftovers(FileSites(self.original, None, "auto"), FileSites(self.current, None, "auto"))
        for edit in edits:
            text = self.current.applied([edit])
            if not comments(self.current.text) - comments(text.text):
                self._moved((edit,))
                self.current = text
                self._remove_leftovers()
                return


def _merged(plans: Iterable[Fix]) -> list[Edit]:
    """Return the edits of several plans; what they share, such as an inserted class, is edited once."""
    return sorted(dict.fromkeys(edit for plan in plans for edit in plan.edits), key=lambda edit: edit.span)


def _conflict(edit: Edit, other: Edit) -> bool:
    """Return whether two edits of different plans cannot both be applied as they are."""
    if edit == other:
        return False
    return edit.span.overlaps(other.span) or (edit.span == other.span and edit.span.start != edit.span.end)


def _forward(edits: Sequence[Edit], offset: int, *, after: bool) -> int:
    """Return where a character offset lands after edits; `after` counts an insertion at the offset itself."""
    shift = 0
    for edit in edits:
        if edit.span.end < offset or (edit.span.end == offset and (edit.span.start < edit.span.end or after)):
            shift += len(edit.content) - (edit.span.end - edit.span.start)
        elif edit.span.start < offset:
            return edit.span.start + shift + len(edit.content)
    return offset + shift


def _backward(edits: Sequence[Edit], offset: int) -> int:
    """Return where an offset of the edited text was before the edits; inside new text, where that was put."""
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        if offset < start:
            break
        if offset < start + len(edit.content):
            return edit.span.start
        shift += len(edit.content) - (edit.span.end - edit.span.start)
    return offset - shift


def comments(text: str) -> Counter[str]:
    """Return the comments of a source text with their number, whatever their place."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
        return Counter(token.string.strip() for token in tokens if token.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return Counter()


def write(path: str, old: bytes, new: bytes) -> None:
    """Replace a file's content in one step, its mode kept; a symbolic link keeps pointing to the file.

    Raises `SourceError` where the file no longer holds `old`, and `OSError` where it is read-only, gone or the disk is full; the
    file is then as it was.
    """
    target = os.path.realpath(path)
    status = os.stat(target)
    if not status.st_mode & stat.S_IWUSR:
        raise PermissionError(errno.EACCES, "read-only file", path)
    with open(target, "rb") as stream:
        if stream.read() != old:
            raise SourceError(path, 0, "changed since it was read: run again")
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as stream:
            stream.write(new)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
