"""The call that takes the place of a `Lambda(...)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange
from keras_lambda_lint.rewrite.layout import call_lines, line_indent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.rewrite.layout import Layout
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import LambdaSite

_DROPPED = ("output_shape", "arguments", "mask")


def site_call(sites: FileSites, layout: Layout, site: LambdaSite, layer: str, arguments: Iterable[str]) -> Edit:
    """Return the edit that makes of a `Lambda(...)` a call of another layer, which takes over what any layer takes."""
    source = sites.source
    given = list(arguments)
    for keyword, argument in site.arguments.items():
        if keyword not in _DROPPED:
            text = sites.text(argument.span)
            given.append(text if text.startswith(keyword) else f"{keyword}={text}")
    first, last = source.location(site.span.start), source.location(site.span.end)
    row = source.line(first.row)
    width = max(layout.width, len(row)) if first.row == last.row else layout.width
    room = width - (first.column - 1) - (len(source.line(last.row)) - (last.column - 1))
    return Edit(site.span, layout.newline.join(call_lines(layer, given, room, layout, line_indent(row))))


def gives_way(site: LambdaSite) -> tuple[str | None, set[IntendedChange]]:
    """Return why it matters that a declared `output_shape` goes, and what changes with it; None where it says what Keras infers."""
    declared = site.arguments.get("output_shape")
    if declared is None or (isinstance(declared.node, ast.Constant) and declared.node.value is None):
        return None, set()
    changes: set[IntendedChange] = set()
    if site.shape.shape is not None and isinstance(declared.node, ast.Tuple):
        without_batch = ast.unparse(ast.Tuple([ast.Constant(None), *declared.node.elts], ast.Load()))
        if without_batch == site.shape.shape:
            return None, set()
        if all(isinstance(element, ast.Constant) for element in declared.node.elts):
            changes = {IntendedChange.DECLARED_SHAPE}
    return "the declared `output_shape` gives way to the shape that Keras infers", changes
