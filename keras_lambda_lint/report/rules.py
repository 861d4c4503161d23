"""The documentation of the rules as Markdown: what `rule` prints and what rules.md holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.rules.base import Rule

_HEAD = """\
# Rules

Each rule says what it finds, why that is bad, and what its fix changes. `keras-lambda-lint rule CODE` prints one of them.
This file is what `keras-lambda-lint rule --all` prints.
"""


def document(rules: Sequence[type[Rule[Any]]]) -> str:
    """Return rules.md: a table of all rules, then each rule's section."""
    rows = ["| code | name | what it does | severity | fix |", "|---|---|---|---|---|"]
    rows += [
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.summary().replace('|', chr(92) + '|')} "
        f"| {rule.severity.value}{', opt-in' if rule.opt_in else ''} | {rule.fixable} |"
        for rule in rules
    ]
    return "\n".join([_HEAD, *rows, ""]) + "".join(f"\n{section(rule, level=2)}" for rule in rules)


def section(rule: type[Rule[Any]], *, level: int = 1) -> str:
    """Return one rule's documentation under a heading of the given level, its own headings one level below."""
    doc = _demoted(rule.doc(), level - 1)
    return f"{'#' * level} {rule.code} {rule.name}\n\n{doc}\n"


def _demoted(markdown: str, levels: int) -> str:
    """Return the Markdown with its headings moved down; comments in code blocks are no headings."""
    lines = []
    fenced = False
    for line in markdown.split("\n"):
        fenced ^= line.startswith("```")
        lines.append("#" * levels + line if not fenced and re.match(r"#{1,6} ", line) else line)
    return "\n".join(lines)
