"""The normal form: one stack machine for every Python, in which code is read, rebuilt and compared."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Hashable

    from keras_lambda_lint.artifacts.bytecode.code import Constant


class Do(Enum):
    """What an operation does. The comment says what its `arg` is."""

    CONST = auto()  # the constant, or the Program of a nested function
    LOAD = auto()  # Variable
    STORE = auto()  # Variable
    DELETE = auto()  # Variable
    CELL = auto()  # name: push the cell itself
    SAVE = auto()  # name: push the local's value, if it has any, and unbind it
    POP = auto()
    COPY = auto()  # n: push the n-th value again, 1 is the top
    SWAP = auto()  # n: exchange the top and the n-th value
    ROTATE = auto()  # n: move the top to the n-th place
    NULL = auto()  # push the marker that fills the second place of a call: "above" or "below" what is called
    ATTR = auto()  # name
    STORE_ATTR = auto()  # name
    DELETE_ATTR = auto()  # name
    UNARY = auto()  # symbol
    BINARY = auto()  # symbol, "+=" where in place
    COMPARE = auto()  # symbol
    SUBSCR = auto()
    STORE_SUBSCR = auto()
    DELETE_SUBSCR = auto()
    SLICE = auto()  # Python 2: 1 for a lower bound + 2 for an upper bound
    BUILD = auto()  # (kind, count)
    JOIN = auto()  # (kind, count): build from several iterables at once, as 3.5 to 3.8 do
    EXTEND = auto()  # (kind, n): pop an iterable, extend the container in the n-th place with it
    APPEND = auto()  # (kind, n)
    TO_TUPLE = auto()
    STORE_MAP = auto()
    CONVERT = auto()  # "s", "r" or "a"
    FORMAT = auto()  # (conversion or "", whether there is a format specification)
    CALL = auto()  # Call
    OLD_CALL = auto()  # OldCall
    SPREAD_CALL = auto()  # (whether there are keywords, whether a NULL lies below)
    FUNCTION = auto()  # Making
    SET_PART = auto()  # one bit of Making.parts
    GET_ITER = auto()
    NEXT = auto()  # jumps, and drops the iterator, when there is none
    JUMP = auto()
    BRANCH = auto()  # bool: pops, and jumps when the truth is this
    RETURN = auto()
    YIELD = auto()
    RAISE = auto()  # count
    IMPORT = auto()  # name
    IMPORT_FROM = auto()  # name
    UNPACK = auto()  # count
    UNPACK_EX = auto()  # (before, after)
    ASSERTION_ERROR = auto()
    COMMON = auto()  # name: push the built-in itself, whatever that name means here
    UNSUPPORTED = auto()  # the instruction's name


class Variable(NamedTuple):
    """A variable: scope is `local`, `global` or `deref` (a cell, own or of an outer function)."""

    scope: str
    name: str


class Call(NamedTuple):
    """A call with so many `values`, the last of them named; `paired` where a NULL or `self` lies with the callee."""

    values: int
    names: tuple[str, ...]
    paired: bool


class OldCall(NamedTuple):
    """A call up to Python 3.5, where each keyword's name lies before its value."""

    positional: int
    keywords: int
    star: bool
    stars: bool
    star_first: bool = False
    """3.5: the value behind `*` lies before the keywords."""


class Making(NamedTuple):
    """How a function is made: `parts` 1 defaults, 2 keyword defaults, 4 annotations, 8 closure."""

    parts: int
    qualname: bool
    """A name lies on top of the code."""
    below: tuple[tuple[int, int], ...] = ()
    """Up to 3.5: the bits of parts that lie below as so many values, names and values in turn for 2; the lowest first."""


Argument: TypeAlias = "Constant | Program | Variable | Call | OldCall | Making | tuple[object, ...]"


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. `target` is the index of an operation; `at` the offset in the original code, -1 in rebuilt code."""

    do: Do
    arg: Argument = None
    target: int = -1
    at: int = -1


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function."""

    posonly: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    vararg: str | None = None
    kwonly: tuple[str, ...] = ()
    kwarg: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all parameters."""
        last = tuple(name for name in (self.vararg, self.kwarg) if name is not None)
        return (*self.posonly, *self.args, *self.kwonly, *last)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A function in normal form."""

    name: str
    signature: Signature
    generator: bool
    free: tuple[str, ...]
    """Variables of outer functions that it, or a function in it, uses, in the order of its closure."""
    doc: str | None
    ops: tuple[Op, ...]

    @property
    def is_lambda(self) -> bool:
        """Return whether it has no name, so that it can only be an expression."""
        return self.name == "<lambda>"


def key(value: object) -> Hashable:
    """Return what is equal for two constants only if no program can tell them apart."""
    if isinstance(value, tuple):
        return ("tuple", *map(key, value))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(map(key, value)))
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, complex):
        return ("complex", struct.pack("<dd", value.real, value.imag))
    return (type(value).__name__, value)


_EFFECTS = {
    **dict.fromkeys(
        (Do.CONST, Do.LOAD, Do.CELL, Do.SAVE, Do.COPY, Do.NULL, Do.NEXT, Do.IMPORT_FROM, Do.ASSERTION_ERROR, Do.COMMON),
        1,
    ),
    **dict.fromkeys((Do.STORE, Do.POP, Do.DELETE_ATTR, Do.BINARY, Do.COMPARE, Do.SUBSCR, Do.EXTEND, Do.BRANCH), -1),
    **dict.fromkeys((Do.RETURN, Do.IMPORT, Do.SET_PART), -1),
    **dict.fromkeys((Do.STORE_ATTR, Do.DELETE_SUBSCR, Do.STORE_MAP), -2),
    Do.STORE_SUBSCR: -3,
}


def effect(op: Op) -> int:
    """Return how many values more, or fewer, lie on the stack after an operation that does not jump."""
    arg = op.arg
    if isinstance(arg, Call):
        return -arg.values - arg.paired
    if isinstance(arg, OldCall):
        return -arg.positional - 2 * arg.keywords - arg.star - arg.stars
    if isinstance(arg, Making):
        return -arg.qualname - sum(count for _, count in arg.below) - (arg.parts & 15).bit_count()
    if op.do in (Do.BUILD, Do.JOIN, Do.EXTEND, Do.APPEND, Do.FORMAT, Do.SPREAD_CALL, Do.UNPACK_EX):
        first, second = cast("tuple[Any, int]", arg)
        return _pair_effect(op.do, first, second)
    if isinstance(arg, int) and op.do in (Do.SLICE, Do.RAISE, Do.UNPACK):
        return arg - 1 if op.do is Do.UNPACK else -arg if op.do is Do.RAISE else -(arg & 1) - (arg >> 1)
    return _EFFECTS.get(op.do, 0)


def _pair_effect(do: Do, first: Any, second: int) -> int:
    if do is Do.JOIN or (do is Do.BUILD and first not in ("map", "keyed")):
        return 1 - second
    if do is Do.BUILD:
        return -second if first == "keyed" else 1 - 2 * second
    if do is Do.APPEND:
        return -2 if "map" in first else -1
    if do is Do.SPREAD_CALL:
        return -1 - int(first) - second
    if do is Do.UNPACK_EX:
        return int(first) + second
    return -1 if do is Do.EXTEND else -int(second)
