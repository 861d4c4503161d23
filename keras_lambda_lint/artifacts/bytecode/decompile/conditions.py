"""Turns tests and the ways between them back into `and`, `or`, `not`, `if ... else` and chained comparisons."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable


@dataclass(eq=False)
class Leaf:
    """Where tests end: with a value, or at a place where the program goes on."""

    place: int
    """Of several, the one that stands first in the code comes first in the source."""
    value: ast.expr | None = None


@dataclass(eq=False)
class Test:
    """A test and what comes after it."""

    place: int
    condition: ast.expr
    yes: Test | Leaf
    no: Test | Leaf


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
KEPT = Leaf(-1)
"""The tested value itself is the result."""


def reduced(root: Test) -> Test | Leaf:
    """Return the tests below `root` as one leaf with a value, or as one test between two leaves.

    Raises `Undecodable` where they have no such form.
    """
    node: Test | Leaf = root
    while isinstance(node, Test):
        tests = _tests(node)
        counts = _counts(tests)
        changed = False
        for test in reversed(tests):
            merged = _merged(test, counts)
            if merged is not None:
                node = _replaced(node, test, merged)
                changed = True
                break
        if not changed:
            return node
    return node


def _tests(root: Test) -> list[Test]:
    found: list[Test] = []
    pending: list[Test | Leaf] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Test) and node not in found:
            found.append(node)
            pending += [node.yes, node.no]
    return sorted(found, key=lambda test: test.place)


def _counts(tests: list[Test]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for test in tests:
        for after in (test.yes, test.no):
            counts[id(after)] = counts.get(id(after), 0) + 1
    return counts


def _replaced(root: Test, old: Test, new: Test | Leaf) -> Test | Leaf:
    if root is old:
        return new
    for test in _tests(root):
        if test.yes is old:
            test.yes = new
        if test.no is old:
            test.no = new
    return root


def _merged(test: Test, counts: dict[int, int]) -> Test | Leaf | None:
    """Return what a test and the one or two nodes after it are together, or None."""
    yes, no = test.yes, test.no
    if isinstance(yes, Test) and isinstance(no, Test) and counts[id(yes)] == counts[id(no)] == 1:
        if yes.yes is no.yes and yes.no is no.no and KEPT not in (yes.yes, yes.no):
            return Test(test.place, chosen(test.condition, yes, no), yes.yes, yes.no)
        return None
    if isinstance(yes, Test) and counts[id(yes)] == 1:
        if no is yes.no:
            return Test(test.place, both(test.condition, yes.condition), yes.yes, no)
        if no is yes.yes and no is not KEPT:
            return Test(test.place, both(test.condition, negated(yes.condition)), yes.no, no)
    if isinstance(no, Test) and counts[id(no)] == 1:
        if yes is no.yes:
            return Test(test.place, either(test.condition, no.condition), yes, no.no)
        if yes is no.no and yes is not KEPT:
            return Test(test.place, either(test.condition, negated(no.condition)), yes, no.yes)
    return _leaf(test, counts)


def _leaf(test: Test, counts: dict[int, int]) -> Leaf | None:
    yes, no = test.yes, test.no
    if isinstance(yes, Test) or isinstance(no, Test) or yes is no:
        return None
    if any(leaf is not KEPT and (leaf.value is None or counts[id(leaf)] != 1) for leaf in (yes, no)):
        return None
    place = min(leaf.place for leaf in (yes, no) if leaf is not KEPT)
    if yes is KEPT and no.value is not None:
        return Leaf(place, either(test.condition, no.value))
    if no is KEPT and yes.value is not None:
        return Leaf(place, both(test.condition, yes.value))
    return Leaf(place, chosen(test.condition, yes, no))


def chosen(condition: ast.expr, yes: Test | Leaf, no: Test | Leaf) -> ast.expr:
    """Return the conditional expression, with what stands first in the code first."""
    if yes.place > no.place:
        condition, yes, no = negated(condition), no, yes
    parts = [node.condition if isinstance(node, Test) else node.value for node in (yes, no)]
    if parts[0] is None or parts[1] is None:
        raise Undecodable("a choice without a value")
    return ast.IfExp(condition, parts[0], parts[1])


def negated(condition: ast.expr) -> ast.expr:
    """Return the opposite of a test, by the shortest text that compiles to the same jumps."""
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return condition.operand
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1 and type(condition.ops[0]) in _OPPOSITES:
        return ast.Compare(condition.left, [_OPPOSITES[type(condition.ops[0])]()], condition.comparators)
    if isinstance(condition, ast.BoolOp) and any(_is_negation(value) for value in condition.values):
        other: ast.boolop = ast.Or() if isinstance(condition.op, ast.And) else ast.And()
        return ast.BoolOp(other, [negated(value) for value in condition.values])
    return ast.UnaryOp(ast.Not(), condition)


def _is_negation(condition: ast.expr) -> bool:
    if isinstance(condition, ast.BoolOp):
        return any(map(_is_negation, condition.values))
    return isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)


def both(first: ast.expr, second: ast.expr) -> ast.expr:
    """Return `first and second`, or the chained comparison that it is."""
    if isinstance(first, ast.BoolOp) and isinstance(first.op, ast.And):
        last = chain(first.values[-1], second)
        if last is not None:
            return ast.BoolOp(ast.And(), [*first.values[:-1], last])
    joined = chain(first, second)
    return joined if joined is not None else _joined(ast.And(), first, second)


def either(first: ast.expr, second: ast.expr) -> ast.expr:
    """Return `first or second`."""
    return _joined(ast.Or(), first, second)


def chain(first: ast.expr, second: ast.expr) -> ast.expr | None:
    """Return one comparison if the value in the middle is compared twice but computed once, else None."""
    rest: list[ast.expr] = []
    if isinstance(second, ast.BoolOp) and isinstance(second.op, ast.And):
        second, *rest = second.values
    if not isinstance(first, ast.Compare) or not isinstance(second, ast.Compare):
        return None
    if first.comparators[-1] is not second.left:
        return None
    joined = ast.Compare(first.left, [*first.ops, *second.ops], [*first.comparators, *second.comparators])
    return ast.BoolOp(ast.And(), [joined, *rest]) if rest else joined


def _joined(operator: ast.boolop, first: ast.expr, second: ast.expr) -> ast.expr:
    values: list[ast.expr] = []
    for value in (first, second):
        if isinstance(value, ast.BoolOp) and type(value.op) is type(operator):
            values += value.values
        else:
            values.append(value)
    return ast.BoolOp(operator, values)
