"""Mistakes that neither outputs nor gradients of a model of usual size and policy show."""

from __future__ import annotations

import ast
import re
from types import NoneType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutants import Edit, Text


def own_dtype(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A dtype that no policy changes."""
    fixed = 'super().__init__(**{**kwargs, "dtype": "float32"})'
    start, end = text.span(node)
    match = re.search(r"super\(\).__init__\(\*\*kwargs\)", text.text[start:end])
    first = text.span(node.body[0])[0]
    if match:
        yield start + match.start(), start + match.end(), fixed
    elif not any(isinstance(each, ast.FunctionDef) and each.name == "__init__" for each in node.body):
        yield first, first, f"def __init__(self, **kwargs):\n        {fixed}\n\n    "


def frozen_layer(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A layer that is frozen, or that is not any more."""
    for start, end in _calls(text, node):
        call = text.text[start:end]
        if "trainable=False" in call:
            yield start, end, call.replace("trainable=False", "trainable=True")
        else:
            yield end - 1, end - 1, "trainable=False" if call.endswith("()") else ", trainable=False"


def own_config(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A config without what every layer has: name, dtype, whether it trains."""
    for each in ast.walk(node):
        if isinstance(each, ast.Dict) and None in each.keys and "super().get_config()" in text.source(each):
            start, end = text.span(each)
            yield start, end, re.sub(r"\*\*super\(\)\.get_config\(\)(?:, )?", "", text.text[start:end])


def in_a_list(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A list of one for a tensor."""
    for value in _returned(node):
        yield (*text.span(value), f"[{text.source(value)}]")


def in_a_graph(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """Another result inside `tf.function`."""
    for value in _returned(node):
        eager = "__import__('tensorflow').executing_eagerly()"
        yield (*text.span(value), f"({text.source(value)}) * (1 if {eager} else 3)")


def limit(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """`>=` for `>`."""
    other = {ast.Gt: ">=", ast.GtE: ">", ast.Lt: "<=", ast.LtE: "<"}
    for each in ast.walk(node):
        if isinstance(each, ast.Compare) and len(each.ops) == 1 and type(each.ops[0]) in other:
            left, right = text.source(each.left), text.source(each.comparators[0])
            yield (*text.span(each), f"{left} {other[type(each.ops[0])]} {right}")


def masked(text: Text, node: ast.ClassDef) -> Iterator[Edit]:
    """A mask that hides what the original shows."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "call" and len(each.args.args) == 2:
            start, end = text.span(each)
            first = each.args.args[1].arg
            body = text.text[start:end].replace(f"(self, {first})", f"(self, {first}, mask=None)", 1)
            changed = re.sub(
                r"^( *)return (\w.*)$", r"\1return (\2) * (1 if mask is None else 2)", body, flags=re.MULTILINE
            )
            if changed.count("if mask is None") == 1:
                yield start, end, changed


def _returned(node: ast.ClassDef) -> Iterator[ast.expr]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "call":
            for each in ast.walk(method):
                if isinstance(each, ast.Return) and not isinstance(each.value, ast.Tuple | ast.List | NoneType):
                    yield each.value


def _calls(text: Text, node: ast.ClassDef) -> Iterator[tuple[int, int]]:
    for each in ast.walk(text.tree):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == node.name:
            yield text.span(each)
