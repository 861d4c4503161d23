"""Recognises Python 2, which cannot be parsed, by forms that Python 3 does not have."""

from __future__ import annotations

import re

_FORMS = re.compile(
    r"""^\s*(?:print\s+[\w"'%]|exec\s+["'\w]|except\s+[\w.()]+(?:\s*,\s*[\w.]+)*\s*,\s*\w+\s*:|raise\s+[\w.]+\s*,)"""
    r"""|<>|\b0\d+\b|\bur["']|\b\d+L\b|`"""
)


def hint(line: str) -> str:
    """Return what to add to a syntax error at a line: nothing where it is not plain Python 2."""
    return " (looks like Python 2)" if _FORMS.search(line) else ""
