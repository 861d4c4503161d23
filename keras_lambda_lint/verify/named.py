"""The classes that a rewrite introduces, and in which of its expressions it names them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.replacement import Replacement


def new_layers(original: Source, fixed: Source, replacements: Sequence[Replacement]) -> list[list[str]]:
    """Return for each replacement the layer classes that only the fixed text defines and that its expression calls."""
    new = _layers(fixed) - _layers(original)
    return [
        [name for name in sorted(new) if re.search(rf"\b{name}\(", fixed.text[each.fixed.start : each.fixed.end])]
        for each in replacements
    ]


def _layers(source: Source) -> set[str]:
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):  # A notebook's magic: what it defines is not known.
        return set()
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {
        each.name
        for each in classes
        if any(isinstance(sub, ast.FunctionDef) and sub.name == "call" for sub in each.body)
    }
