"""Whether a program needs Keras 3, and so cannot run on tf_keras."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.names import below_keras
from keras_lambda_lint.keras_api.only_keras_3 import only_keras_3
from keras_lambda_lint.verify.tensorflow_use import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.source.text import Source

_ROOTS = ("keras", "tf_keras", "tensorflow")


def first_use(source: Source) -> Use | None:
    """Return the first name that only Keras 3 has; None where there is none.

    What stands in an arm of an `if` or a `try` does not count: the other arm may be for Keras 2.
    """
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):  # The grammar of a later Python: running it says so.
        return None
    found = sorted(_imported(tree) + list(_read(tree, _names(tree))), key=lambda use: use.row)
    return found[0] if found else None


def _names(tree: ast.AST) -> dict[str, str]:
    """Return the qualified name of each name that an import brings from Keras or TensorFlow."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                if root in _ROOTS:
                    names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and _is_of_keras(node):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _imported(tree: ast.Module) -> list[Use]:
    found = []
    for node in _unguarded(tree):
        if isinstance(node, ast.Import):
            found += [Use(alias.name, node.lineno) for alias in node.names if _is_new(alias.name)]
        elif isinstance(node, ast.ImportFrom) and _is_of_keras(node):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [Use(name, node.lineno) for name in names if _is_new(name)]
    return found


def _read(tree: ast.Module, names: dict[str, str]) -> Iterator[Use]:
    for node in _unguarded(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if parts and isinstance(inner, ast.Name) and inner.id in names and _is_new(".".join([names[inner.id], *parts])):
            yield Use(".".join([inner.id, *parts]), node.lineno)


def _unguarded(node: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If | ast.IfExp | ast.Try):
            continue
        if isinstance(child, ast.stmt | ast.expr):
            yield child
        # Of `a.b.c`, the parts below are no reads of their own.
        if not isinstance(child, ast.Attribute) or not isinstance(child.value, ast.Attribute | ast.Name):
            yield from _unguarded(child)


def _is_of_keras(node: ast.ImportFrom) -> bool:
    return bool(node.module) and not node.level and str(node.module).partition(".")[0] in _ROOTS


def _is_new(qualified: str) -> bool:
    below = below_keras(qualified)
    return below is not None and only_keras_3(below)
