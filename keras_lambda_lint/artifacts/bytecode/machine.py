"""Runs a program in normal form on symbols, up to the next thing that a program can observe.

Moving values on the stack, constants, tuples and functions cannot be observed; all else is an event. What an event
yields is known only by the event's number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.events import EMPTY_TEXT, EVENTS, SILENT, Event, Term, truth, tuple_term
from keras_lambda_lint.artifacts.bytecode.normal import Do, Op, Program, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

OPPOSITES: dict[object, str] = {"is": "is", "is not": "is", "in": "in", "not in": "in"}
LONGEST_RUN = 20_000


@dataclass(slots=True)
class Machine:
    """The state of one program on one path."""

    ops: tuple[Op, ...]
    program_number: Callable[[Program], int]
    pc: int = 0
    stack: list[Term] = field(default_factory=list)
    stores: dict[object, Term] = field(default_factory=dict)
    """Assignments to locals since the last event: their order cannot be observed."""
    ended: bool = False
    steps: int = 0

    def copy(self) -> Machine:
        """Return an independent machine in the same state."""
        return Machine(
            self.ops,
            self.program_number,
            self.pc,
            list(self.stack),
            dict(self.stores),
            self.ended,
            self.steps,
        )

    # the stack

    def pop(self) -> Term:
        if not self.stack:
            raise Undecodable("a value is missing on the stack")
        return self.stack.pop()

    def pops(self, count: int) -> list[Term]:
        if count > len(self.stack):
            raise Undecodable("a value is missing on the stack")
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def peek(self, place: int) -> Term:
        if not 1 <= place <= len(self.stack):
            raise Undecodable("a value is missing on the stack")
        return self.stack[-place]

    def demand_values(self, count: int) -> None:
        """Raise `Undecodable` where a marker lies among the top values: only a call may touch it."""
        if any(term[0] == "null" for term in self.stack[-count:]):
            raise Undecodable("a marker of a call that is moved")

    # running

    def run(self, truths: dict[Term, bool]) -> Event:
        """Go on to the next event, and return it. The caller pushes what it yields, and says where a fork leads."""
        while True:
            self.steps += 1
            if self.steps > LONGEST_RUN or not 0 <= self.pc < len(self.ops):
                raise Undecodable("the code runs past its end")
            op = self.ops[self.pc]
            if self.stores and not self.is_silent(op, truths):
                event = Event(("stores", frozenset(self.stores.items())))
                self.stores = {}
                return event
            self.pc += 1
            event_or_none = self.step(op, truths)
            if event_or_none is not None:
                return event_or_none

    def is_silent(self, op: Op, truths: dict[Term, bool]) -> bool:
        if op.do is Do.STORE:
            return cast("Variable", op.arg).scope == "local"
        if op.do is Do.BRANCH:
            return truth(self.peek(1), truths) is not None
        return op.do in SILENT or (op.do is Do.BUILD and cast("tuple[str, int]", op.arg)[0] in ("tuple", "slice"))

    def step(self, op: Op, truths: dict[Term, bool]) -> Event | None:
        silent = SILENT.get(op.do)
        if silent is not None:
            silent(self, op)
            return None
        if op.do is Do.STORE and cast("Variable", op.arg).scope == "local":
            self.stores[op.arg] = self.pop()
            return None
        if op.do is Do.BRANCH:
            return self.branch(op, truths)
        if op.do is Do.COMPARE and op.arg in OPPOSITES and self.is_tested():
            # Surely a bool: the comparison and its test are one, and the opposite is the same with the ways exchanged.
            return Event((op.do.name, OPPOSITES[op.arg], *self.pops(2)), forks=True)
        if op.do is Do.UNARY and op.arg == "not" and self.is_tested():
            return Event(("truth", self.pop()), forks=True)
        if op.do is Do.BUILD:
            return self.build(*cast("tuple[str, int]", op.arg))
        event = EVENTS.get(op.do)
        if event is None:
            raise Undecodable(f"the instruction {op.arg!r}" if op.do is Do.UNSUPPORTED else op.do.name)
        return event(self, op)

    def branch(self, op: Op, truths: dict[Term, bool]) -> Event | None:
        known = truth(self.peek(1), truths)
        if known is None:
            return Event(("truth", self.pop()), forks=True)
        self.pop()
        self.turn(op, known)
        return None

    def turn(self, op: Op, truth: bool) -> None:
        """Go where a test leads whose value is known."""
        if op.arg is truth:
            self.pc = op.target

    def is_tested(self) -> bool:
        """Return whether what comes next tests the top value. Then `not` and that test are one."""
        place = self.pc
        while place < len(self.ops) and self.ops[place].do in (Do.JUMP, Do.COPY):
            place = self.ops[place].target if self.ops[place].do is Do.JUMP else place + 1
            self.steps += 1
            if self.steps > LONGEST_RUN:
                return False
        return place < len(self.ops) and self.ops[place].do is Do.BRANCH

    def build(self, kind: str, count: int) -> Event | None:
        if kind == "keyed":
            keys = self.pop()
            values = self.pops(count)
            names = cast("tuple[object, ...]", keys[1])
            if keys[0] != "const" or names[0] != "tuple" or len(names) != count + 1:
                raise Undecodable("keys that are no constant")
            items = [part for name, value in zip(names[1:], values, strict=True) for part in (("const", name), value)]
            return Event(("build", "map", *items), 1)
        parts = self.pops(2 * count if kind == "map" else count)
        if kind == "string":
            # 3.12 puts an empty text behind some format specifications.
            parts = [part for part in parts if part != EMPTY_TEXT]
            if len(parts) == 1:
                self.stack.append(parts[0])
                return None
        if kind == "tuple":
            self.stack.append(tuple_term(parts))
            return None
        if kind == "slice":
            self.stack.append(("slice", *parts))
            return None
        return Event(("build", kind, *parts), 1)
