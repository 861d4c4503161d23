"""Places as the protocol counts them: lines from 0, columns in the code units that client and server agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from keras_lambda_lint.diagnostic import Span

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Text
    from keras_lambda_lint.source.text import Source

_UNITS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


class Positions:
    """Translates between character offsets and positions, in one encoding."""

    def __init__(self, encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16) -> None:
        self._codec, self._width = _UNITS[types.PositionEncodingKind(encoding)]

    def position(self, text: Text, offset: int) -> types.Position:
        """Return the position of a character offset."""
        row, column = text.location(offset)
        return types.Position(row - 1, self._units(text.shown_line(row)[: column - 1]) if column > 1 else 0)

    def range(self, text: Text, span: Span) -> types.Range:
        """Return the range of a span."""
        return types.Range(self.position(text, span.start), self.position(text, span.end))

    def offset(self, source: Source, position: types.Position) -> int:
        """Return the character offset of a position.

        One past the end of its line means the end of the line, one past the last line the end of the text, and one
        inside a character the start of that character: clients send such positions, and the protocol allows the first.
        """
        if position.line >= len(source.line_starts):
            return len(source.text)
        line = source.line(position.line + 1)
        return source.line_starts[position.line] + self._characters(line, max(position.character, 0))

    def span(self, source: Source, range_: types.Range) -> Span:
        """Return the span of a range; one whose end lies before its start is read backwards."""
        start, end = sorted((self.offset(source, range_.start), self.offset(source, range_.end)))
        return Span(start, end)

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._width

    def _characters(self, line: str, units: int) -> int:
        if line.isascii():
            return min(units, len(line))
        counted = 0
        for index, character in enumerate(line):
            counted += self._units(character)
            if counted > units:
                return index
        return len(line)
