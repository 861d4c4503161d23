"""Mistakes in the weights that take the places of captured variables and arrays."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mutants import Edit, Text


def _weight(text: Text, node: ast.ClassDef, made: Callable[[str], str]) -> Iterator[Edit]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and text.source(each.func) == "self.add_weight":
            start, end = text.span(each)
            yield start, end, made(text.text[start:end])


def frozen(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A weight that trains in place of one that does not, and the other way round."""

    def changed(call: str) -> str:
        if "trainable=False" in call:
            return call.replace("trainable=False", "trainable=True")
        inner = call[:-1].rstrip().rstrip(",")
        return call if "trainable=" in call else f"{inner}, trainable=False)"

    return _weight(text, node, changed)


def anew(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A weight that starts with another value."""
    return _weight(
        text,
        node,
        lambda call: re.sub(
            r"initializer=[\w.]*Constant\([^()]*(?:\([^()]*\)[^()]*)*\)",
            'initializer="he_normal"' if "shape=()" not in call else "initializer=lambda shape, dtype=None: 0.123",
            call,
        ),
    )


def untracked(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A variable where a weight belongs."""
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and text.source(each.value).startswith("self.add_weight("):
            yield (*text.span(each.value), f"__import__('tensorflow').Variable({text.source(each.value)})")
