"""Other names that a file gives to what it imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.source.names import last_name

if TYPE_CHECKING:
    from keras_lambda_lint.source.index import Index


def aliases(index: Index, originals: frozenset[str]) -> dict[str, str]:
    """Return the names that an import or an assignment gives to something that is called as one of `originals`, each with that.

    `from keras.layers import Conv2D as C` gives `C` for `Conv2D`; the originals themselves are not in it.
    """
    found: dict[str, str] = {}
    grown = True
    while grown:
        grown = False
        for binding in index.bound_at.values():
            name = binding.node.name if isinstance(binding.node, ast.alias) else _named(binding.value)
            original = name if name in originals else found.get(name or "")
            if original is not None and binding.name not in originals and binding.name not in found:
                found[binding.name] = original
                grown = True
    return found


def _named(value: ast.expr | None) -> str | None:
    return None if value is None else last_name(value)
