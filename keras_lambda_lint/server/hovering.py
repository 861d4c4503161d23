"""What is shown for a place in a text: the findings there with the documentation of their rules, and rules named in comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.report.rules import section
from keras_lambda_lint.rules import RULES
from keras_lambda_lint.source.suppression import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Span
    from keras_lambda_lint.source.text import Source


def shown_at(source: Source, found: Iterable[Diagnostic], offset: int) -> tuple[Span, str] | None:
    """Return the Markdown for an offset and the span that it is about; None where there is nothing to say."""
    for named in Suppression(source).named():
        if named.span.start <= offset <= named.span.end:
            text = _rules(_codes_of(named.code))
            return (named.span, text) if text else None
    here = [each for each in found if each.span.start <= offset <= each.span.end]
    if not here:
        return None
    closest = min(here, key=lambda each: each.span.end - each.span.start)
    heads = "\n".join(_head(each) for each in here)
    return closest.span, f"{heads}\n\n---\n\n{_rules(dict.fromkeys(each.code for each in here))}".rstrip()


def _codes_of(written: str) -> Iterator[str]:
    """Yield the codes that a code of a comment stands for; flake8 compares them as they are written."""
    yield from (rule.code for rule in RULES if rule.code == written)


def _head(finding: Diagnostic) -> str:
    lines = [f"**{finding.code}** {finding.message}"]
    if finding.fix is not None:
        lines.append(f"*Fix:* {finding.fix.message}{finding.fix.caveat}")
    elif finding.no_fix is not None:
        lines.append(f"*No fix:* {finding.no_fix}")
    return "  \n".join(lines) + "\n"


def _rules(codes: Iterable[str]) -> str:
    by_code = {rule.code: rule for rule in RULES}
    return "\n\n".join(section(by_code[code], level=3).strip() for code in codes if code in by_code)


def as_plain(markdown: str) -> str:
    """Return Markdown without its marks for a client that shows text as it is; code keeps its own lines."""
    kept = [line for line in markdown.split("\n") if not line.startswith("```") and line != "---"]
    return "\n".join(re.sub(r"^#+ |\*\*|(?<!\w)\*(?=\w)|(?<=\w[:])\*|  $", "", line) for line in kept)


def content(markdown: str, formats: Iterable[types.MarkupKind | str] | None) -> types.MarkupContent:
    """Return a text in a form that the client shows."""
    if formats is not None and types.MarkupKind.Markdown in tuple(formats):
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, as_plain(markdown))
