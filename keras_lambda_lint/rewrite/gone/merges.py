"""Calls of Keras 1's `merge`: one function for each mode."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api.removed import MERGE_MODES, MERGE_PARAMETERS
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding


def merge_calls(sites: FileSites, binding: Binding) -> tuple[list[Edit], list[str]]:
    """Return the edits of all calls of `merge`, and the functions that they call then; raise `NoFix` where a call has none."""
    edits: list[Edit] = []
    functions: dict[str, None] = {}
    for read in sites.index.reads_of(binding):
        call = sites.index.parents[read.node]
        if not isinstance(call, ast.Call) or call.func is not read.node:
            raise NoFix("`merge` is not only called")
        function, changes = _call(sites, call)
        functions[function] = None
        edits += [Edit(sites.source.span(read.node), function), *changes]
    return edits, sorted(functions)


def _call(sites: FileSites, call: ast.Call) -> tuple[str, list[Edit]]:
    given: list[tuple[str, ast.expr, ast.keyword | None]] = [
        (name, node, None) for name, node in zip(MERGE_PARAMETERS, call.args, strict=False)
    ]
    given += [(keyword.arg or "**", keyword.value, keyword) for keyword in call.keywords]
    values = {name: node for name, node, _ in given}
    mode = values.get("mode", ast.Constant("sum"))
    known = MERGE_MODES.get(str(mode.value)) if isinstance(mode, ast.Constant) else None
    if known is None:
        raise NoFix("a `merge` has a mode that no function stands for: write a layer")
    function, taken = known
    kept = {"inputs", "mode", "name", *(taken[:1] if taken else ())}
    starred = any(isinstance(node, ast.Starred) for node in call.args)
    if starred or not set(values) <= kept or "inputs" not in values:
        raise NoFix(f"an argument of a `merge` means nothing to `{function}`")
    edits: list[Edit] = []
    for number, (name, node, keyword) in enumerate(given):
        start = sites.source.span(keyword if keyword is not None else node).start
        if name == "mode":
            edits.append(_without(sites, given, number))
        elif taken is not None and name == taken[0]:
            length = len(name) if keyword is not None else 0
            edits.append(Edit(Span(start, start + length), taken[1] if keyword is not None else f"{taken[1]}="))
        elif name == "name" and keyword is None:
            edits.append(Edit(Span(start, start), "name="))
    if function == "dot" and "dot_axes" not in values:
        end = sites.source.span(given[-1][1]).end
        edits.append(Edit(Span(end, end), ", axes=-1"))
    return function, edits


def _without(sites: FileSites, given: list[tuple[str, ast.expr, ast.keyword | None]], number: int) -> Edit:
    """Return the edit that takes an argument out, with the comma before it, or after it where it is the first."""
    spans = [sites.source.span(keyword if keyword is not None else node) for _, node, keyword in given]
    if number:
        return Edit(Span(spans[number - 1].end, spans[number].end), "")
    return Edit(Span(spans[0].start, spans[1].start), "")
