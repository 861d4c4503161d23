"""Shows that two programs in normal form do the same things in the same order, on every path."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.events import Event, Term
from keras_lambda_lint.artifacts.bytecode.machine import Machine
from keras_lambda_lint.artifacts.bytecode.normal import Do, Program, key

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Op

MOST_STATES = 20_000


def difference(first: Program, second: Program) -> str | None:
    """Return None if both programs do the same on every path, else where they part, for a person.

    Equal means: the same events (loads, calls, operators, tests, stores, ...) on the same values in the same order.
    What CPython's own compiler takes as unobservable is not compared: where jumps go, copies on the stack, and the
    order of assignments to locals between which nothing happens. Raises `Undecodable` if a program cannot be run to its
    end on symbols.
    """
    return _Comparison().difference(first, second)


class _Comparison:
    def __init__(self) -> None:
        self.kinds: list[Program] = []
        """One program of each kind of nested functions that do the same."""
        self.numbers: dict[Program, int] = {}
        self.states = 0

    def difference(self, first: Program, second: Program) -> str | None:
        for what in ("name", "signature", "generator", "doc"):
            one, other = getattr(first, what), getattr(second, what)
            if one != other:
                return f"{what}: {one!r} and {other!r}"
        if set(first.free) != set(second.free):
            return f"free variables: {first.free} and {second.free}"
        pairs = [(Machine(first.ops, self.number), Machine(second.ops, self.number), dict[Term, bool]())]
        seen: set[object] = set()
        events = 0
        while pairs:
            one_machine, other_machine, truths = pairs.pop()
            state = _canonical(one_machine, other_machine, truths)
            if state in seen:
                continue
            seen.add(state)
            while True:
                self.states += 1
                if self.states > MOST_STATES:
                    raise Undecodable("too many paths")
                one_event, other_event = one_machine.run(truths), other_machine.run(truths)
                if one_event != other_event or one_machine.ended != other_machine.ended:
                    return f"{describe(one_event)} and {describe(other_event)}"
                if one_event.forks:
                    pairs += _fork(one_machine, other_machine, one_event, truths, events)
                    events += 1
                    break
                if one_machine.ended:
                    break
                values = [("event", events, index) for index in range(one_event.yields)]
                events += 1
                # The first item of an unpacked sequence ends up on top.
                one_machine.stack += reversed(values)
                other_machine.stack += reversed(values)
        return None

    def number(self, program: Program) -> int:
        """Return the same number for nested functions that do the same."""
        if program not in self.numbers:
            for index, known in enumerate(self.kinds):
                # Functions that nest to different depths differ: without this, comparing them would never end.
                if _height(known) == _height(program) and self.difference(known, program) is None:
                    self.numbers[program] = index
                    break
            else:
                self.kinds.append(program)
                self.numbers[program] = len(self.kinds) - 1
        return self.numbers[program]


def _height(program: Program) -> int:
    return 1 + max((_height(op.arg) for op in program.ops if isinstance(op.arg, Program)), default=0)


def _fork(
    one: Machine, other: Machine, event: Event, truths: dict[Term, bool], events: int
) -> list[tuple[Machine, Machine, dict[Term, bool]]]:
    found = []
    for way in (True, False):
        machines = (one.copy(), other.copy())
        known = dict(truths)
        for machine in machines:
            op = machine.ops[machine.pc - 1]
            if op.do is Do.NEXT:
                _next(machine, op, way, events)
            elif op.do is Do.COMPARE:
                machine.stack.append(("const", key(way is not ("not" in str(op.arg)))))
            elif op.do is Do.UNARY:
                machine.stack.append(("const", key(not way)))
            else:
                machine.turn(op, way)
        if event.what[0] == "truth":
            known[cast("Term", event.what[1])] = way
        found.append((*machines, known))
    return found


def _next(machine: Machine, op: Op, has_value: bool, events: int) -> None:
    if has_value:
        machine.stack.append(("event", events, 0))
    else:
        machine.pop()
        machine.pc = op.target


def _canonical(one: Machine, other: Machine, truths: dict[Term, bool]) -> object:
    """Return the state of both machines with events numbered in the order in which the stacks name them."""
    numbers: dict[object, int] = {}

    def renamed(term: object) -> object:
        if isinstance(term, tuple):
            if term[:1] == ("event",):
                return ("event", numbers.setdefault(term[1], len(numbers)), term[2])
            return tuple([renamed(part) for part in term])
        return term

    stacks = [[renamed(term) for term in machine.stack] for machine in (one, other)]
    known = frozenset(
        (renamed(term), value) for term, value in truths.items() if term[0] == "event" and term[1] in numbers
    )
    return (one.pc, other.pc, *map(tuple, stacks), known)


def describe(event: Event) -> str:
    """Return an event as a person reads it."""
    return " ".join(_plain(part) for part in event.what)


def _plain(part: object) -> str:
    if isinstance(part, tuple) and part[:1] == ("event",):
        return f"#{part[1]}"
    if isinstance(part, tuple) and part[:1] == ("const",) and isinstance(part[1], tuple):
        return repr(part[1][-1])
    return str(part)
