"""What each operation does to a machine that runs on symbols: moves values about, or is an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Call, Do, Making, OldCall, Op, Program, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.artifacts.bytecode.machine import Machine

Term: TypeAlias = "tuple[object, ...]"
ABOVE: Term = ("null", "above")
BELOW: Term = ("null", "below")
EMPTY_TEXT: Term = ("const", ("str", ""))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a program does. Two programs that do equal events in the same order do the same."""

    what: Term
    yields: int = 0
    """How many values it pushes."""
    forks: bool = False
    """Whether the program goes on in one of two ways."""


def tuple_term(parts: list[Term]) -> Term:
    """Return a tuple: one constant where all its parts are."""
    if all(part[0] == "const" for part in parts):
        return ("const", ("tuple", *(part[1] for part in parts)))
    return ("tuple", *parts)


def truth(term: Term, truths: dict[Term, bool]) -> bool | None:
    """Return what is known of a value's truth."""
    if term[0] == "const":
        kind, *rest = cast("tuple[object, ...]", term[1])
        if kind in ("tuple", "frozenset"):
            return bool(rest) if kind == "tuple" else None
        return bool(rest[0]) if kind in ("NoneType", "bool", "int", "str") else None
    return truths.get(term)


# what cannot be observed


def _const(machine: Machine, op: Op) -> None:
    if isinstance(op.arg, Program):
        machine.stack.append(("program", machine.program_number(op.arg), op.arg.free))
    else:
        machine.stack.append(("const", key(op.arg)))


def _pop(machine: Machine, _op: Op) -> None:
    machine.demand_values(1)
    machine.pop()


def _copy(machine: Machine, op: Op) -> None:
    machine.demand_values(cast("int", op.arg))
    machine.stack.append(machine.peek(cast("int", op.arg)))


def _swap(machine: Machine, op: Op) -> None:
    place = cast("int", op.arg)
    machine.demand_values(place)
    other = machine.peek(place)
    machine.stack[-place], machine.stack[-1] = machine.stack[-1], other


def _rotate(machine: Machine, op: Op) -> None:
    place = cast("int", op.arg)
    machine.demand_values(place)
    machine.peek(place)
    top = machine.stack.pop()
    machine.stack.insert(len(machine.stack) - place + 1, top)


def _jump(machine: Machine, op: Op) -> None:
    machine.pc = op.target


def _save(machine: Machine, op: Op) -> None:
    depth = sum(term[:2] == ("saved", op.arg) for term in machine.stack)
    machine.stack.append(("saved", op.arg, depth))


def _function(machine: Machine, op: Op) -> None:
    making = cast("Making", op.arg)
    if making.qualname:
        machine.pop()
    program = machine.pop()
    if program[0] != "program":
        raise Undecodable("a function whose code is no constant")
    parts: list[tuple[object, Term]] = []
    for bit in (8, 4, 2, 1):
        if making.parts & bit:
            parts.append((bit, _part(bit, machine.pop(), program)))
    parts += [(bit, ("below", *machine.pops(count))) for bit, count in reversed(making.below) if count]
    machine.stack.append(("function", program[1], program[2], tuple(sorted(parts, key=lambda part: str(part[0])))))


def _part(bit: int, value: Term, program: Term) -> Term:
    """Return a closure by the names that the function itself uses for it."""
    names = cast("tuple[str, ...]", program[2])
    if bit != 8:
        return value
    if (
        value[0] != "tuple"
        or len(value) != len(names) + 1
        or any(cell[0] != "cell" for cell in cast("list[Term]", value[1:]))
    ):
        raise Undecodable("a closure that is no tuple of cells")
    return ("closure", frozenset(zip(names, value[1:], strict=True)))


def _set_part(machine: Machine, op: Op) -> None:
    function, value = machine.pop(), machine.pop()
    if function[0] != "function":
        raise Undecodable("a part of a function, where there is none")
    parts = cast("tuple[Term, ...]", function[3])
    new = (op.arg, _part(cast("int", op.arg), value, ("program", function[1], function[2])))
    machine.stack.append((*function[:3], tuple(sorted((*parts, new), key=lambda part: str(part[0])))))


SILENT: dict[Do, Callable[[Machine, Op], None]] = {
    Do.CONST: _const,
    Do.POP: _pop,
    Do.COPY: _copy,
    Do.SWAP: _swap,
    Do.ROTATE: _rotate,
    Do.NULL: lambda machine, op: machine.stack.append(("null", op.arg)),
    Do.CELL: lambda machine, op: machine.stack.append(("cell", op.arg)),
    Do.SAVE: _save,
    Do.JUMP: _jump,
    Do.FUNCTION: _function,
    Do.SET_PART: _set_part,
    Do.COMMON: lambda machine, op: machine.stack.append(("common", op.arg)),
    Do.ASSERTION_ERROR: lambda machine, _: machine.stack.append(("AssertionError",)),
}


# events


def _callee(machine: Machine, paired: bool) -> list[Term]:
    """Return what is called, and a first argument if there is one beside it."""
    if not paired:
        return [machine.pop()]
    lower, upper = machine.pops(2)
    if upper == ABOVE and lower[0] != "null":
        return [lower]
    if lower == BELOW and upper[0] != "null":
        return [upper]
    if lower[0] == "null" or upper[0] == "null":
        raise Undecodable("a call of nothing")
    return [lower, upper]


def _call(machine: Machine, op: Op) -> Event:
    call = cast("Call", op.arg)
    values = machine.pops(call.values)
    if len(call.names) > call.values:
        raise Undecodable("more names than values in a call")
    return Event(("call", call.names, *_callee(machine, call.paired), *values), 1)


def _old_call(machine: Machine, op: Op) -> Event:
    call = cast("OldCall", op.arg)
    values = machine.pops(call.positional + 2 * call.keywords + call.star + call.stars)
    return Event(("call", call, machine.pop(), *values), 1)


def _spread_call(machine: Machine, op: Op) -> Event:
    keywords, paired = cast("tuple[bool, bool]", op.arg)
    values = machine.pops(1 + keywords)
    callee = _callee(machine, paired)
    if len(callee) > 1:
        raise Undecodable("a call of two things")
    return Event(("call", "*", *callee, *values), 1)


def _popping(count: int, yields: int) -> Callable[[Machine, Op], Event]:
    """Return the event that takes values and its argument."""
    return lambda machine, op: Event((op.do.name, op.arg, *machine.pops(count)), yields)


def _counted(machine: Machine, op: Op) -> Event:
    return Event((op.do.name, op.arg, *machine.pops(cast("tuple[str, int]", op.arg)[1])), 1)


def _grow(machine: Machine, op: Op) -> Event:
    kind, place = cast("tuple[str, int]", op.arg)
    values = machine.pops(2 if op.do is Do.APPEND and "map" in kind else 1)
    return Event((op.do.name, kind, machine.peek(place), *values))


def _next(machine: Machine, _op: Op) -> Event:
    return Event(("next", machine.peek(1)), forks=True)


def _end(machine: Machine, op: Op) -> Event:
    machine.ended = True
    count = cast("int", op.arg) if op.do is Do.RAISE else 1
    return Event((op.do.name, *machine.pops(count)))


def _from(machine: Machine, op: Op) -> Event:
    return Event(("from", op.arg, machine.peek(1)), 1)


EVENTS: dict[Do, Callable[[Machine, Op], Event]] = {
    Do.LOAD: _popping(0, 1),
    Do.STORE: _popping(1, 0),
    Do.DELETE: _popping(0, 0),
    Do.ATTR: _popping(1, 1),
    Do.STORE_ATTR: _popping(2, 0),
    Do.DELETE_ATTR: _popping(1, 0),
    Do.UNARY: _popping(1, 1),
    Do.BINARY: _popping(2, 1),
    Do.COMPARE: _popping(2, 1),
    Do.SUBSCR: _popping(2, 1),
    Do.STORE_SUBSCR: _popping(3, 0),
    Do.DELETE_SUBSCR: _popping(2, 0),
    Do.SLICE: lambda machine, op: Event(
        ("SLICE", op.arg, *machine.pops(1 + (cast("int", op.arg) & 1) + (cast("int", op.arg) >> 1))), 1
    ),
    Do.JOIN: _counted,
    Do.EXTEND: _grow,
    Do.APPEND: _grow,
    Do.TO_TUPLE: _popping(1, 1),
    Do.STORE_MAP: lambda machine, _: Event(("STORE_MAP", *machine.pops(2), machine.peek(1))),
    Do.CONVERT: _popping(1, 1),
    Do.FORMAT: lambda machine, op: Event(
        ("FORMAT", op.arg, *machine.pops(1 + bool(cast("tuple[str, bool]", op.arg)[1]))), 1
    ),
    Do.CALL: _call,
    Do.OLD_CALL: _old_call,
    Do.SPREAD_CALL: _spread_call,
    Do.GET_ITER: _popping(1, 1),
    Do.NEXT: _next,
    Do.RETURN: _end,
    Do.RAISE: _end,
    Do.YIELD: _popping(1, 1),
    Do.IMPORT: _popping(2, 1),
    Do.IMPORT_FROM: _from,
    Do.UNPACK: lambda machine, op: Event(("unpack", op.arg, machine.pop()), cast("int", op.arg)),
    Do.UNPACK_EX: lambda machine, op: Event(
        ("unpack", op.arg, machine.pop()), sum(cast("tuple[int, int]", op.arg)) + 1
    ),
}
