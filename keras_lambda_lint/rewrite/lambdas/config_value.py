"""Which values survive in a layer's config: Keras writes it as JSON and reads it back."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.sites.values import Values


class Survival(Enum):
    """What becomes of a value on the way through JSON."""

    SAME = "comes back equal"
    LIST = "a tuple comes back as a list"
    UNSURE = "what the value is, is not known"
    LOST = "JSON cannot carry it"


def survival(node: ast.expr | None, values: Values) -> Survival:
    """Return what becomes of a constant expression in a config (measured on keras 3.15.1 and tf_keras 2.21)."""
    if isinstance(node, ast.Constant):
        known = node.value is None or isinstance(node.value, (bool, int, float, str))
        return Survival.SAME if known else Survival.LOST
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Call) and values.is_range(node)):
        return Survival.SAME
    if isinstance(node, ast.UnaryOp):
        return survival(node.operand, values)
    if isinstance(node, ast.Name):
        return survival(values.of(node).node, values)
    if isinstance(node, (ast.List, ast.Tuple)):
        parts = {survival(element, values) for element in node.elts}
        if Survival.LOST in parts:
            return Survival.LOST
        if parts - {Survival.SAME}:
            return Survival.UNSURE
        return Survival.SAME if isinstance(node, ast.List) else Survival.LIST
    if isinstance(node, ast.Dict):
        by_name = all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in node.keys)
        parts = {survival(value, values) for value in node.values}
        return Survival.LOST if not by_name or Survival.LOST in parts else _all_same(parts)
    if isinstance(node, ast.Set):
        return Survival.LOST
    if isinstance(node, ast.BinOp):
        numbers = all(
            isinstance(inner.value, (int, float)) for inner in ast.walk(node) if isinstance(inner, ast.Constant)
        )
        plain = not any(isinstance(inner, (ast.List, ast.Tuple, ast.Name)) for inner in ast.walk(node))
        return Survival.SAME if numbers and plain else Survival.UNSURE
    return Survival.UNSURE


def _all_same(parts: set[Survival]) -> Survival:
    return Survival.UNSURE if parts - {Survival.SAME} else Survival.SAME


def is_mutable(node: ast.expr | None) -> bool:
    """Return whether a constant expression makes an object that other code can change."""
    return isinstance(node, (ast.List, ast.Dict, ast.Set))
