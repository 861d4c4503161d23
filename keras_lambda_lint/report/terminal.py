"""What a terminal shows: colours, the width of characters, and nothing that could control it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

# Controls, line separators, lone surrogates, and the marks that turn the direction of text around.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TAB = 4


def plain(text: str) -> str:
    """Return the text with every character that could control a terminal written as its escape."""
    return _UNPRINTABLE.sub(lambda match: ascii(match.group())[1:-1], text)


def cells(line: str) -> list[str]:
    """Return what to show for each character of a source line, tabs as spaces up to the next stop."""
    if line.isascii() and line.isprintable():
        return list(line)
    shown: list[str] = []
    column = 0
    for character in line:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else plain(character)
        shown.append(cell)
        column += width(cell)
    return shown


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    columns = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


class Palette:
    """Wraps text in colours, or leaves it as it is."""

    def __init__(self, colours: bool) -> None:
        self._colours = colours

    @classmethod
    def of(cls, stream: TextIO) -> Palette:
        """Return colours for a terminal unless NO_COLOR is set; FORCE_COLOR wins over a missing terminal."""
        if os.environ.get("NO_COLOR"):
            return cls(False)
        if os.environ.get("FORCE_COLOR"):
            return cls(True)
        return cls(stream.isatty() and os.environ.get("TERM") != "dumb")

    def bold(self, text: str) -> str:
        """Return the text in bold."""
        return self._wrapped("1", text)

    def faint(self, text: str) -> str:
        """Return the text in the colour of what frames the source lines."""
        return self._wrapped("34", text)

    def severity(self, severity: str, text: str) -> str:
        """Return the text in the colour of a severity."""
        return self._wrapped({"error": "1;31", "warning": "1;33"}.get(severity, "1;36"), text)

    def second(self, text: str) -> str:
        """Return the text in the colour of secondary locations."""
        return self._wrapped("36", text)

    def changed(self, line: str) -> str:
        """Return a line of a unified diff in its colour."""
        if line.startswith(("---", "+++")):
            return self._wrapped("1", line)
        code = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
        return self._wrapped(code, line) if code else line

    def _wrapped(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours else text
