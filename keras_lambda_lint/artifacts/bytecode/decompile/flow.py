"""Where a program can go: successors and the points at which ways meet again. Plain jumps are seen through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do, effect, key

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Op

EXIT = -1
_ENDS = (Do.RETURN, Do.RAISE)


class Flow:
    """The graph of a program's operations."""

    def __init__(self, ops: tuple[Op, ...], *, has_copies: bool) -> None:
        self.ops = ops
        self.has_copies = has_copies
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
        self.predecessors: dict[int, list[int]] = {EXIT: []}
        self.joins = self._joins()
        self.depths = stack_depths(self)

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
        predecessors = self.predecessors
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

    def demand_only_for_loops(self) -> None:
        """Raise `Undecodable` where the program comes back to a place other than through a `for`."""
        state: dict[int, bool] = {}
        for start in self.successors:
            pending = [] if start in state else [(start, iter(self._within(start)))]
            if pending:
                state[start] = False
            while pending:
                place, others = pending[-1]
                for other in others:
                    if state.get(other) is False:
                        raise Undecodable("a while loop")
                    if other not in state:
                        state[other] = False
                        pending.append((other, iter(self._within(other))))
                        break
                else:
                    state[place] = True
                    pending.pop()

    def _within(self, place: int) -> tuple[int, ...]:
        return tuple(other for other in self.successors[place] if self.ops[other].do is not Do.NEXT)

    def copies(self, place: int, depth: int) -> frozenset[int]:
        """Return where copies of one end of the function start, on all ways from here, with so many values on the stack.

        Since 3.10 the compiler copies a short end of a function to where it would jump to it. Empty if there is none.
        """
        if not self.has_copies:
            return frozenset()
        ends = [end for end in self.reachable(place, frozenset()) if self.ops[end].do is Do.RETURN]
        tails = [self._tail(end) for end in ends]
        found: frozenset[int] = frozenset()
        for step in zip(*tails, strict=False):
            if len({(self.ops[at].do, key(self.ops[at].arg)) for at in step}) != 1 or self.ops[step[0]].target >= 0:
                break
            if all(self._starts(at, depth) for at in step):
                found = frozenset(step)
        return found if len(tails) > 1 and not any(self.ops[at].do is Do.RETURN for at in found) else frozenset()

    def same_end(self, one: int, other: int) -> bool:
        """Return whether the function ends from both places on, without a choice, by the same operations."""
        while True:
            ops = (self.ops[one], self.ops[other])
            if ops[0].do is not ops[1].do or key(ops[0].arg) != key(ops[1].arg) or ops[0].do in (Do.BRANCH, Do.NEXT):
                return False
            if one == other or ops[0].do in _ENDS:
                return True
            one, other = self.next(one), self.next(other)

    def _starts(self, place: int, depth: int) -> bool:
        """Return whether a copied end can start here."""
        if self.depths[place] != depth or self.ops[place].at == self.ops[place - 1].at:
            return False
        # `f(x) if a else g(x)` and `(f if a else g)(x)` are one code: people write the first.
        return depth > 1 or not self._is_callee(place)

    def _is_callee(self, place: int) -> bool:
        """Return whether the only value on the stack is called, or asked for an attribute."""
        while self.ops[place].do is not Do.RETURN:
            op = self.ops[place]
            if op.do is Do.ATTR:
                return self.depths[place] == 1
            after = self.next(place)
            if self.depths[after] == 1:
                return op.do in (Do.CALL, Do.SPREAD_CALL, Do.OLD_CALL)
            place = after
        return False

    def _tail(self, end: int) -> list[int]:
        """Return the straight way to an end, backwards."""
        tail = [end]
        while len(self.predecessors[tail[-1]]) == 1:
            before = self.predecessors[tail[-1]][0]
            if len(self.successors[before]) != 1:
                break
            tail.append(before)
        return tail

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


def stack_depths(flow: Flow) -> dict[int, int]:
    """Return how many values lie on the stack before each operation."""
    depths = {flow.entry: 0}
    pending = [flow.entry]
    while pending:
        place = pending.pop()
        op = flow.ops[place]
        after = depths[place] + effect(op)
        for index, other in enumerate(flow.successors[place]):
            depth = after - (2 if op.do is Do.NEXT and index else 0)
            if other not in depths:
                depths[other] = depth
                pending.append(other)
    return depths
