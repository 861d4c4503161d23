"""Finds what an expression of a file needs of the statements before it: a backward slice through its functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.child.trace import Place

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Bind:
    """A loop's target, to be bound to the first of what the loop goes through."""

    target: ast.expr
    items: ast.expr


@dataclass
class Scope:
    """A function around an expression, and what of its body the expression needs."""

    function: Function
    owner: str | None = None
    """The class that it is a method of."""
    steps: list[ast.stmt | Bind] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)
    """The names that choose whether the expression is reached: the defaults of parameters may not be what they are there."""

    @property
    def parameters(self) -> list[ast.arg]:
        """All parameters, in order."""
        given = self.function.args
        return [*given.posonlyargs, *given.args, *given.kwonlyargs]

    @property
    def own(self) -> set[str]:
        """The names that are its own, not those of what is around it."""
        given = self.function.args
        starred = [each.arg for each in (given.vararg, given.kwarg) if each is not None]
        found = {*starred, *(each.arg for each in self.parameters)}
        if not isinstance(self.function, ast.Lambda):
            found |= {name for each in self.function.body for name in binds(each)}
            declared = (each for each in ast.walk(self.function) if isinstance(each, ast.Global | ast.Nonlocal))
            found -= {name for each in declared for name in each.names}
        return found

    @property
    def defaults(self) -> dict[str, ast.expr]:
        """The defaults of parameters, by name."""
        given = self.function.args
        positional = [*given.posonlyargs, *given.args]
        found = dict(zip([each.arg for each in positional[::-1]], given.defaults[::-1], strict=False))
        keyword = zip(given.kwonlyargs, given.kw_defaults, strict=True)
        return found | {each.arg: default for each, default in keyword if default is not None}


@dataclass(frozen=True)
class Slice:
    """An expression, and the functions around it from the outermost in."""

    expression: ast.expr
    scopes: tuple[Scope, ...]
    argument: ast.expr | None
    """The names that its value is called with there, as a target to bind; None where it is not called, or with something else."""


def slice_of(tree: ast.Module, place: Place) -> Slice | None:
    """Return the slice of the expression at a place; None where none is exactly there, or it stands in a class body."""
    path = _path(tree, place)
    if path is None or not isinstance(path[-1], ast.expr):
        return None
    scopes: list[Scope] = []
    starts: list[int] = []
    owner = None
    for index, node in enumerate(path[:-1]):
        if isinstance(node, ast.ClassDef):
            owner = node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            scopes.append(Scope(node, owner))
            starts.append(index)
            owner = None
    if owner is not None:
        return None
    needed = reads(path[-1])
    for scope, (start, end) in reversed(list(zip(scopes, pairwise([*starts, len(path) - 1]), strict=True))):
        scope.steps = _needed(path[start : end + 1], needed)
        tests = (node.test for node in path[start:end] if isinstance(node, ast.If | ast.While | ast.IfExp))
        scope.decided = set().union(*map(reads, tests))
        needed |= set().union(*(reads(default) for default in scope.defaults.values()))
    return Slice(path[-1], tuple(scopes), _argument(path))


def reads(node: ast.AST) -> set[str]:
    """Return the names that code reads from around it."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    inside = _body(node)
    found = set().union(*(reads(each) for each in inside))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        given = node.args
        starred = [each for each in (given.vararg, given.kwarg) if each is not None]
        found -= {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, *starred)}
    if not isinstance(node, ast.ClassDef):
        found -= {name for each in inside for name in binds(each)}
    return found.union(*(reads(each) for each in ast.iter_child_nodes(node) if each not in inside))


def _body(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node that see names which it binds for them alone."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return list(node.body)
    if isinstance(node, ast.Lambda):
        return [node.body]
    return list(ast.iter_child_nodes(node)) if isinstance(node, _COMPREHENSIONS) else []


def binds(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) or not isinstance(child, _SCOPES):
            yield from binds(child)


def _argument(path: list[ast.AST]) -> ast.expr | None:
    call = path[-2]
    if not isinstance(call, ast.Call) or call.func is not path[-1] or not call.args:
        return None
    argument = call.args[0]
    if isinstance(argument, ast.Name):
        return ast.copy_location(ast.Name(argument.id, ast.Store()), argument)
    if isinstance(argument, ast.List | ast.Tuple) and all(isinstance(each, ast.Name) for each in argument.elts):
        names = [each.id for each in argument.elts if isinstance(each, ast.Name)]
        return ast.copy_location(ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store()), argument)
    return None


def _path(node: ast.AST, place: Place) -> list[ast.AST] | None:
    """Return the nodes from the module to the expression at a place, the outermost of those that span it exactly."""
    if isinstance(node, ast.expr) and _place(node) == place:
        return [node]
    for child in ast.iter_child_nodes(node):
        inner = _path(child, place) if _holds(child, place) else None
        if inner is not None:
            return [node, *inner]
    return None


def _place(node: ast.expr | ast.stmt) -> Place:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


def _holds(node: ast.AST, place: Place) -> bool:
    if not isinstance(node, ast.expr | ast.stmt):
        return True
    own = _place(node)
    decorators = getattr(node, "decorator_list", [])
    first = min([own[:2], *(_place(each)[:2] for each in decorators)])
    return first <= place[:2] and place[2:] <= own[2:]


def _needed(path: list[ast.AST], needed: set[str]) -> list[ast.stmt | Bind]:
    """Return the steps before the end of a path that bind or change what is needed, in order; `needed` grows by what they read."""
    steps: list[ast.stmt | Bind] = []
    for parent, child in zip(path[-2::-1], path[:0:-1], strict=True):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(parent, block, None)
            if isinstance(statements, list) and child in statements:
                for each in statements[: statements.index(child)][::-1]:
                    _take(each, needed, steps)
        if isinstance(parent, _COMPREHENSIONS):
            for generator in parent.generators[::-1]:
                _take(Bind(generator.target, generator.iter), needed, steps)
        if isinstance(parent, ast.For | ast.AsyncFor) and child in (*parent.body, *parent.orelse):
            _take(Bind(parent.target, parent.iter), needed, steps)
    return steps[::-1]


def _take(step: ast.stmt | Bind, needed: set[str], steps: list[ast.stmt | Bind]) -> None:
    if isinstance(step, Bind):
        changed, read = set(binds(step.target)), reads(step.items)
    else:
        changed, read = {*binds(step), *_changed(step)}, reads(step)
    if changed & needed:
        steps.append(step)
        needed |= read


def _changed(step: ast.stmt) -> Iterator[str]:
    """Yield the names whose values a statement changes in place: an item or attribute of them, or by a method that it calls for that."""
    for node in ast.walk(step):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield from _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _root(node.value.func)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id
