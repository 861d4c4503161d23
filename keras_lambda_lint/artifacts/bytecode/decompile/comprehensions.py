"""Reads comprehensions, in a function of their own or inside another."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.conditions import Leaf, Test, negated, reduced
from keras_lambda_lint.artifacts.bytecode.decompile.expressions import Ends, ExpressionReader
from keras_lambda_lint.artifacts.bytecode.decompile.values import Item, Iterator, Saved, Stack, expression
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Variable
    from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Comprehension


class FilterEnds(Ends):
    """Each way leads to the loop's next turn or to the loop's body."""

    def __init__(self, reader: ExpressionReader, head: int) -> None:
        super().__init__(reader, frozenset({head}))
        self.again = Leaf(head)
        self.body: Leaf | None = None
        self.place = -1
        self.stack = Stack()

    def leaf(self, place: int, stack: Stack) -> Leaf | None:
        return self.again if place in self.join else None

    def reached(self, start: int, place: int, stack: Stack) -> Leaf:
        if self.body is not None:
            raise Undecodable("a comprehension with two bodies")
        self.body = Leaf(start)
        self.place, self.stack = place, stack
        return self.body


class ComprehensionReader(ExpressionReader):
    """Reads the comprehensions of one program."""

    def own(self) -> Comprehension:
        """Return the comprehension that the whole program is, without its first iterable."""
        stack = Stack()
        place = self.flow.entry
        while self.ops[place].do is not Do.NEXT:
            self.one(place, stack)
            place = self.flow.next(place)
        if self.program.generator:
            stack.insert(len(stack) - 1, ast.Constant(None))
        node, _ = self.loops(place, stack)
        return node

    def comprehension(self, place: int, stack: Stack) -> int:
        """Read the comprehension whose loop starts here, and return where it is done."""
        node, done = self.loops(place, stack)
        del stack[-2:]
        stack.append(node)
        if any(isinstance(value, Saved) for value in stack):
            done = self.restore(done, stack)
        return done

    def restore(self, place: int, stack: Stack) -> int:
        """Skip what gives the locals back that an inlined comprehension has put aside."""
        while any(isinstance(value, Saved) for value in stack):
            op = self.ops[place]
            if op.do is not Do.SWAP and not (op.do is Do.STORE and isinstance(stack[-1], Saved)):
                break
            self.one(place, stack)
            place = self.flow.next(place)
        return place

    def stored(self, place: int, stack: Stack) -> None:
        value = stack.peek(1)
        if not isinstance(value, Saved):
            super().stored(place, stack)
            return
        stack.take()
        variable = cast("Variable", self.ops[place].arg)
        if value.name != variable.name:
            raise Undecodable("a local that is given back under another name")

    def loops(self, place: int, stack: Stack) -> tuple[Comprehension, int]:
        """Return a comprehension from its first loop on, and where it is done."""
        container = stack[-2]
        self.containers.append(container)
        generators: list[ast.comprehension] = []
        done = self.flow.target(place)
        parts = self.clause(place, Stack(stack), generators)
        self.containers.pop()
        if isinstance(container, ast.Dict):
            return ast.DictComp(parts[0], parts[1], generators), done
        if len(parts) != 1:
            raise Undecodable("a comprehension with two values")
        if isinstance(container, ast.List):
            return ast.ListComp(parts[0], generators), done
        if isinstance(container, ast.Set):
            return ast.SetComp(parts[0], generators), done
        return ast.GeneratorExp(parts[0], generators), done

    def clause(self, head: int, stack: Stack, generators: list[ast.comprehension]) -> list[ast.expr]:
        """Read one `for` with its tests and all inside it. Return what the innermost adds to the container."""
        source = stack.peek(1)
        if not isinstance(source, Iterator):
            raise Undecodable("a loop over nothing")
        item = Item()
        stack.append(item)
        place = self.targets(self.flow.next(head), stack, item)
        generator = ast.comprehension(item.target or ast.Name("_", ast.Store()), source.source, [], 0)
        generators.append(generator)
        place = self.advance(place, stack, frozenset({head}))
        if place != head and self.ops[place].do is Do.BRANCH:
            ends = FilterEnds(self, head)
            test = reduced(self.tests(place, stack, ends.join, ends))
            if not isinstance(test, Test) or ends.body is None:
                raise Undecodable("a test in a comprehension")
            generator.ifs.append(test.condition if test.yes is ends.body else negated(test.condition))
            place, stack = ends.place, ends.stack
        if place == head:
            raise Undecodable("a comprehension without a body")
        return self.body(place, stack, head, generators)

    def targets(self, place: int, stack: Stack, item: Item) -> int:
        while item.target is None:
            self.budget.spend()
            if self.ops[place].do not in (Do.STORE, Do.UNPACK, Do.UNPACK_EX):
                raise Undecodable("a loop in a comprehension without a target")
            self.one(place, stack)
            place = self.flow.next(place)
        return place

    def body(self, place: int, stack: Stack, head: int, generators: list[ast.comprehension]) -> list[ast.expr]:
        op = self.ops[place]
        if op.do is Do.NEXT:
            if self.flow.target(place) != head:
                raise Undecodable("code after a loop in a comprehension")
            return self.clause(place, stack, generators)
        if op.do is Do.YIELD:
            after = self.flow.next(place)
            parts = stack.expressions(1)
            if self.ops[after].do is not Do.POP:
                raise Undecodable("a generator that is sent values")
            place = after
        elif op.do is Do.APPEND:
            kind = op.arg[0] if isinstance(op.arg, tuple) else ""
            parts = stack.expressions(2 if "map" in str(kind) else 1)
            if kind == "reversed map":
                parts.reverse()
        else:
            raise Undecodable(f"{op.do.name} in a comprehension")
        if self.flow.next(place) != head:
            raise Undecodable("code after the value of a comprehension")
        return [expression(part) for part in parts]
