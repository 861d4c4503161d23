"""Walking abstract trees."""

from __future__ import annotations

import ast

import pytest

from keras_lambda_lint.source.tree import parents_of, walk

PROGRAM = """\
import os.path as p
from keras import layers

@decorated(1)
class A(Base, metaclass=M):
    x: int = 1

    async def f(self, a, /, b=2, *c, d, e=3, **g) -> None:
        global h
        h = {**a, "k": [n async for n in b if n > 1 < 3], **c}
        async with d as (i, j):
            await e
        return lambda y: (z := -y) and f"{y!r:>{z}}"

try:
    del A.x[1:2, ...]
except* (ValueError, TypeError) as error:
    raise error from None
else:
    x, *y = yield_()
match x:
    case {"a": [1, *rest], **others} | B(c=None, d=-1) if x:
        x += 1
"""


@pytest.fixture
def tree() -> ast.Module:
    try:
        return ast.parse(PROGRAM)
    except SyntaxError:
        return ast.parse(PROGRAM.replace("except*", "except"))


def of_python(tree: ast.AST) -> list[ast.AST]:
    shared = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    return [node for node in ast.walk(tree) if not isinstance(node, shared)]


def test_walks_as_python_does_but_for_operators_and_contexts(tree: ast.Module) -> None:
    assert list(walk(tree)) == of_python(tree)


def test_every_node_has_the_parent_that_holds_it(tree: ast.Module) -> None:
    parents = parents_of(tree)
    assert set(parents) == set(of_python(tree)) - {tree}
    assert all(node in ast.iter_child_nodes(parent) for node, parent in parents.items())
