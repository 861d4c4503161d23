"""Reads expressions: straight code, the tests inside it, and comprehensions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.builder import IN_PLACE, apply
from keras_lambda_lint.artifacts.bytecode.decompile.conditions import KEPT, Leaf, Test, reduced
from keras_lambda_lint.artifacts.bytecode.decompile.flow import EXIT, Flow
from keras_lambda_lint.artifacts.bytecode.decompile.guards import without_guards
from keras_lambda_lint.artifacts.bytecode.decompile.values import Item, Iterator, Stack, Value, expression
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version
    from keras_lambda_lint.artifacts.bytecode.normal import Program, Variable

MOST_STEPS = 60_000
_ON_STACK = (Do.POP, Do.SWAP, Do.ROTATE, Do.COPY)
NO_STOPS: frozenset[int] = frozenset()


@dataclass
class Budget:
    """The steps that are left for one function and all inside it."""

    steps: int = MOST_STEPS

    def spend(self) -> None:
        """Count one step. Raises `Undecodable` when there are none left."""
        self.steps -= 1
        if self.steps < 0:
            raise Undecodable("too many steps")


class Ends:
    """What tests may lead to."""

    def __init__(self, reader: ExpressionReader, join: frozenset[int]) -> None:
        self.reader = reader
        self.join = join

    def is_end(self, place: int) -> bool:
        """Return whether all ways have met here."""
        return place in self.join or (EXIT in self.join and self.reader.ops[place].do is Do.RETURN)

    def kept(self, stack: Stack) -> None:
        """Note that the tested value is the result. Raises `Undecodable` where there is none."""
        raise Undecodable("a tested value that is a result")

    def leaf(self, place: int, stack: Stack) -> Leaf | None:
        """Return the end if nothing is to be read before it."""
        return None

    def failed(self, start: int) -> Leaf:
        """Return the end of a way that makes no expression. Called while that is handled as an error."""
        raise

    def reached(self, start: int, place: int, stack: Stack) -> Leaf:
        """Return the end of a way on which all is read up to `place`."""
        raise Undecodable("a way out of an expression")


class ValueEnds(Ends):
    """Each way leaves a value on the stack."""

    def __init__(self, reader: ExpressionReader, join: frozenset[int], twins: bool) -> None:
        super().__init__(reader, join)
        self.depths: set[int] = set()
        """How many values lie below the result."""
        self.twins = twins
        """Whether equal values are one: since 3.10 the compiler writes the end of a function more than once."""
        self.leaves: dict[str, Leaf] = {}

    def kept(self, stack: Stack) -> None:
        self.depths.add(len(stack) - 1)

    def reached(self, start: int, place: int, stack: Stack) -> Leaf:
        if not self.is_end(place):
            return super().reached(start, place, stack)
        value = expression(stack.take())
        if getattr(value, IN_PLACE, False):
            raise Undecodable("a choice between assignments in place")
        self.depths.add(len(stack))
        leaf = Leaf(start, value)
        return self.leaves.setdefault(ast.dump(value), leaf) if self.twins else leaf


class ExpressionReader:
    """Reads the expressions of one program."""

    def __init__(self, program: Program, version: Version, budget: Budget) -> None:
        self.program = program
        self.version = version
        self.budget = budget
        self.ops = without_guards(program.ops)
        self.flow = Flow(self.ops, has_copies=version >= (3, 10))
        self.containers: list[Value] = []
        """What the comprehensions that are being read fill."""
        self.copied: set[int] = set()
        self.alive: list[Value] = []
        """All values ever copied: keeps the numbers in `copied` unique."""

    def comprehension(self, place: int, stack: Stack) -> int:
        raise NotImplementedError

    # straight code

    def advance(self, place: int, stack: Stack, stops: frozenset[int]) -> int:
        """Run to the next operation that ends an expression, and return its place: a stop, or one that
        `self.ends` holds for.
        """
        while place not in stops:
            self.budget.spend()
            op = self.ops[place]
            if op.do is Do.BRANCH:
                join = self.join(place, stack)
                if EXIT in join or join & stops or not self.chosen(place, stack, join):
                    return place
                place = min(join)
            elif op.do is Do.NEXT:
                if not self.is_comprehension(stack):
                    return place
                place = self.comprehension(place, stack)
            elif self.ends(place, stack):
                return place
            else:
                self.one(place, stack)
                place = self.flow.next(place)
        return place

    def chosen(self, place: int, stack: Stack, join: frozenset[int]) -> bool:
        """Read tests that choose a value. Return False, with nothing changed, where they are no expression."""
        self.decide(place, stack, join)
        return True

    def join(self, place: int, stack: Stack) -> frozenset[int]:
        """Return where the ways from a branch meet. Several places are copies of one (3.10 on)."""
        join = self.flow.joins.get(place, EXIT)
        if join != EXIT:
            return frozenset({join})
        condition = stack.peek(1)
        below = stack[:-1]
        while below and below[-1] is stack[-1]:
            del below[-1]
        if below and isinstance(condition, ast.Compare) and condition.comparators[-1] is below[-1]:
            del below[-1]
        return self.flow.copies(place, len(below) + 1) or frozenset({EXIT})

    def ends(self, place: int, stack: Stack) -> bool:
        """Return whether the operation is more than a part of an expression."""
        op = self.ops[place]
        if op.do in (Do.RETURN, Do.RAISE, Do.YIELD):
            return True
        if op.do is Do.APPEND:
            kind, depth = cast("tuple[str, int]", op.arg)
            depth += 2 if "map" in kind else 1
            return depth <= len(stack) and any(stack[-depth] is each for each in self.containers)
        return False

    def one(self, place: int, stack: Stack) -> None:
        """Do one operation of straight code."""
        op = self.ops[place]
        if op.do is Do.COPY:
            value = stack.peek(cast("int", op.arg))
            self.copied.add(id(value))
            self.alive.append(value)
        if op.do is Do.POP:
            self.dropped(place, stack)
        elif op.do is Do.STORE:
            self.stored(place, stack)
        elif op.do in (Do.FUNCTION, Do.SET_PART):
            self.made(place, stack)
        else:
            apply(op, stack)

    def made(self, place: int, stack: Stack) -> None:
        raise NotImplementedError

    def dropped(self, place: int, stack: Stack) -> None:
        if id(stack.take()) not in self.copied:
            raise Undecodable("a value that is not used")

    def stored(self, place: int, stack: Stack) -> None:
        """Read `name := value`: the value is stored and stays."""
        variable = cast("Variable", self.ops[place].arg)
        value = stack.take()
        if isinstance(value, Item):
            if self.given(value, ast.Name(variable.name, ast.Store())) is not None:
                raise Undecodable("an assignment in an expression")
        elif stack and stack[-1] is value:
            stack[-1] = ast.NamedExpr(ast.Name(variable.name, ast.Store()), expression(value))
        else:
            raise Undecodable("an assignment in an expression")

    def given(self, item: Item, target: ast.expr) -> tuple[ast.expr, Value] | None:
        """Note the target of an item. Return what is assigned if that was the last one of an unpacking."""
        item.target = target
        group = item.group
        if group is None or any(each.target is None for each in group.items):
            return None
        targets: list[ast.expr] = [each.target for each in group.items if each.target is not None]
        if group.star >= 0:
            targets[group.star] = ast.Starred(targets[group.star], ast.Store())
        whole = ast.Tuple(targets, ast.Store())
        if isinstance(group.source, Item):
            return self.given(group.source, whole)
        return whole, group.source

    # tests

    def decide(self, place: int, stack: Stack, join: frozenset[int]) -> None:
        """Read the tests from here to where their ways meet, and push the value that they choose."""
        for twins in (False, True):
            ends = ValueEnds(self, join, twins)
            found = reduced(self.tests(place, stack, join, ends))
            if isinstance(found, Leaf) and found.value is not None and len(ends.depths) == 1:
                del stack[ends.depths.pop() :]
                stack.append(found.value)
                return
        raise Undecodable("tests that make no expression")

    def tests(self, place: int, stack: Stack, join: frozenset[int], ends: Ends) -> Test:
        """Return the graph of the tests from a branch on to a join."""
        known: dict[object, Test | Leaf] = {}

        def test(start: int, place: int, stack: Stack) -> Test:
            condition = stack.take()
            when = bool(self.ops[place].arg)
            jumped = after(self.flow.target(place), stack, condition, when)
            passed = after(self.flow.next(place), stack, condition, not when)
            yes, no = (jumped, passed) if when else (passed, jumped)
            return Test(start, expression(condition), yes, no)

        def after(place: int, stack: Stack, condition: Value, truth: bool) -> Test | Leaf:
            stack = Stack(stack)
            place = self.settle(place, stack, condition, truth, join)
            if stack and stack[-1] is condition and ends.is_end(place):
                ends.kept(stack)
                return KEPT
            state = (place, tuple(map(id, stack)))
            self.alive += stack
            if state not in known:
                known[state] = ends.leaf(place, stack) or further(place, stack)
            return known[state]

        def further(start: int, stack: Stack) -> Test | Leaf:
            try:
                place = self.advance(start, stack, join)
            except Undecodable:
                return ends.failed(start)
            if place not in join and self.ops[place].do is Do.BRANCH:
                return test(start, place, stack)
            return ends.reached(start, place, stack)

        return test(place, place, Stack(stack))

    def settle(self, place: int, stack: Stack, condition: Value, truth: bool, join: frozenset[int]) -> int:
        """Skip what only moves values about, and tests of what was just tested."""
        while place not in join:
            self.budget.spend()
            op = self.ops[place]
            if op.do is Do.BRANCH and stack and stack[-1] is condition:
                stack.take()
                place = self.flow.target(place) if op.arg is truth else self.flow.next(place)
            elif op.do is Do.POP and not (stack and (stack[-1] is condition or id(stack[-1]) in self.copied)):
                break
            elif op.do in _ON_STACK:
                self.one(place, stack)
                place = self.flow.next(place)
            else:
                break
        return place

    # comprehensions

    def is_comprehension(self, stack: Stack) -> bool:
        """Return whether the loop that starts now fills a list, set or dictionary that is new and empty."""
        if len(stack) < 2 or not isinstance(stack[-1], Iterator):
            return False
        container = stack[-2]
        return (isinstance(container, (ast.List, ast.Set)) and not container.elts) or (
            isinstance(container, ast.Dict) and not container.keys
        )
