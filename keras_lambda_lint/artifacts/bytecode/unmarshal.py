"""Reads marshalled code without the host's `marshal`: nothing is executed, and every size is bounded.

The format is that of CPython's `Python/marshal.c`: version 2 (Python 2.7, 3.3), 4 (3.4 to 3.13) and 5 (3.14).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.code import Code, Constant, Layout, Slice, Unicode
from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 4 * 1024 * 1024
DEEPEST = 60
MOST_OBJECTS = 100_000
LARGEST_DIGITS = 900
"""Digits of 15 bits in one integer: what fits into the 4300 decimal digits that Python writes at most."""

_SHARED = 0x80
_LOCAL, _CELL, _FREE = 0x20, 0x40, 0x80
_KINDS = (_LOCAL, _CELL, _LOCAL | _CELL, _FREE)
_SINCE_3_4 = "aAzZ)r"
_SINGLE: dict[str, Constant] = {"N": None, "F": False, "T": True, ".": ...}


def unmarshal(stored: bytes) -> tuple[Code, ...]:
    """Return the code object for each layout that fits the bytes: one, in all but odd cases.

    Raises `BadBytecode` where none fits.
    """
    if len(stored) > LONGEST:
        raise BadBytecode(f"{len(stored)} bytes are more than any function has")
    if stored[:1] not in (b"c", b"\xe3"):
        raise BadBytecode("the bytes do not start with a code object")
    found = []
    reason = BadBytecode("empty")
    for layout in Layout:
        try:
            found.append(_Reader(stored, layout).whole())
        except BadBytecode as error:
            if not found and len(str(error)) >= len(str(reason)):
                reason = error
    if not found:
        raise reason
    return tuple(found)


class _Reader:
    def __init__(self, stored: bytes, layout: Layout) -> None:
        self.stored = stored
        self.layout = layout
        self.at = 0
        self.depth = 0
        self.weight = 0
        """Objects read so far, each reference counted as all that it refers to: no walk over the result costs more."""
        self.shared: list[tuple[Constant, int] | None] = []
        self.interned: list[str] = []
        self.old_format = True

    def whole(self) -> Code:
        code = self.value()
        if not isinstance(code, Code):
            raise BadBytecode("the bytes hold no code object")
        if self.at != len(self.stored):
            raise BadBytecode(f"{len(self.stored) - self.at} bytes follow the code object")
        return code

    # primitives

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.stored):
            raise BadBytecode(f"cut short at byte {self.at} of {len(self.stored)}")
        self.at += count
        return self.stored[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def long(self) -> int:
        return int.from_bytes(self.take(4), "little", signed=True)

    def size(self, width: int) -> int:
        size = int.from_bytes(self.take(width), "little", signed=width == 4)
        if not 0 <= size <= len(self.stored):
            raise BadBytecode(f"a size of {size} at byte {self.at - width}")
        return size

    # values

    def value(self) -> Constant:
        start = self.at
        byte = self.byte()
        kind, share = chr(byte & ~_SHARED), bool(byte & _SHARED)
        if share and self.layout is Layout.PYTHON_2:
            raise BadBytecode(f"type {byte} at byte {start}")
        if share or kind in _SINCE_3_4:
            self.old_format = False
        if kind == "r" and not share:
            return self.reference()
        before = self.weight
        self.weight += 1
        if self.weight > MOST_OBJECTS:
            raise BadBytecode("too many objects")
        if self.depth == DEEPEST:
            raise BadBytecode("nested too deeply")
        slot = len(self.shared)
        if share:
            self.shared.append(None)
        self.depth += 1
        value = self.fresh(kind, start)
        self.depth -= 1
        if share:
            self.shared[slot] = (value, self.weight - before)
        return value

    def reference(self) -> Constant:
        index = self.long()
        known = self.shared[index] if 0 <= index < len(self.shared) else None
        if known is None:
            raise BadBytecode(f"a reference to object {index}, which is not read yet")
        self.weight += known[1]
        if self.weight > MOST_OBJECTS:
            raise BadBytecode("too many objects")
        return known[0]

    def fresh(self, kind: str, start: int) -> Constant:
        if kind in _SINGLE:
            return _SINGLE[kind]
        method = _METHODS.get(kind)
        if method is None:
            raise BadBytecode(f"type {kind!r} at byte {start}")
        return method(self)

    def long_integer(self) -> int:
        count = self.long()
        if abs(count) > LARGEST_DIGITS:
            raise BadBytecode("an integer of too many digits")
        number = 0
        for place in range(abs(count)):
            digit = int.from_bytes(self.take(2), "little")
            if digit >= 1 << 15:
                raise BadBytecode("a digit of an integer that is too large")
            number |= digit << (15 * place)
        return -number if count < 0 else number

    def binary_float(self) -> float:
        number: float = struct.unpack("<d", self.take(8))[0]
        return number

    def text_float(self) -> float:
        text = self.take(self.size(1))
        try:
            return float(text)
        except ValueError:
            raise BadBytecode("a float that is no number") from None

    def native(self, raw: bytes) -> str | bytes:
        """Return a string of Python 2 as text where it is ASCII."""
        return raw.decode("ascii") if raw.isascii() else raw

    def bytes_(self) -> str | bytes:
        raw = self.take(self.size(4))
        return self.native(raw) if self.layout is Layout.PYTHON_2 else raw

    def interned_text(self) -> str | bytes:
        if self.layout is not Layout.PYTHON_2:
            return self.unicode()
        raw = self.take(self.size(4))
        self.interned.append(raw.decode("latin-1"))
        return self.native(raw)

    def interned_reference(self) -> str | bytes:
        index = self.long()
        if self.layout is not Layout.PYTHON_2 or not 0 <= index < len(self.interned):
            raise BadBytecode(f"a reference to string {index}, which is not read yet")
        return self.native(self.interned[index].encode("latin-1"))

    def unicode(self) -> str:
        raw = self.take(self.size(4))
        try:
            text = raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise BadBytecode("text that is not UTF-8") from None
        return Unicode(text) if self.layout is Layout.PYTHON_2 else text

    def ascii(self, width: int) -> str:
        raw = self.take(self.size(width))
        if not raw.isascii() or self.layout is Layout.PYTHON_2:
            raise BadBytecode("text that is not ASCII")
        return raw.decode("ascii")

    def tuple_(self, width: int) -> tuple[Constant, ...]:
        return tuple([self.value() for _ in range(self.size(width))])

    def frozenset_(self) -> frozenset[Constant]:
        return frozenset([self.value() for _ in range(self.size(4))])

    def slice_(self) -> Slice:
        if self.layout is not Layout.LOCALS_PLUS:
            raise BadBytecode(f"type ':' at byte {self.at - 1}")
        return Slice(self.value(), self.value(), self.value())

    # code

    def number(self) -> int:
        number = self.long()
        if not 0 <= number < 1 << 30:
            raise BadBytecode(f"a count of {number}")
        return number

    def raw(self) -> bytes:
        """Return a string of bytes, `str` in Python 2."""
        at = self.at
        value = self.value()
        if isinstance(value, Unicode) or not isinstance(value, (bytes, str)):
            raise BadBytecode(f"no bytes at byte {at}")
        if isinstance(value, str):
            if self.layout is not Layout.PYTHON_2:
                raise BadBytecode(f"no bytes at byte {at}")
            return value.encode("ascii")
        return value

    def text(self) -> str:
        at = self.at
        value = self.value()
        if self.layout is Layout.PYTHON_2 and isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, Unicode) or not isinstance(value, str):
            raise BadBytecode(f"no text at byte {at}")
        return value

    def constants(self) -> tuple[Constant, ...]:
        at = self.at
        value = self.value()
        if not isinstance(value, tuple):
            raise BadBytecode(f"no tuple at byte {at}")
        return value

    def names(self) -> tuple[str, ...]:
        at = self.at
        names = []
        for name in self.constants():
            if isinstance(name, Unicode) or not isinstance(name, str):
                raise BadBytecode(f"a name that is no text at byte {at}")
            names.append(name)
        return tuple(names)

    def code(self) -> Code:
        layout = self.layout
        argcount = self.number()
        posonly = self.number() if layout in (Layout.POSITIONAL_ONLY, Layout.LOCALS_PLUS) else 0
        kwonly = 0 if layout is Layout.PYTHON_2 else self.number()
        if layout is not Layout.LOCALS_PLUS:
            self.number()
        stacksize, flags = self.number(), self.number()
        code, consts, names = self.raw(), self.constants(), self.names()
        if layout is Layout.LOCALS_PLUS:
            locals_plus, kinds = self.names(), self.raw()
            if len(kinds) != len(locals_plus):
                raise BadBytecode("as many kinds as local variables expected")
            if any(kind & 0xE0 not in _KINDS for kind in kinds) or sorted(kinds, key=_FREE.__and__) != list(kinds):
                raise BadBytecode("a local variable of no kind")
            both = list(zip(locals_plus, kinds, strict=True))
            varnames = tuple(name for name, kind in both if kind & _LOCAL)
            cellvars = tuple(name for name, kind in both if kind & _CELL)
            freevars = tuple(name for name, kind in both if kind & _FREE)
        else:
            varnames, freevars, cellvars = self.names(), self.names(), self.names()
            locals_plus = varnames
        filename, name = self.text(), self.text()
        qualname = self.text() if layout is Layout.LOCALS_PLUS else name
        firstlineno, lines = self.long(), self.raw()
        exceptions = self.raw() if layout is Layout.LOCALS_PLUS else b""
        found = Code(
            layout,
            self.old_format,
            argcount,
            posonly,
            kwonly,
            stacksize,
            flags,
            code,
            consts,
            names,
            varnames,
            freevars,
            cellvars,
            locals_plus,
            filename,
            name,
            qualname,
            firstlineno,
            lines,
            exceptions,
        )
        _check(found)
        return found


def _check(code: Code) -> None:
    parameters = code.parameters
    wanted = code.argcount + code.kwonlyargcount + bool(code.flags & 4) + bool(code.flags & 8)
    if len(parameters) != wanted or code.posonlyargcount > code.argcount:
        raise BadBytecode("fewer names than parameters")
    if len(set(code.varnames)) != len(code.varnames):
        raise BadBytecode("two local variables of one name")


_METHODS: dict[str, Callable[[_Reader], Constant]] = {
    "i": _Reader.long,
    "I": lambda reader: int.from_bytes(reader.take(8), "little", signed=True),
    "l": _Reader.long_integer,
    "g": _Reader.binary_float,
    "f": _Reader.text_float,
    "y": lambda reader: complex(reader.binary_float(), reader.binary_float()),
    "x": lambda reader: complex(reader.text_float(), reader.text_float()),
    "s": _Reader.bytes_,
    "t": _Reader.interned_text,
    "R": _Reader.interned_reference,
    "u": _Reader.unicode,
    "a": lambda reader: reader.ascii(4),
    "A": lambda reader: reader.ascii(4),
    "z": lambda reader: reader.ascii(1),
    "Z": lambda reader: reader.ascii(1),
    "(": lambda reader: reader.tuple_(4),
    ")": lambda reader: reader.tuple_(1),
    ">": _Reader.frozenset_,
    ":": _Reader.slice_,
    "c": _Reader.code,
}
