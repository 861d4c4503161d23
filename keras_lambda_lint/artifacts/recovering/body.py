"""The statements of a recovered function as those of a method: its input has the method's name, what it captured is the layer's."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.recovering.globals import PYTHON_2
from keras_lambda_lint.artifacts.recovering.obstacle import Obstacle
from keras_lambda_lint.keras_api import random as draws

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import TypeAlias

    Function: TypeAlias = "ast.Lambda | ast.FunctionDef"


def parsed(source: str) -> Function:
    """Return the one function that a recovered source is; raise `Obstacle` for anything else."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Obstacle("its source does not parse") from None
    node: ast.AST = tree.body[0] if len(tree.body) == 1 else tree
    if isinstance(node, ast.Expr):
        node = node.value
    if not isinstance(node, (ast.Lambda, ast.FunctionDef)):
        raise Obstacle("its source is no function")
    return node


def positional(function: Function) -> list[str]:
    """Return the names of the parameters that arguments reach by position."""
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]


def keyword_only(function: Function) -> list[str]:
    """Return the names of the parameters that are given by keyword."""
    return [each.arg for each in function.args.kwonlyargs]


def statements(
    function: Function, renamed: Mapping[str, str], settings: Mapping[str, str], python_2: Collection[str] = ()
) -> list[ast.stmt]:
    """Return what a function does.

    `renamed` parameters bear other names; `settings` are read as what an expression such as `self.k` says. Names of
    Python 2 become those of today. Raises `Obstacle` where a method cannot hold it.
    """
    _check(function)
    body: list[ast.stmt] = (
        [ast.Return(function.body)] if isinstance(function, ast.Lambda) else copy.deepcopy(function.body)
    )
    bound = _bound(function)
    meaning: dict[str, ast.expr] = {name: _expression(PYTHON_2[name]) for name in python_2 if name not in bound}
    first: list[ast.stmt] = []
    for old, new in (*renamed.items(), *settings.items()):
        if old == new:
            continue
        if old in bound:
            first.append(ast.Assign([ast.Name(old, ast.Store())], _expression(new), lineno=0))
        else:
            meaning[old] = _expression(new)
    first += _empty(function)
    put = _Put(meaning)
    return [*first, *(put.visit(copy.deepcopy(each)) for each in body)]


def identifiers(function: Function) -> set[str]:
    """Return every name that a function reads, binds or takes, its nested functions included."""
    found = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return found | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)} | _bound(function)


def drawn(body: Sequence[ast.stmt], reads: Collection[str]) -> tuple[list[ast.stmt], int | None] | None:
    """Return the statements with `K.random_normal(...)` and the like drawing from `self.seed_generator`, and its seed.

    None where nothing is drawn so, or where `keras.random` does not draw alike.
    """
    if "K" not in reads:
        return None
    draw = _Draw()
    changed = [draw.visit(copy.deepcopy(each)) for each in body]
    return (changed, draw.seeds.pop()) if len(draw.seeds) == 1 and not draw.refused else None


class _Put(ast.NodeTransformer):
    """Puts expressions in the place of names that are only read."""

    def __init__(self, meaning: Mapping[str, ast.expr]) -> None:
        self._meaning = meaning

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what a name stands for."""
        return copy.deepcopy(self._meaning[node.id]) if node.id in self._meaning else node


class _Draw(ast.NodeTransformer):
    """Lets the draws of Keras 2's backend be made by `keras.random`."""

    def __init__(self) -> None:
        self.seeds: set[int | None] = set()
        self.refused = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call that draws from the layer's generator."""
        self.generic_visit(node)
        text = ast.unparse(node.func)
        name = f"keras.backend.{text[2:]}"
        if not text.startswith("K.") or draws.generator_of(name) is not draws.Generator.BACKEND:
            return node
        draw = draws.draw_of(name)
        given = draw.arguments(node) if draw else None
        seed = given.pop("seed", None) if given is not None else None
        if draw is None or given is None or not (seed is None or isinstance(seed, ast.Constant)):
            self.refused = True
            return node
        given.pop("name", None)
        self.seeds.add(seed.value if seed is not None and isinstance(seed.value, int) else None)
        first = next(iter(draw.takes))
        arguments = [given.pop(first)] if first in given else []
        keywords = [ast.keyword(key, each) for key, each in given.items()]
        keywords.append(ast.keyword("seed", _expression("self.seed_generator")))
        return ast.Call(_expression(f"keras.random.{draw.function}"), arguments, keywords)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _empty(function: Function) -> list[ast.stmt]:
    """Return the statements that bind what takes further arguments, where it is read: there are none."""
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    further = ((function.args.vararg, "()"), (function.args.kwarg, "{}"))
    return [
        ast.parse(f"{each.arg} = {text}").body[0] for each, text in further if each is not None and each.arg in read
    ]


def _bound(function: Function) -> set[str]:
    """Return the names that a function, or one in it, binds in another way than as its own parameters."""
    found: set[str] = set()
    own = {id(each) for each in ast.walk(function.args)}
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and id(node) not in own:
            found.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)) and node is not function:
            found.add(node.name or "")
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    return found


def _check(function: Function) -> None:
    """Raise `Obstacle` for what would mean something else in a class."""
    names = identifiers(function)
    attributes = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    for name in sorted(names | attributes):
        if name.startswith("__") and not name.endswith("__"):
            raise Obstacle(f"`{name[:60]}` means something else in a class")
    if "self" in names and positional(function)[:1] != ["self"]:
        raise Obstacle("it has a variable `self`")
    if any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in ast.walk(function)):
        raise Obstacle("it assigns variables of the module that defined it")
