"""Where a program can go: successors and the points at which ways meet again. Plain jumps are seen through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Op

EXIT = -1
_ENDS = (Do.RETURN, Do.RAISE)


class Flow:
    """The graph of a program's operations."""

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self.ops = ops
        self.entry = self.thread(0)
        self.successors: dict[int, tuple[int, ...]] = {}
        order: list[int] = []
        pending = [self.entry]
        while pending:
            place = pending.pop()
            if place not in self.successors:
                self.successors[place] = self._after(place)
                order.append(place)
                pending += self.successors[place]
        self.joins = self._joins()

    def thread(self, place: int) -> int:
        """Return the first operation from here on that is no plain jump."""
        for _ in range(len(self.ops)):
            if not 0 <= place < len(self.ops):
                break
            if self.ops[place].do is not Do.JUMP:
                return place
            place = self.ops[place].target
        raise Undecodable("the code runs past its end")

    def next(self, place: int) -> int:
        """Return where the program goes on if it does not jump."""
        return self.thread(place + 1)

    def target(self, place: int) -> int:
        """Return where the program goes on if it jumps."""
        return self.thread(self.ops[place].target)

    def _after(self, place: int) -> tuple[int, ...]:
        op = self.ops[place]
        if op.do in _ENDS:
            return ()
        if op.do in (Do.BRANCH, Do.NEXT):
            return (self.next(place), self.target(place))
        return (self.next(place),)

    def _joins(self) -> dict[int, int]:
        """Return of each operation the next one that every way out of it comes to, `EXIT` if there is none."""
        predecessors: dict[int, list[int]] = {EXIT: []}
        for place, after in self.successors.items():
            for other in after or (EXIT,):
                predecessors.setdefault(other, []).append(place)
        order = _postorder(predecessors)
        number = {place: index for index, place in enumerate(order)}
        joins: dict[int, int] = {EXIT: EXIT}
        changed = True
        while changed:
            changed = False
            for place in reversed(order):
                if place == EXIT:
                    continue
                known = [other for other in self.successors[place] or (EXIT,) if other in joins]
                new = known[0]
                for other in known[1:]:
                    new = _meet(new, other, joins, number)
                if joins.get(place) != new:
                    joins[place] = new
                    changed = True
        return joins

    def reachable(self, place: int, stops: frozenset[int]) -> set[int]:
        """Return all operations on the ways from here up to the stops, these included."""
        found: set[int] = set()
        pending = [place]
        while pending:
            at = pending.pop()
            if at not in found:
                found.add(at)
                if at not in stops:
                    pending += self.successors[at]
        return found


def _postorder(predecessors: dict[int, list[int]]) -> list[int]:
    """Return the operations from which the end can be reached, the end last."""
    order: list[int] = []
    seen = {EXIT}
    stack = [(EXIT, iter(predecessors[EXIT]))]
    while stack:
        place, others = stack[-1]
        for other in others:
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(predecessors.get(other, []))))
                break
        else:
            order.append(place)
            stack.pop()
    return order


def _meet(one: int, other: int, joins: dict[int, int], number: dict[int, int]) -> int:
    while one != other:
        while number[one] < number[other]:
            one = joins[one]
        while number[other] < number[one]:
            other = joins[other]
    return one
