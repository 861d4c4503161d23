"""Lambdas of one file that differ in a number only: one class serves them all, with the number in its config."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.sites.model import FunctionForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import LambdaSite

_MOST = 2
"""A class that takes more numbers than these reads worse than a class for each lambda."""

_OF_OPERATION: dict[type[ast.operator], str] = {
    ast.Add: "offset",
    ast.Sub: "offset",
    ast.Mult: "factor",
    ast.Div: "divisor",
    ast.FloorDiv: "divisor",
    ast.Mod: "divisor",
    ast.Pow: "exponent",
}
"""What a number is called that an operation applies to the input."""


def differing(sites: FileSites) -> dict[ast.Lambda, tuple[tuple[ast.expr, str], ...]]:
    """Return, for each lambda that computes the same as another but for numbers, those numbers and what to call each."""
    alike: dict[str, list[tuple[ast.Lambda, list[ast.expr]]]] = {}
    for site in sites.lambdas:
        node = _lambda(site)
        if node is not None and all(node is not other for same in alike.values() for other, _ in same):
            alike.setdefault(_shape(node), []).append((node, list(_numbers(node.body))))
    found = {}
    for same in alike.values():
        columns = list(zip(*(numbers for _, numbers in same), strict=True))
        differ = [place for place, column in enumerate(columns) if len({ast.dump(number) for number in column}) > 1]
        names = [_name(sites, same[0][1][place]) for place in differ]
        if 0 < len(differ) <= _MOST and None not in names:
            for node, numbers in same:
                found[node] = tuple((numbers[place], name or "") for place, name in zip(differ, names, strict=True))
    return found


def _lambda(site: LambdaSite) -> ast.Lambda | None:
    function = site.function
    if function is None or function.form is not FunctionForm.LAMBDA or function.traced or function.source is not None:
        return None
    node = function.node
    # Python before 3.12 does not tell where the parts of an f-string stand.
    return (
        node
        if isinstance(node, ast.Lambda) and not any(isinstance(part, ast.JoinedStr) for part in ast.walk(node))
        else None
    )


def _is_number(node: ast.AST) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _numbers(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the numbers that an expression spells, from left to right; `-1` is one."""
    for child in ast.iter_child_nodes(node) if not _is_number(node) else [node]:
        if isinstance(child, ast.expr) and _is_number(child):
            yield child
        elif child is not node:
            yield from _numbers(child)


class _Blank(ast.NodeTransformer):
    """Puts one mark in the place of every number, and one name in the place of the input's."""

    def __init__(self, inputs: str) -> None:
        self.inputs = inputs

    def visit(self, node: ast.AST) -> ast.AST:
        if _is_number(node):
            return ast.Constant(None)
        if isinstance(node, (ast.Name, ast.arg)):
            name = "id" if isinstance(node, ast.Name) else "arg"
            if getattr(node, name) == self.inputs:
                setattr(node, name, "inputs")
            return node
        visited: ast.AST = self.generic_visit(node)
        return visited


def _shape(node: ast.Lambda) -> str:
    """Return what two lambdas have in common that differ in numbers and in the name of their input."""
    first = next(iter([*node.args.posonlyargs, *node.args.args]), None)
    blank = _Blank(first.arg if first is not None else "inputs")
    return f"{ast.dump(node.args)}" if first is None else ast.dump(blank.visit(copy.deepcopy(node)))


def _name(sites: FileSites, number: ast.expr) -> str | None:
    """Return what the number at a place is called: by the operation, the keyword or the subscript; None where none of them tells."""
    parent = sites.index.parents[number]
    if isinstance(parent, ast.keyword):
        return parent.arg
    if isinstance(parent, ast.Call):
        names = sites.names.of(parent.func)
        known = bool(names) and all(ops.operation(name) in ops.AXIS_SECOND for name in names)
        return "axis" if known and parent.args[1:2] == [number] else None
    if isinstance(parent, ast.BinOp):
        return _OF_OPERATION.get(type(parent.op))
    if isinstance(parent, ast.Slice):
        return next(
            field
            for field, name in (("start", "lower"), ("stop", "upper"), ("step", "step"))
            if getattr(parent, name) is number
        )
    taken = parent if isinstance(parent, ast.Tuple) else number
    around = sites.index.parents[taken]
    return "index" if isinstance(around, ast.Subscript) and around.slice is taken else None
