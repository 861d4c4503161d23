"""What the body of a function changes outside of itself."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.bodies.body import Body
    from keras_lambda_lint.sites.model import Capture, Value


class Changes(Enum):
    """What a side effect changes."""

    VARIABLE = "the value of a variable"
    OBJECT = "an object of Python"
    NAME = "what a name of a scope around is bound to"


class SideEffect(NamedTuple):
    """A place in the body of a function that changes something around it."""

    name: str
    span: Span
    changes: Changes


_ASSIGNS = frozenset({"assign", "assign_add", "assign_sub"})
_MUTATES: dict[type[ast.expr], frozenset[str]] = {
    ast.List: frozenset({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"}),
    ast.Dict: frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    ast.Set: frozenset(
        {"add", "clear", "difference_update", "discard", "intersection_update", "pop", "remove", "update"}
    ),
}
_MAKERS: dict[str, type[ast.expr]] = {
    "builtins.list": ast.List,
    "builtins.dict": ast.Dict,
    "builtins.set": ast.Set,
    "collections.deque": ast.List,
    "collections.defaultdict": ast.Dict,
    "collections.OrderedDict": ast.Dict,
    "collections.Counter": ast.Dict,
}
_COMPREHENSIONS: dict[type[ast.expr], type[ast.expr]] = {
    ast.ListComp: ast.List,
    ast.DictComp: ast.Dict,
    ast.SetComp: ast.Set,
}


def side_effects(body: Body, captures: tuple[Capture, ...]) -> Iterator[SideEffect]:
    """Yield what a body changes outside of its function: only objects and names that are certainly not its own."""
    held = {node: capture.value for capture in captures for node in capture.nodes}
    for node in body.nodes:
        if isinstance(node, ast.Call):
            yield from _call(body, node, held)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            if _is_captured_object(body, node):
                yield SideEffect(ast.unparse(node), body.source.span(node), Changes.OBJECT)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            binding = body.index.bound_at.get(node)
            if binding is not None and not binding.scope.within(body.index.scope_of(body.node)):
                yield SideEffect(node.id, body.source.span(node), Changes.NAME)


def _call(body: Body, node: ast.Call, held: dict[ast.expr, Value]) -> Iterator[SideEffect]:
    if node.args and any(api.assigns_variable(name) for name in body.names.of(node.func)):
        changed, changes = node.args[0], Changes.VARIABLE
        tracked = changed in held and held[changed].kind is ValueKind.WEIGHT
        happens = body.captured_root(changed) is not None and not tracked
    elif isinstance(node.func, ast.Attribute):
        changed = node.func.value
        if node.func.attr in _ASSIGNS:
            changes, happens = Changes.VARIABLE, changed in held and held[changed].is_variable
        else:
            container = _container(body, changed, held) if body.captured_root(changed) is not None else None
            changes, happens = Changes.OBJECT, container is not None and node.func.attr in _MUTATES[container]
    else:
        return
    if happens:
        yield SideEffect(ast.unparse(changed), body.source.span(node.func), changes)


def _is_captured_object(body: Body, node: ast.Attribute | ast.Subscript) -> bool:
    """Return whether the object that an attribute or element is set in is captured, and is no module."""
    root = body.captured_root(node)
    kinds = {binding.kind for binding in body.index.reaching(root)} if root is not None else {BindingKind.IMPORT}
    return not kinds & {BindingKind.IMPORT, BindingKind.FROM_IMPORT}


def _container(body: Body, node: ast.expr, held: dict[ast.expr, Value]) -> type[ast.expr] | None:
    """Return what kind of container a captured name or attribute of `self` holds, where all that is assigned to it says so."""
    if isinstance(node, ast.Name):
        assigned = [b.value if b.kind is BindingKind.ASSIGNMENT else None for b in body.index.reaching(node)]
    else:
        assigned = [held[node].node] if node in held else []
    made = {_made(body, value) for value in assigned}
    return made.pop() if len(made) == 1 else None


def _made(body: Body, value: ast.expr | None) -> type[ast.expr] | None:
    if isinstance(value, (ast.List, ast.Dict, ast.Set)):
        return type(value)
    if isinstance(value, ast.Call):
        names = body.names.of(value.func)
        return _MAKERS.get(next(iter(names))) if len(names) == 1 else None
    return _COMPREHENSIONS.get(type(value)) if value is not None else None
