"""Writes `# noqa` comments for findings: merged into those that are there, on the row where flake8 reads them."""

from __future__ import annotations

import tokenize
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.source.suppression import UNUSED, Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source


class Commented(NamedTuple):
    """A text with comments for findings."""

    source: Source
    added: int
    """How many comments were written or got more codes."""
    refused: tuple[tuple[int, str], ...]
    """The rows whose findings no comment can suppress, with the reason."""


class _Comment(NamedTuple):
    edit: Edit
    findings: list[tuple[str, int]]
    """Code and row of each finding that it is for."""


def with_comments(source: Source, findings: Iterable[Diagnostic]) -> Commented:
    """Return the text with comments that suppress the findings; nothing but comments differs."""
    suppression = Suppression(source)
    wanted: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for finding in findings:
        row = source.location(finding.span.start).row
        if finding.code != UNUSED:
            wanted.setdefault(suppression.rows(row), []).append((finding.code, row))
    comments: list[_Comment] = []
    refused: list[tuple[int, str]] = []
    for rows, together in wanted.items():
        edit = _edit(source, suppression, rows, sorted({code for code, _ in together}))
        if isinstance(edit, str):
            refused.append((together[0][1], f"a `# noqa` comment cannot stand here: {edit}"))
        else:
            comments.append(_Comment(edit, together))
    if not _hold(source, comments):
        for comment in [each for each in comments if not _hold(source, [each])]:
            comments.remove(comment)
            refused.append((comment.findings[0][1], "a `# noqa` comment would have no effect here"))
    edited = source.applied(comment.edit for comment in comments)
    return Commented(edited, len(comments), tuple(sorted(refused)))


def _edit(source: Source, suppression: Suppression, rows: tuple[int, int], codes: list[str]) -> Edit | str:
    """Return what adds codes to the comment of some rows, or makes one; else why there can be none."""
    there = suppression.inline(rows)
    if there is not None:
        if not there.is_comment:
            return "a string of this line holds `# noqa`, and flake8 reads the first one only"
        before = [source.text[one.end : other.start] for one, other in zip(there.codes, there.codes[1:], strict=False)]
        place = there.codes[-1].end
        return Edit(Span(place, place), "".join(f"{before[-1] if before else ', '}{code}" for code in codes))
    content = source.line(rows[1]).rstrip()
    if content.endswith("\\"):
        return "a backslash joins this line to the next one"
    place = source.line_starts[rows[1] - 1] + len(content)
    return Edit(Span(place, place), f"  # noqa: {', '.join(codes)}")


def _hold(source: Source, comments: list[_Comment]) -> bool:
    """Return whether the comments are comments, and suppress the findings that they are for."""
    after = source.applied(comment.edit for comment in comments)
    code = _code(source)
    if code is None or _code(after) != code:
        return False
    suppression = Suppression(after)
    return all(suppression.covers_row(*finding) for comment in comments for finding in comment.findings)


def _code(source: Source) -> list[tuple[int, str]] | None:
    """Return the tokens of a text without comments; None where it cannot be cut into tokens."""
    rows = range(1, len(source.line_starts) + 1)
    lines = iter([f"{source.line(row)}\n" for row in rows])
    left_out = (tokenize.COMMENT, tokenize.NL)
    try:
        tokens = list(tokenize.generate_tokens(lambda: next(lines, "")))
    except (tokenize.TokenError, SyntaxError):
        return None
    return [(token.type, token.string) for token in tokens if token.type not in left_out]
