"""Applies fixes to a text, round by round, and keeps the promises that no single rule can keep.

No two edits overlap; the text still parses; no comment is lost; in the end no finding is new; what a fix made needless goes; a
second run changes nothing. A plan that would break a promise is left out, the others are applied.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Fix, Span
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.leftovers import leftovers
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from keras_lambda_lint.diagnostic import Diagnostic

    Lint: TypeAlias = Callable[[Source, Collection[Source]], list[Diagnostic]]
    """Returns the findings of a text with the fixes that they may have; the texts of other files count instead of what is on the disk."""
    Accept: TypeAlias = Callable[[Fix, Span, Source], bool]
    """Decides on a fix of a text, whose site had that span in the original."""
    _Kept: TypeAlias = "tuple[list[Fix], _Outcome | None]"
    """Plans that can be applied together, with the texts after them; None where there is no plan."""

MOST_ROUNDS = 10
_BLANK_LINE = re.compile(r"(\r\n|\n|\r)[ \t]*\1$")


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
    left_out: Mapping[Span, str] = field(default_factory=dict)
    """The sites, in the original text, whose fix was wanted and would break a promise, with which one."""
    others: tuple[tuple[Source, Source], ...] = ()
    """Other files that the fixes changed: the text before and after. They belong to the fixed text: all is written, or nothing."""
    history: tuple[tuple[Edit, ...], ...] = ()
    """The edits that led from the original text to this one, each group to be applied at once."""

    def origin(self, span: Span) -> Span:
        """Return where a span of the fixed text stood in the original; inside new text, where that was put."""
        return _origin(self.history, span)


def fix(source: Source, lint: Lint, accept: Accept, others: Iterable[Source] = ()) -> Fixed:
    """Return the text with all accepted fixes applied; `others` are files that differ already from what is on the disk."""
    engine = _Engine(source, lint, accept, others, unveils=True)
    fixed = engine.run()
    return fixed if not engine.brings else _Engine(source, lint, accept, others, unveils=False).run()


class _Engine:
    def __init__(self, source: Source, lint: Lint, accept: Accept, others: Iterable[Source], *, unveils: bool) -> None:
        self.original = source
        self.current = source
        self.others = {other.filename: other for other in others}
        self.first: dict[str, Source] = {}
        """Other files that were changed, as they were before."""
        self.unveils = unveils
        """Whether a fix may bring a finding to light that a later round settles."""
        self.brings: Counter[str] = Counter()
        """The codes of findings that the fixed text has and the original had not."""
        self.lint = lint
        self.accept = accept
        self.history: list[tuple[Edit, ...]] = []
        self.replacements: list[Replacement] = []
        self.applied: list[Diagnostic] = []
        self.left_out: dict[Span, str] = {}

    def run(self) -> Fixed:
        findings = before = self.lint(self.current, self.others.values())
        for _ in range(MOST_ROUNDS):
            plans = self._wanted(findings)
            if not plans:
                break
            findings = self._apply(plans, findings)
        self.brings = _codes(findings) - _codes(before)
        if self.replacements:
            self._remove_leftovers()
        others = tuple((before, self.others[name]) for name, before in self.first.items())
        return Fixed(
            self.current, tuple(self.replacements), tuple(self.applied), self.left_out, others, tuple(self.history)
        )

    def _wanted(self, findings: list[Diagnostic]) -> list[Fix]:
        """Return the accepted fixes of a round, without those that overlap an earlier one: their turn comes in the next.

        Those that come first have a round of their own.
        """
        chosen: list[Fix] = []
        edits: set[tuple[str | None, Edit]] = set()
        plans = dict.fromkeys(finding.fix for finding in findings if finding.fix is not None)
        for plan in sorted(plans, key=lambda plan: not plan.comes_first):
            origin = self._origin(plan.site)
            if origin in self.left_out or not self.accept(plan, origin, self.current):
                continue
            own = set(_placed(plan))
            if not any(name == where and _conflict(edit, other) for name, edit in own for where, other in edits):
                chosen.append(plan)
                edits |= own
        return [plan for plan in chosen if plan.comes_first] or chosen

    def _apply(self, plans: list[Fix], findings: list[Diagnostic]) -> list[Diagnostic]:
        """Apply as many of the plans as keep the promises together; refuse the others. Return the findings after it."""
        kept, outcome = self._kept(([], None), plans, findings)
        if outcome is None:
            return findings
        for name, (before, _) in _elsewhere(kept).items():
            self.first.setdefault(name, before)
        self.others |= outcome.others
        self._record(kept, findings, outcome.text)
        return outcome.findings

    def _kept(self, base: _Kept, plans: list[Fix], findings: list[Diagnostic]) -> _Kept:
        """Return `base` and those of the plans that can be applied with it, found by halving, and what the texts are then."""
        together = [*base[0], *plans]
        outcome = self._tried(together, findings)
        if not isinstance(outcome, str):
            return together, outcome
        if len(plans) == 1:
            self.left_out[self._origin(plans[0].site)] = outcome
            return base
        middle = len(plans) // 2
        return self._kept(self._kept(base, plans[:middle], findings), plans[middle:], findings)

    def _tried(self, plans: Sequence[Fix], findings: list[Diagnostic]) -> _Outcome | str:
        """Return the texts with the plans applied, or which promise that would break."""
        text = _edited(self.current, _merged(plans))
        if isinstance(text, str):
            return text
        others: dict[str, Source] = {}
        for name, (before, edits) in _elsewhere(plans).items():
            after = _edited(before, edits)
            if isinstance(after, str):
                return f"{name}: {after}"
            others[name] = after
        shown = (self.others | others).values()
        found = self.lint(text, shown)
        new = _codes(found) - _codes(findings)
        for name, (before, _) in _elsewhere(plans).items():
            new += _codes(self.lint(others[name], shown)) - _codes(self.lint(before, self.others.values()))
        if new and not (self.unveils and all(plan.comes_first for plan in plans)):
            return f"the fix would bring a new {next(iter(new))}"
        return _Outcome(text, others, found)

    def _record(self, plans: list[Fix], findings: list[Diagnostic], text: Source) -> None:
        edits = _merged(plans)
        origins = {plan: self._origin(plan.site) for plan in plans}
        self._moved(edits)
        for plan in plans:
            start = _forward(edits, plan.site.start, after=True)
            end = _forward(edits, plan.site.end, after=False)
            self.replacements.append(Replacement(origins[plan], Span(start, max(start, end)), plan))
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
        return _origin(self.history, span)

    def _remove_leftovers(self) -> None:
        edits = leftovers(FileSites(self.original, None, "auto"), FileSites(self.current, None, "auto"))
        for edit in edits:
            removed = _fitted(self.current, edit)
            text = self.current.applied(removed)
            if removed and not comments(self.original.text) - comments(text.text):
                self._moved(removed)
                self.current = text
                self._remove_leftovers()
                return


@dataclass(frozen=True)
class _Outcome:
    """What the texts are after some plans: that of the file, those of others that changed, and the findings of the file."""

    text: Source
    others: dict[str, Source]
    findings: list[Diagnostic]


def _edited(before: Source, edits: Sequence[Edit]) -> Source | str:
    """Return a text with edits applied, or why that cannot be."""
    try:
        text = before.applied(edits)
        parse(text)
    except ValueError as error:
        return str(error)
    except SourceError as error:
        return f"line {error.row}: the fixed text would not parse ({error.reason})"
    lost = comments(before.text) - comments(text.text)
    return f"the comment `{next(iter(lost))}` would be lost" if lost else text


def _fitted(text: Source, edit: Edit) -> tuple[Edit, ...]:
    """Return the edits that make one in a text; none where a notebook cannot take it."""
    try:
        return text.fitted([edit])
    except ValueError:
        return ()


def _codes(findings: Iterable[Diagnostic]) -> Counter[str]:
    return Counter(finding.code for finding in findings)


def _placed(plan: Fix) -> Iterator[tuple[str | None, Edit]]:
    """Yield the edits of a plan with the file that each is in, None for the file of the plan."""
    yield from ((None, edit) for edit in plan.edits)
    for each in plan.elsewhere:
        yield from ((each.filename, edit) for edit in each.edits)


def _elsewhere(plans: Iterable[Fix]) -> dict[str, tuple[Source, tuple[Edit, ...]]]:
    """Return the edits of several plans in other files, by file, with the text that they belong to."""
    found: dict[str, tuple[Source, list[Edit]]] = {}
    for each in (each for plan in plans for each in plan.elsewhere):
        assert isinstance(each.source, Source)
        found.setdefault(each.filename, (each.source, []))[1].extend(each.edits)
    return {name: (source, in_order(edits)) for name, (source, edits) in found.items()}


def _merged(plans: Iterable[Fix]) -> tuple[Edit, ...]:
    """Return the edits of several plans; what they share, such as an inserted class, is edited once."""
    return in_order(edit for plan in plans for edit in plan.edits)


def _conflict(edit: Edit, other: Edit) -> bool:
    """Return whether two edits of different plans cannot both be applied as they are."""
    if edit == other:
        return False
    if edit.span != other.span:
        return edit.span.overlaps(other.span)
    is_insertion = edit.span.start == edit.span.end
    return not (is_insertion and _stands_alone(edit.content) and _stands_alone(other.content))


def _stands_alone(text: str) -> bool:
    """Return whether inserted lines, such as a class, end with a blank line; a decorator belongs to what follows it."""
    return _BLANK_LINE.search(text) is not None


def _forward(edits: Sequence[Edit], offset: int, *, after: bool) -> int:
    """Return where a character offset lands after edits; `after` counts an insertion at the offset itself."""
    shift = 0
    for edit in edits:
        if edit.span.end < offset or (edit.span.end == offset and (edit.span.start < edit.span.end or after)):
            shift += len(edit.content) - (edit.span.end - edit.span.start)
        elif edit.span.start < offset:
            return edit.span.start + shift + len(edit.content)
    return offset + shift


def _origin(history: Sequence[tuple[Edit, ...]], span: Span) -> Span:
    start, end = span
    for edits in reversed(history):
        start, end = _backward(edits, start), _backward(edits, end)
    return Span(start, end)


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
