"""Reads `if`, `for` and what leaves them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.assignments import AssignmentReader
from keras_lambda_lint.artifacts.bytecode.decompile.builder import ASSERTED
from keras_lambda_lint.artifacts.bytecode.decompile.conditions import Leaf, Test, negated, reduced
from keras_lambda_lint.artifacts.bytecode.decompile.expressions import Ends
from keras_lambda_lint.artifacts.bytecode.decompile.values import Item, Iterator, Stack
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version
    from keras_lambda_lint.artifacts.bytecode.decompile.expressions import Budget, ExpressionReader
    from keras_lambda_lint.artifacts.bytecode.normal import Program


@dataclass(eq=False)
class Loop:
    """A `for` that is being read."""

    head: int
    done: int
    """Where it goes on when nothing is left."""
    end: int | None = None
    """Where a `break` goes, if that is past an `else`."""


class PlaceEnds(Ends):
    """Each way leads to a place where statements go on."""

    def __init__(self, reader: ExpressionReader, join: frozenset[int], depth: int) -> None:
        super().__init__(reader, join)
        self.depth = depth
        self.leaves: dict[int, Leaf] = {}

    def is_end(self, place: int) -> bool:
        return False

    def leaf(self, place: int, stack: Stack) -> Leaf | None:
        if len(stack) != self.depth:
            return None
        return self.failed(place) if place in self.join else None

    def failed(self, start: int) -> Leaf:
        flow = self.reader.flow
        if flow.has_copies:
            start = next((known for known in self.leaves if flow.same_end(known, start)), start)
        return self.leaves.setdefault(start, Leaf(start))

    def reached(self, start: int, place: int, stack: Stack) -> Leaf:
        return self.failed(start)


class StatementReader(AssignmentReader):
    """Reads the statements of one program."""

    def __init__(self, program: Program, version: Version, budget: Budget) -> None:
        super().__init__(program, version, budget)
        self.loops_around: dict[int, Loop] = {}
        self.heads: set[int] = set()
        self.is_test = False
        """Whether what is read is the test of an `if`: what makes no expression then ends it."""

    def whole(self) -> list[ast.stmt]:
        """Return all statements of the function."""
        self.flow.demand_only_for_loops()
        body, _ = self.block(self.flow.entry, Stack(), frozenset())
        _without_last_return(body)
        first: list[ast.stmt] = []
        if self.declared["global"]:
            first.append(ast.Global(sorted(self.declared["global"])))
        if self.declared["deref"]:
            first.append(ast.Nonlocal(sorted(self.declared["deref"])))
        return [*first, *body]

    def block(self, place: int, stack: Stack, stops: frozenset[int]) -> tuple[list[ast.stmt], int | None]:
        """Return the statements from here to a stop, and which stop it is; None if no way leads on."""
        around = (self.sink, self.base)
        statements: list[ast.stmt] = []
        self.sink, self.base = statements, len(stack)
        at: int | None = place
        while at is not None and at not in stops:
            at = self.statement(at, stack, stops)
        self.sink, self.base = around
        return statements, at

    def statement(self, place: int, stack: Stack, stops: frozenset[int]) -> int | None:
        """Read on to the end of a statement that is more than an expression. Return where the next one starts."""
        place = self.advance(place, stack, stops)
        if place in stops:
            return place
        op = self.ops[place]
        if op.do is Do.RETURN:
            (value,) = stack.expressions(1)
            self.add(ast.Return(value))
            return None
        if op.do is Do.RAISE:
            self.raised(cast("int", op.arg), stack)
            return None
        if op.do is Do.NEXT:
            return self.loop(place, stack)
        if op.do is Do.POP:
            return self.left(place, stack)
        if op.do is Do.BRANCH:
            return self.choice(place, stack, stops)
        raise Undecodable(f"{op.do.name} in a function")

    def ends(self, place: int, stack: Stack) -> bool:
        if self.sink is not None and self.ops[place].do is Do.POP and stack and isinstance(stack[-1], Iterator):
            return True
        return super().ends(place, stack)

    def chosen(self, place: int, stack: Stack, join: frozenset[int]) -> bool:
        if self.sink is None and not self.is_test:
            return super().chosen(place, stack, join)
        before, around = Stack(stack), (self.sink, self.is_test)
        self.sink, self.is_test = None, False
        try:
            self.decide(place, stack, join)
        except Undecodable:
            stack[:] = before
            return False
        finally:
            self.sink, self.is_test = around
        return True

    def raised(self, count: int, stack: Stack) -> None:
        if count > 2 or (count == 2 and self.version < (3, 0)):
            raise Undecodable("a raise of Python 2")
        parts = stack.expressions(count)
        self.add(ast.Raise(*parts))

    # loops

    def loop(self, place: int, stack: Stack) -> int:
        iterator = stack.peek(1)
        if not isinstance(iterator, Iterator):
            raise Undecodable("a loop over nothing")
        loop = Loop(place, self.flow.target(place))
        self.loops_around[id(iterator)] = loop
        self.heads.add(place)
        self.alive.append(iterator)
        item = Item()
        inner = Stack([*stack, item])
        start = self.targets(self.flow.next(place), inner, item)
        body, _ = self.block(start, inner, frozenset({place}))
        stack.take()
        orelse: list[ast.stmt] = []
        after = loop.done
        if loop.end is not None:
            orelse, _ = self.block(loop.done, Stack(stack), frozenset({loop.end}))
            after = loop.end
        target = item.target or ast.Name("_", ast.Store())
        self.add(ast.For(target, iterator.source, body or [ast.Pass()], orelse, lineno=1))
        return after

    def left(self, place: int, stack: Stack) -> int | None:
        """Read what drops a loop's iterator: a `break`, or a `return` from inside the loop."""
        loop = self.loops_around.get(id(stack.take()))
        after = self.flow.next(place)
        if loop is None:
            raise Undecodable("a loop that is left in an unusual way")
        if len(stack) >= self.base:
            # A value lies there that is to be returned.
            return after
        if after == loop.done or after == loop.end:
            self.add(ast.Break())
            return None
        past = self.flow.reachable(loop.done, frozenset())
        end = after if after in past else next((at for at in sorted(past) if self.flow.same_end(at, after)), None)
        if end is None or loop.end not in (None, end):
            return after
        if end != loop.done:
            loop.end = end
        self.add(ast.Break())
        return None

    # choices

    def choice(self, place: int, stack: Stack, stops: frozenset[int]) -> int | None:
        """Read an `if`, or an expression that is the last thing of the function."""
        before, sink = Stack(stack), self.sink
        self.sink, self.is_test = None, True
        try:
            test = reduced(self.tests(place, stack, stops, PlaceEnds(self, stops, self.base)))
        finally:
            self.sink, self.is_test = sink, False
        if not isinstance(test, Test):
            raise Undecodable("a choice without a test")
        if len(before) - 1 > self.base and not self.is_chain(before):
            return self.expression_choice(place, before, stack)
        stack[:] = before[: self.base]
        condition, body, orelse = test.condition, test.yes, test.no
        first = self.is_assertion(orelse.place) or _order(orelse, place, stops) < _order(body, place, stops)
        if first and not self.is_assertion(body.place):
            condition, body, orelse = negated(condition), orelse, body
        if self.is_assertion(body.place):
            return self.branches(condition, body.place, orelse.place, stack, stops)
        if orelse.place in self.heads and orelse.place in stops and self.jumps_at_once(place, orelse.place):
            self.add(ast.If(negated(condition), [ast.Continue()], []))
            return body.place
        return self.branches(condition, body.place, orelse.place, stack, stops)

    def is_assertion(self, place: int) -> bool:
        """Return whether an `assert` fails here (3.9 on)."""
        return self.ops[place].do is Do.ASSERTION_ERROR

    def jumps_at_once(self, place: int, head: int) -> bool:
        """Return whether one side of a test is a jump of its own to the loop's next turn: a `continue`."""
        after = self.ops[place + 1]
        return after.do is Do.JUMP and self.flow.thread(place + 1) == head

    def is_chain(self, stack: Stack) -> bool:
        condition = stack[-1]
        return isinstance(condition, ast.Compare) and len(stack) - 2 == self.base

    def expression_choice(self, place: int, before: Stack, stack: Stack) -> int | None:
        stack[:] = before
        sink, self.sink = self.sink, None
        self.decide(place, stack, self.join(place, before))
        self.sink = sink
        self.add(ast.Return(stack.expressions(1)[0]))
        return None

    def branches(self, condition: ast.expr, body: int, orelse: int, stack: Stack, stops: frozenset[int]) -> int | None:
        """Read both ways of an `if` up to where they meet. Return where statements go on."""
        common = self.flow.reachable(body, stops) & self.flow.reachable(orelse, stops)
        forward = sorted(at for at in common if at >= min(body, orelse) or at in stops)
        join = next((at for at in forward if at not in stops), forward[0] if forward else None)
        inner = stops if join is None else stops | {join}
        first, first_end = self.block(body, Stack(stack), inner)
        second, second_end = self.block(orelse, Stack(stack), inner)
        ends = {end for end in (first_end, second_end) if end is not None}
        if join is not None and ends - {join}:
            raise Undecodable("ways that cross")
        if len(ends) > 1:
            raise Undecodable("ways that part for good")
        if first_end is None and second_end is None:
            self.add_ended(condition, first, second)
        elif first_end is None:
            self.add_choice(condition, first, [])
            for statement in second:
                self.add(statement)
        else:
            self.add_choice(condition, first, second)
        return next(iter(ends), None)

    def add_ended(self, condition: ast.expr, first: list[ast.stmt], second: list[ast.stmt]) -> None:
        """Add an `if` both ways of which end the function. Since 3.10 they end with copies of the same statements."""
        same = 0
        if self.version >= (3, 10):
            while same < min(len(first) - 1, len(second)) and ast.dump(first[-1 - same]) == ast.dump(second[-1 - same]):
                same += 1
        if same:
            self.add_choice(condition, first[:-same], second[: len(second) - same])
            rest = second[len(second) - same :]
        else:
            self.add_choice(condition, first, [])
            rest = second
        for statement in rest:
            self.add(statement)

    def add_choice(self, condition: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        message = _assertion(body, self.version) if not orelse else None
        if message is not None:
            self.add(ast.Assert(negated(condition), *message))
        elif body or not orelse:
            self.add(ast.If(condition, body or [ast.Pass()], orelse))
        else:
            self.add(ast.If(negated(condition), orelse, []))


def _order(node: Test | Leaf, place: int, stops: frozenset[int]) -> tuple[bool, int]:
    """Return what sorts by the place in the code; what leads back or out comes last."""
    return (node.place in stops or node.place < place, node.place)


def _assertion(body: list[ast.stmt], version: Version) -> list[ast.expr] | None:
    """Return the message, if any, of an `assert` whose failing side this is."""
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].cause is not None:
        return None
    raised: ast.expr | None = body[0].exc
    message: list[ast.expr] = []
    if isinstance(raised, ast.Call) and len(raised.args) == 1 and not raised.keywords:
        message = raised.args
        raised = raised.func
    if not isinstance(raised, ast.Name) or raised.id != "AssertionError":
        return None
    return message if version < (3, 9) or getattr(raised, ASSERTED, False) else None


def _without_last_return(body: list[ast.stmt]) -> None:
    """Remove `return None` where the function ends anyway."""
    if not body:
        return
    last = body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is None:
        del body[-1]
    elif isinstance(last, ast.If):
        for part in (last.body, last.orelse):
            _without_last_return(part)
        if not last.body:
            last.body.append(ast.Pass())
