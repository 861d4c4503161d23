"""Code objects as they stand in the file, whatever Python wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from types import EllipsisType

Version: TypeAlias = tuple[int, int]


class Unicode(str):
    """A `unicode` constant of Python 2, where plain `str` is the native string."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """A `slice` constant (3.14 on)."""

    start: Constant
    stop: Constant
    step: Constant


class Layout(Enum):
    """The order of a marshalled code object's fields. The value is the first and last Python that has it."""

    PYTHON_2 = ((2, 7), (2, 7))
    KEYWORD_ONLY = ((3, 3), (3, 7))
    POSITIONAL_ONLY = ((3, 8), (3, 10))
    LOCALS_PLUS = ((3, 11), (3, 14))


class Flag:
    """Bits of `co_flags`."""

    OPTIMIZED = 0x1
    NEWLOCALS = 0x2
    VARARGS = 0x4
    VARKEYWORDS = 0x8
    NESTED = 0x10
    GENERATOR = 0x20
    NOFREE = 0x40
    COROUTINE = 0x80
    ITERABLE_COROUTINE = 0x100
    ASYNC_GENERATOR = 0x200
    FUTURE_DIVISION = 0x2000


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """One code object. Equal to itself only."""

    layout: Layout
    old_format: bool
    """Whether nothing in it is as the marshal formats of 3.4 and later write it."""
    argcount: int
    posonlyargcount: int
    kwonlyargcount: int
    stacksize: int
    flags: int
    code: bytes
    consts: tuple[Constant, ...]
    names: tuple[str, ...]
    varnames: tuple[str, ...]
    """Parameters first, in the order of the signature; then the other locals that are no cells."""
    freevars: tuple[str, ...]
    cellvars: tuple[str, ...]
    locals_plus: tuple[str, ...]
    """What `LOAD_FAST` and `LOAD_DEREF` count through since 3.11; before, `varnames`."""
    filename: str
    name: str
    qualname: str
    firstlineno: int
    lines: bytes
    exceptions: bytes

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of all parameters, `*args` and `**kwargs` last, in that order."""
        count = self.argcount + self.kwonlyargcount
        count += bool(self.flags & Flag.VARARGS) + bool(self.flags & Flag.VARKEYWORDS)
        return self.varnames[:count]


Constant: TypeAlias = (
    "bool | int | float | complex | str | bytes | EllipsisType | Slice | Code | tuple[Constant, ...]"
    " | frozenset[Constant] | None"
)
