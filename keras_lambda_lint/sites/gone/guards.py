"""Whether code expects that a name may be missing, as code that supports several versions of Keras does."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from keras_lambda_lint.source.index import Index

_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"})
_ASKS_FOR_VERSION = re.compile(
    r"version|major|hasattr|find_spec|legacy|theano|cntk|(?:keras|tf|k)_?[123](?!\d)|TYPE_CHECKING", re.IGNORECASE
)
"""What a condition mentions that tells Kerases apart; Theano and CNTK never ran Keras 3."""


def is_guarded(index: Index, node: ast.AST) -> bool:
    """Return whether a node stands in a `try` that catches missing names, in the fallback of one, or below a question for the version."""
    return any(_guards(around) for around in index.ancestors(node))


def _guards(node: ast.AST) -> bool:
    if isinstance(node, ast.Try):
        return any(handler.type is None or _names(handler.type) & _CATCHES for handler in node.handlers)
    if isinstance(node, (ast.If, ast.IfExp)):
        return any(_ASKS_FOR_VERSION.search(name) for name in _names(node.test))
    return False


def _names(node: ast.expr) -> set[str]:
    """Return the names, attributes and strings of an expression."""
    found = set()
    for each in walk(node):
        if isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            found.add(each.value)
    return found
