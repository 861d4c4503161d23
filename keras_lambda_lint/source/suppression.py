"""`# noqa` comments, with exactly the meaning that flake8 gives them, so that both faces report the same set."""

from __future__ import annotations

import re
import tokenize
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Diagnostic, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Fix
    from keras_lambda_lint.source.text import Source

# Both patterns and the case-sensitive comparison of codes are flake8's own (`flake8/defaults.py`, 6.0 to 7.5).
_INLINE = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)

_CODE = re.compile(r"[^,\s]+")

UNUSED = "unused-noqa"
"""What stands for a code in reports on comments that suppress nothing: no rule, so no choice of rules applies to it."""

NOWHERE = (0, 0)

_SUPPRESSED = "a `# noqa` comment suppresses a finding of this site"


class Named(NamedTuple):
    """A code, or the start of codes, that a `# noqa` comment names."""

    code: str
    span: Span
    rows: tuple[int, int]
    """The first and last row that the comment holds for; `NOWHERE` for a second comment, which flake8 does not read."""


class Inline(NamedTuple):
    """What flake8 reads as the `# noqa` comment of some rows."""

    codes: tuple[Span, ...]
    """The codes that it names; without any it suppresses everything."""
    is_comment: bool
    """Else it stands in a string, which suppresses too."""


class Suppression:
    """The `# noqa` comments of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._comments: list[Span] = []

    @cached_property
    def whole_file(self) -> bool:
        """Whether a line `# flake8: noqa` switches the whole file off, as it does in flake8 whatever follows it."""
        if "flake8" not in self._source.text.lower():
            return False
        return any(_WHOLE_FILE.match(line) for line in self._lines)

    @cached_property
    def _lines(self) -> list[str]:
        source = self._source
        rows = range(1, len(source.line_starts) + 1)
        return [source.text[source.line_starts[row - 1] : source.line_end(row)] for row in rows]

    @cached_property
    def _ranges(self) -> dict[int, tuple[int, int]]:
        """For each row, the first and last row that flake8 searches for its comment.

        Rows that one token or a backslash joins belong together; rows inside brackets do not.
        """
        lines = iter([line.rstrip("\r\n") + "\n" if line[-1:] in "\r\n" else line for line in self._lines])
        ranges: dict[int, tuple[int, int]] = {}
        first, last = len(self._lines) + 2, -1
        try:
            for token in tokenize.generate_tokens(lambda: next(lines, "")):
                if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                    continue
                if token.type == tokenize.COMMENT:
                    start = self._source.line_starts[token.start[0] - 1] + token.start[1]
                    self._comments.append(Span(start, start + len(token.string)))
                first, last = min(first, token.start[0]), max(last, token.end[0])
                if token.type in (tokenize.NL, tokenize.NEWLINE):
                    ranges.update(dict.fromkeys(range(first, last + 1), (first, last)))
                    first, last = len(self._lines) + 2, -1
        except (tokenize.TokenError, SyntaxError):
            return {}
        return ranges

    def rows(self, row: int) -> tuple[int, int]:
        """Return the first and last row whose comments count for a finding on `row`."""
        return self._ranges.get(row, (row, row))

    def named(self) -> Iterator[Named]:
        """Yield what comments name, in order; a `# noqa` inside a string suppresses too, but nobody means it to."""
        if self.whole_file or "noqa" not in self._source.text.lower():
            return
        for first, last in dict.fromkeys(self.rows(row) for row in range(1, len(self._lines) + 1)):
            offset = self._source.line_starts[first - 1]
            for number, match in enumerate(_INLINE.finditer("".join(self._lines[first - 1 : last]))):
                if any(comment.start <= offset + match.start() < comment.end for comment in self._comments):
                    # flake8 reads the first comment only.
                    rows = (first, last) if number == 0 else NOWHERE
                    for code in _CODE.finditer(match["codes"] or ""):
                        start = offset + match.start("codes") + code.start()
                        yield Named(code.group(), Span(start, start + len(code.group())), rows)

    def inline(self, rows: tuple[int, int]) -> Inline | None:
        """Return what suppresses findings on some rows, as `rows` groups them; None where nothing does."""
        start = self._source.line_starts[rows[0] - 1]
        match = _INLINE.search("".join(self._lines[rows[0] - 1 : rows[1]]))
        if match is None:
            return None
        place = start + match.start()
        offset = start + match.start("codes")
        codes = tuple(Span(offset + code.start(), offset + code.end()) for code in _CODE.finditer(match["codes"] or ""))
        return Inline(codes, any(comment.start <= place < comment.end for comment in self._comments))

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Return whether a comment suppresses the finding."""
        return self.covers_row(diagnostic.code, self._source.location(diagnostic.span.start).row)

    def covers_row(self, code: str, row: int) -> bool:
        """Return whether a comment suppresses findings of a rule on a row."""
        if self.whole_file:
            return True
        if "noqa" not in self._source.text.lower():
            return False
        inline = self.inline(self.rows(row))
        if inline is None:
            return False
        text = self._source.text
        return not inline.codes or code.startswith(tuple(text[span.start : span.end] for span in inline.codes))


def unsuppressed(source: Source, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings that no comment suppresses.

    A fix that would settle or touch the place of a suppressed finding is taken off the others, with the reason.
    """
    suppression = Suppression(source)
    kept: list[Diagnostic] = []
    dropped: list[Diagnostic] = []
    for diagnostic in diagnostics:
        (dropped if suppression.covers(diagnostic) else kept).append(diagnostic)
    if not dropped:
        return kept
    return [
        replace(each, fix=None, no_fix=_SUPPRESSED) if each.fix and _disturbs(each.fix, dropped) else each
        for each in kept
    ]


def unused(source: Source, named: Iterable[Named], raw: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return a report on each code of a comment that suppresses none of the findings `raw`, which no comment was applied to."""
    found = [(source.location(each.span.start).row, each.code) for each in raw]
    return [
        Diagnostic(UNUSED, UNUSED, Severity.INFO, f"`# noqa: {code}` suppresses nothing", span)
        for code, span, (first, last) in named
        if not any(first <= row <= last and other.startswith(code) for row, other in found)
    ]


def _disturbs(fix: Fix, suppressed: list[Diagnostic]) -> bool:
    for diagnostic in suppressed:
        if diagnostic.fix is not None and diagnostic.fix.site == fix.site:
            return True
        if any(edit.span.overlaps(diagnostic.span) for edit in fix.edits):
            return True
    return False
