"""The file of a notebook, nbformat 3 and 4: which text its cells hold, and how changed lines go back into it.

JSON is read by Python's own decoder, but the places of the cells' texts are kept: everything else of the file stays byte for byte.
"""

from __future__ import annotations

import codecs
import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_RAW_LINE = re.compile(r'(?:[^\\"]|\\(?!n|u000[aA]).)*(?:\\n|\\u000[aA])?')
_CHARACTER = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.|[^\\]")
_DECODER = json.JSONDecoder()


class Malformed(Exception):
    """What is wrong with the file of a notebook, and in which of its rows, 0 for none."""

    def __init__(self, reason: str, row: int) -> None:
        super().__init__(f"not a notebook, or damaged: {reason}")
        self.row = row


class _Wrong(Exception):
    """What is wrong with JSON that is well-formed, and at which offset."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.at = at


class _Cell(NamedTuple):
    """What a cell says of itself; `start` and `end` are the range of its text's JSON value."""

    number: int
    kind: str
    language: str
    text: str
    start: int
    end: int


class _Piece(NamedTuple):
    """A part of a cell's text, and how the file writes it between its quotes."""

    text: str
    raw: str
    at: int
    """The offset of the first character between the quotes."""


class Document:
    """A notebook's file."""

    def __init__(self, raw: str, bom: bool, cells: list[_Cell], language: str) -> None:
        self.raw = raw
        self._bom = bom
        self._cells = cells
        self._language = language

    @classmethod
    def read(cls, data: bytes) -> Document:
        """Return what the bytes of a notebook hold; raise `Malformed` for what is no notebook of a known format."""
        bom = data.startswith(codecs.BOM_UTF8)
        try:
            raw = (data[3:] if bom else data).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"no UTF-8 at byte {error.start + 3 * bom}", 0) from None
        try:
            cells, language = _Reader(raw).notebook()
        except json.JSONDecodeError as error:
            raise Malformed(error.msg, error.lineno) from None
        except _Wrong as error:
            raise Malformed(str(error), raw.count("\n", 0, error.at) + 1) from None
        except RecursionError:
            raise Malformed("nested too deeply", 0) from None
        return cls(raw, bom, cells, language)

    def code_cells(self) -> list[tuple[int, str]]:
        """Return number and text of the cells that hold code in Python."""
        if not _is_python(self._language):
            return []
        return [(cell.number, cell.text) for cell in self._cells if cell.kind == "code" and _is_python(cell.language)]

    def with_cells(self, texts: Mapping[int, str]) -> bytes:
        """Return the bytes of the file in which cells, by their number, hold other texts."""
        parts, position = [], 0
        for cell in self._cells:
            text = texts.get(cell.number, cell.text)
            if text != cell.text:
                parts += [self.raw[position : cell.start], self._written(cell, text)]
                position = cell.end
        raw = "".join((*parts, self.raw[position:]))
        return (codecs.BOM_UTF8 if self._bom else b"") + raw.encode("utf-8")

    def _written(self, cell: _Cell, text: str) -> str:
        """Return the JSON value of a cell's new text in the form of the old one; lines that stay are written as they were."""
        if self.raw[cell.start] == '"':
            return '"' + "".join(self._lines(self._pieces(cell), text)) + '"'
        pieces, lead, between, tail = self._list(cell)
        lines = [f'"{line}"' for line in self._lines(pieces, text)]
        return f"[{lead}{between.join(lines)}{tail}]" if lines else "[]"

    def span(self, number: int, start: int, end: int) -> tuple[int, int]:
        """Return where a range of a cell's text is in `raw`."""
        places: list[tuple[int, int]] = []
        for piece in self._pieces(self._cells[number - 1]):
            places += [(piece.at + each.start(), piece.at + each.end()) for each in _CHARACTER.finditer(piece.raw)]
        if not places:
            return self._cells[number - 1].start, self._cells[number - 1].start
        if start == end:
            at = places[start][0] if start < len(places) else places[-1][1]
            return at, at
        return places[start][0], places[end - 1][1]

    def _pieces(self, cell: _Cell) -> list[_Piece]:
        if self.raw[cell.start] == "[":
            return self._list(cell)[0]
        lines = _RAW_LINE.finditer(self.raw, cell.start + 1, cell.end - 1)
        return [_Piece(_string(f'{line[0]}"', 0)[0], line[0], line.start()) for line in lines if line[0]]

    def _list(self, cell: _Cell) -> tuple[list[_Piece], str, str, str]:
        """Return the parts of a list, and what the file writes before, between and behind them."""
        spans: list[tuple[int, int]] = []
        pieces: list[_Piece] = []

        def line(at: int) -> int:
            text, end = _string(self.raw, at + 1)
            spans.append((at, end))
            pieces.append(_Piece(text, self.raw[at + 1 : end - 1], at + 1))
            return end

        _array(self.raw, cell.start, line, "the text of a cell")
        if not spans:
            style = next((each for each in self._cells if each.text and self.raw[each.start] == "["), None)
            return ([], *(self._list(style)[1:] if style is not None else ("", ", ", "")))
        lead = self.raw[cell.start + 1 : spans[0][0]]
        between = self.raw[spans[0][1] : spans[1][0]] if len(spans) > 1 else f",{lead or ' '}"
        return pieces, lead, between, self.raw[spans[-1][1] : cell.end - 1]

    def _lines(self, pieces: list[_Piece], text: str) -> list[str]:
        """Return how the lines of a text are written between quotes; what the pieces hold already is taken from them."""
        from difflib import SequenceMatcher

        old = [piece.text for piece in pieces]
        head = 0
        while head < len(old) and _starts(text, old[head]):
            text = text[len(old[head]) :]
            head += 1
        behind = len(old)
        while behind > head and _ends(text, old[behind - 1]):
            behind -= 1
            text = text[: -len(old[behind])]
        new = text.splitlines(keepends=True)
        middle: list[str] = []
        for tag, first, last, start, end in SequenceMatcher(None, old[head:behind], new, autojunk=False).get_opcodes():
            if tag == "equal":
                middle += [piece.raw for piece in pieces[head + first : head + last]]
            else:
                middle += [self._escaped(line) for line in new[start:end]]
        return [*(piece.raw for piece in pieces[:head]), *middle, *(piece.raw for piece in pieces[behind:])]

    def _escaped(self, line: str) -> str:
        """Return the inside of a JSON string, with the characters escaped that the file escapes elsewhere."""
        written = json.dumps(line, ensure_ascii=self.raw.isascii())[1:-1]
        for character in "<>&'":
            escape = f"\\u{ord(character):04x}"
            if character in written and escape in self.raw and character not in self.raw:
                written = written.replace(character, escape)
        # UTF-8 has no lone surrogates.
        return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", written)


def code(data: bytes) -> bytes:
    """Return the code in the bytes of a notebook, for the byte gate; raise `Malformed`."""
    cells = Document.read(data).code_cells()
    return "\n".join(text for _, text in cells).encode("utf-8", "surrogatepass")


def _starts(text: str, line: str) -> bool:
    return bool(line) and text.startswith(line) and (line.endswith(("\n", "\r")) or text == line)


def _ends(text: str, line: str) -> bool:
    return bool(line) and text.endswith(line) and (text == line or text[: -len(line)].endswith(("\n", "\r")))


def _is_python(language: str) -> bool:
    return not language or language.lower().startswith(("python", "ipython"))


class _Reader:
    """Reads one notebook."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._cells: list[_Cell] | None = None
        self._language = ""
        self._format: object = None

    def notebook(self) -> tuple[list[_Cell], str]:
        """Return the cells and the language of the kernel; raise `_Wrong` or JSONDecodeError."""
        end = _object(self._raw, _skipped(self._raw, 0), self._member, "the file")
        end = _skipped(self._raw, end)
        if end < len(self._raw):
            raise json.JSONDecodeError("Extra data", self._raw, end)
        if self._format not in (2, 3, 4):
            raise _Wrong("`nbformat` is missing" if self._format is None else f"nbformat {self._format} is unknown", 0)
        if self._cells is None:
            raise _Wrong("it has no `cells`", 0)
        return self._cells, self._language

    def _member(self, key: str, at: int) -> int:
        if key == "cells":
            return self._array_of_cells(at)
        if key == "worksheets":
            return _array(self._raw, at, lambda at: _object(self._raw, at, self._sheet, "a worksheet"), "`worksheets`")
        value, end = _DECODER.raw_decode(self._raw, at)
        if key == "nbformat":
            self._format = value
        elif key == "metadata":
            self._language = _language(value)
        return end

    def _sheet(self, key: str, at: int) -> int:
        return self._array_of_cells(at) if key == "cells" else _DECODER.raw_decode(self._raw, at)[1]

    def _array_of_cells(self, at: int) -> int:
        self._cells = self._cells or []
        return _array(self._raw, at, self._cell, "`cells`")

    def _cell(self, at: int) -> int:
        members: dict[str, tuple[Any, int, int]] = {}

        def member(key: str, at: int) -> int:
            value, end = _DECODER.raw_decode(self._raw, at)
            members[key] = (value, at, end)
            return end

        end = _object(self._raw, at, member, "a cell")
        kind = members.get("cell_type", (None,))[0]
        if not isinstance(kind, str):
            raise _Wrong("a cell has no `cell_type`", at)
        value, start, stop = members.get("source") or members.get("input") or ("", at, at)
        lines = value if isinstance(value, list) else [value]
        if not all(isinstance(line, str) for line in lines):
            raise _Wrong("the text of a cell is no text", start)
        if kind == "code" and start == at:
            raise _Wrong("a code cell has no `source`", at)
        assert self._cells is not None
        language = members.get("language", ("",))[0] or _cell_language(members.get("metadata", (None,))[0])
        number = len(self._cells) + 1
        self._cells.append(
            _Cell(number, kind, language if isinstance(language, str) else "", "".join(lines), start, stop)
        )
        return end


def _language(metadata: object) -> str:
    """Return the language that the metadata of a notebook names; empty where they name none."""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        inner = metadata.get(key) if isinstance(metadata, dict) else None
        found = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(found, str) and found:
            return found
    return ""


def _cell_language(metadata: object) -> str:
    """Return the language that an editor has given a cell."""
    inner = metadata.get("vscode") if isinstance(metadata, dict) else None
    found = inner.get("languageId") if isinstance(inner, dict) else None
    return found if isinstance(found, str) else ""


def _string(raw: str, at: int) -> tuple[str, int]:
    """Return the string whose opening quote is before an offset, and where it ends; raise JSONDecodeError."""
    text, end = scanstring(raw, at)
    return str(text), int(end)


def _skipped(raw: str, at: int) -> int:
    match = _SPACE.match(raw, at)
    assert match is not None
    return match.end()


def _object(raw: str, at: int, member: Callable[[str, int], int], what: str) -> int:
    """Read an object: `member` gets each key and where its value starts, and returns where that ends. Return where the object ends."""
    if raw[at : at + 1] != "{":
        _undecodable(raw, at)
        raise _Wrong(f"{what} is no object", at)
    seen: set[str] = set()
    at = _skipped(raw, at + 1)
    while raw[at : at + 1] != "}":
        if seen:
            at = _expected(raw, at, ",")
        if raw[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", raw, at)
        start = at
        key, at = _string(raw, at + 1)
        if key in seen:
            raise _Wrong(f"{what} says `{key}` twice", start)
        seen.add(key)
        at = _skipped(raw, member(key, _expected(raw, _skipped(raw, at), ":")))
    return at + 1


def _array(raw: str, at: int, element: Callable[[int], int], what: str) -> int:
    """Read a list: `element` gets where each element starts, and returns where it ends. Return where the list ends."""
    if raw[at : at + 1] != "[":
        _undecodable(raw, at)
        raise _Wrong(f"{what} is no list", at)
    first = True
    at = _skipped(raw, at + 1)
    while raw[at : at + 1] != "]":
        at = at if first else _expected(raw, at, ",")
        at = _skipped(raw, element(at))
        first = False
    return at + 1


def _expected(raw: str, at: int, character: str) -> int:
    """Return where the next token behind a character starts."""
    if raw[at : at + 1] != character:
        raise json.JSONDecodeError(f"Expecting '{character}' delimiter", raw, at)
    return _skipped(raw, at + 1)


def _undecodable(raw: str, at: int) -> None:
    """Raise JSONDecodeError where no JSON value starts."""
    _DECODER.raw_decode(raw, at)
