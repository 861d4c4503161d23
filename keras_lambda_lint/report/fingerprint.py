"""What identifies a finding when lines move: its rule, the definition around it, and what its source means.

Positions, formatting, comments and other code of the file play no part.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.rows import first_row
from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LONGEST = 80


class Fingerprint(NamedTuple):
    """What identifies a finding in its file; equal ones are counted."""

    code: str
    symbol: str
    """The qualified name of the definition around it; empty at module level."""
    digest: str
    """The hash of code, symbol and source."""
    shown: str
    """The start of the source, for a person."""
    site: Span
    """The part of the text that the source is taken from."""


class Fingerprints:
    """Finds the fingerprints of one file's findings."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return parse(self._source)
        except (SourceError, RecursionError, MemoryError):
            # What is no Python, such as a saved model, has no tree: code and message have to do.
            return ast.Module(body=[], type_ignores=[])

    def of(self, finding: Diagnostic) -> Fingerprint:
        """Return what identifies a finding."""
        path = self._path(finding.span)
        symbol = ".".join(node.name for node in path if isinstance(node, _DEFINITIONS))
        anchor = _anchor(path)
        site = finding.span if anchor is None else self._span(anchor)
        text = self._source.text[site.start : site.end] if anchor is not None else finding.message
        parts = [finding.code, symbol, *self._means(path, anchor, finding)]
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        shown = " ".join(text.split())
        return Fingerprint(
            finding.code, symbol, digest, shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…", site
        )

    def _means(self, path: list[ast.AST], anchor: ast.AST | None, finding: Diagnostic) -> Iterator[str]:
        if anchor is None:
            yield finding.message
            return
        around = [each for each in path[: path.index(anchor)] if not isinstance(each, (ast.keyword, ast.Starred))]
        caller = around[-1]
        yield _normal(caller.func) if isinstance(caller, ast.Call) and caller.func is not anchor else ""
        yield _normal(anchor)
        # A lambda holds several findings of one rule, such as two variables that it captures.
        yield _normal(path[-1]) if path[-1] is not anchor else ""

    def _path(self, span: Span) -> list[ast.AST]:
        """Return the nodes that hold a span, from the module to the smallest."""
        path: list[ast.AST] = [self._tree]
        while True:
            inner = next((node for node in _children(path[-1]) if self._span(node).contains(span)), None)
            if inner is None:
                return path
            path.append(inner)

    def _span(self, node: Any) -> Span:
        end = self._source.offset(node.end_lineno, node.end_col_offset)
        if isinstance(node, _DEFINITIONS):
            return Span(self._source.line_starts[first_row(node) - 1], end)
        return Span(self._source.offset(node.lineno, node.col_offset), end)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one that have a place; those without one stand aside for what is below them."""
    if isinstance(node, ast.JoinedStr):
        # Before Python 3.12 its parts have no places of their own.
        return
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _children(child)


def _anchor(path: list[ast.AST]) -> ast.AST | None:
    """Return the node whose source counts.

    That is the lambda that the finding lies in; else the call whose function it names; else the smallest expression; else the
    statement.
    """
    below = max(
        (number for number, node in enumerate(path) if isinstance(node, (*_DEFINITIONS, ast.Module))), default=0
    )
    inner = path[below + 1 :]
    lambdas = [node for node in inner if isinstance(node, ast.Lambda)]
    if lambdas:
        return lambdas[0]
    if not inner:
        return path[below] if isinstance(path[below], _DEFINITIONS) else None
    named = len(inner) - 1
    while named > 0 and isinstance(inner[named - 1], ast.Attribute):
        named -= 1
    call = inner[named - 1] if named > 0 else None
    return call if isinstance(call, ast.Call) and call.func is inner[named] else inner[-1]


def _normal(node: ast.AST) -> str:
    """Return what a node means, the same for every formatting and every Python; of a definition its name only."""
    if isinstance(node, _DEFINITIONS):
        return f"{type(node).__name__} {node.name}"
    parts: list[str] = []
    # A stack, not recursion: nothing limits how deep an expression is.
    pending: list[object] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.AST):
            parts.append(f"({type(each).__name__}")
            pending.append(_END)
            # Python 3.12 and 3.13 know fields that older ones lack; they are empty in what both can read.
            fields = [(name, value) for name, value in ast.iter_fields(each) if value not in (None, [])]
            if isinstance(each, ast.JoinedStr):
                # Python 3.12 adds empty texts.
                fields = [("values", [part for part in each.values if getattr(part, "value", None) != ""])]
            for name, value in reversed(fields):
                if name not in ("ctx", "type_comment", "kind"):
                    pending += [value, _Name(name)]
        elif isinstance(each, list):
            parts.append("[")
            pending += [_CLOSE, *reversed(each)]
        elif isinstance(each, _Name):
            parts.append(each)
        elif isinstance(each, int) and not isinstance(each, bool):
            # As decimal digits a very long number is refused.
            parts.append(f"{each:x}")
        else:
            parts.append(repr(each))
    return " ".join(parts)


class _Name(str):
    """A part of the normal form, as opposed to a text in the source."""

    __slots__ = ()


_END = _Name(")")
_CLOSE = _Name("]")
