"""Text as HTML: nothing that a file, a message or a name holds becomes markup."""

from __future__ import annotations

import html
import re

from keras_lambda_lint.report.terminal import plain

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_CLASSES = {"1": "strong", "32": "added", "31": "removed", "34": "frame", "36": "second", "1;31": "error"}
_CLASSES |= {"1;33": "warning", "1;36": "info"}
"""What the codes of `terminal.Palette` mean."""


def escaped(text: str) -> str:
    """Return text on one line for an element or an attribute; what could hide or reorder it is written as its escape."""
    return html.escape(plain(text))


def prose(text: str) -> str:
    """Return a message, in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(
        f"<code>{escaped(part)}</code>" if number % 2 else escaped(part) for number, part in enumerate(parts)
    )


def coloured(text: str) -> str:
    """Return the lines that a terminal shows in the colours of a `Palette`, for a `pre` element."""
    shown = []
    for number, part in enumerate(_COLOUR.split(text)):
        if number % 2 == 0:
            shown.append(html.escape(part))
        else:
            shown.append("</span>" if part == "0" else f'<span class="{_CLASSES[part]}">')
    return "".join(shown)
