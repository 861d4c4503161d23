"""What an overridden `get_config` returns, where its code says so plainly."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.sites.classes.bases import Method


@dataclass(frozen=True)
class Mapping:
    """A dictionary: its literal keys with their values, and whether all that the base class returns is in it."""

    values: dict[str, ast.expr] = field(default_factory=dict)
    merges_base: bool = False

    def __or__(self, other: Mapping) -> Mapping:
        return Mapping({**self.values, **other.values}, self.merges_base or other.merges_base)


def returned(method: Method) -> Mapping | None:
    """Return the dictionary that a `get_config` returns; None where it is not built by plain statements one after the other."""
    known: dict[str, Mapping | None] = {}
    for statement in method.body:
        if isinstance(statement, ast.Return):
            return _mapping(statement.value, known) if statement.value is not None else None
        if not _runs(statement, known):
            return None
    return None


def _runs(statement: ast.stmt, known: dict[str, Mapping | None]) -> bool:
    """Follow one statement; return whether it is one that is understood."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        known[statement.target.id] = _mapping(statement.value, known)
        return True
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            known[target.id] = _mapping(statement.value, known)
            return True
        key = _key(target.slice) if isinstance(target, ast.Subscript) else None
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and key is not None:
            return _add(known, target.value.id, Mapping({key: statement.value}))
        return False
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) or _updates(statement.value, known)
    return isinstance(statement, (ast.Pass, ast.Import, ast.ImportFrom, ast.Assert))


def _updates(node: ast.expr, known: dict[str, Mapping | None]) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update"):
        return False
    if not isinstance(node.func.value, ast.Name):
        return False
    return _add(known, node.func.value.id, _merged(node, known))


def _add(known: dict[str, Mapping | None], name: str, more: Mapping | None) -> bool:
    before = known.get(name)
    known[name] = None if before is None or more is None else before | more
    return True


def _mapping(node: ast.expr | None, known: dict[str, Mapping | None]) -> Mapping | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Dict):
        found = Mapping()
        for key, value in zip(node.keys, node.values, strict=True):
            literal = _key(key)
            part = _mapping(value, known) if key is None else Mapping({literal: value}) if literal else None
            if part is None:
                return None
            found |= part
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.Add)):
        left, right = _mapping(node.left, known), _mapping(node.right, known)
        return None if left is None or right is None else left | right
    return _called(node, known) if isinstance(node, ast.Call) else None


def _called(node: ast.Call, known: dict[str, Mapping | None]) -> Mapping | None:
    callee = node.func
    if isinstance(callee, ast.Name) and callee.id in ("dict", "list"):
        return _merged(node, known)
    if isinstance(callee, ast.Attribute) and callee.attr in ("items", "copy") and not node.args:
        return _mapping(callee.value, known)
    if isinstance(callee, ast.Attribute) and callee.attr == "get_config":
        owner = callee.value
        by_super = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"
        by_name = len(node.args) == 1 and isinstance(node.args[0], ast.Name) and node.args[0].id == "self"
        return Mapping(merges_base=True) if by_super or by_name else None
    return None


def _merged(node: ast.Call, known: dict[str, Mapping | None]) -> Mapping | None:
    """Return what the arguments of `dict(...)` or `.update(...)` hold together."""
    found = Mapping()
    for argument in node.args:
        part = _mapping(argument, known)
        if part is None:
            return None
        found |= part
    for keyword in node.keywords:
        part = _mapping(keyword.value, known) if keyword.arg is None else Mapping({keyword.arg: keyword.value})
        if part is None:
            return None
        found |= part
    return found


def _key(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
