"""What a stored function does when it runs, judged by its code, which is never run here."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from keras_lambda_lint.artifacts.risky_names import (
    ALARMING,
    ATTRIBUTES,
    BUILTINS,
    COMPUTING_BUILTINS,
    COMPUTING_MODULES,
    DUNDERS,
    MODULES,
    NAMESPACES,
    WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.artifacts.bytecode import Recovery

Level = Literal["pure", "unknown", "dangerous"]

_WORD = re.compile(r"[A-Za-z_]\w*")
_LONGEST_NAME = 64
_MOST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Risk:
    """How far a function reaches."""

    level: Level
    """`pure`: it only computes. `unknown`: it reads what the file does not show. `dangerous`: it reaches beyond tensors."""
    reasons: tuple[str, ...]
    """Why it is not pure, each a few words."""


def risk(found: Recovery) -> Risk:
    """Return the risk of a recovered function.

    Only code that is exact can be `pure`. A library is taken for what it is usually imported as: `tf`, `K`, `np`.
    """
    reasons: dict[str, Level] = {}
    if found.source is not None:
        try:
            reasons = dict(_Code(found).concerns())
        except (SyntaxError, ValueError, RecursionError):
            reasons = {"its source is beyond judging": "unknown"}
    if found.status != "exact":
        words = {*_WORD.findall(found.disassembly), *found.names}
        reasons |= _alarms(words)
        reasons.setdefault(f"its code is {found.status}", "unknown")
    return _risk(reasons)


def risk_of_bytes(stored: bytes) -> Risk:
    """Return the risk of a function that cannot be read, by the names in its bytes."""
    return _risk({**_alarms(set(_names(stored))), "its code cannot be read": "unknown"})


def _risk(reasons: dict[str, Level]) -> Risk:
    level: Level = "dangerous" if "dangerous" in reasons.values() else "unknown" if reasons else "pure"
    return Risk(level, tuple(sorted(reasons, key=lambda reason: reasons[reason])))


def _alarms(words: set[str]) -> dict[str, Level]:
    return {f"names `{word}`": "dangerous" for word in sorted(words & ALARMING)}


def _names(stored: bytes) -> Iterator[str]:
    """Yield the identifiers that stand after their length, in one byte or four; of huge code, those near its start."""
    stored = stored[:_MOST_BYTES]
    for place, length in enumerate(stored):
        if 0 < length <= _LONGEST_NAME:
            wide = 3 if stored[place + 1 : place + 4] == b"\0\0\0" else 0
            text = stored[place + 1 + wide : place + 1 + wide + length]
            if len(text) == length and text.isascii() and text.decode("ascii").isidentifier():
                yield text.decode("ascii")


class _Code:
    """The source of a function, searched for what is more than computing with its parameters."""

    def __init__(self, found: Recovery) -> None:
        self._tree = ast.parse(found.source or "")
        self._globals = set(found.names)

    def concerns(self) -> Iterator[tuple[str, Level]]:
        inner = {id(node.value) for node in ast.walk(self._tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute):
                yield from self._attribute(node)
                if id(node) not in inner:
                    yield from self._chain(node)
            elif isinstance(node, ast.Name) and node.id in self._globals:
                yield from self._name(node.id)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._imported(node)
            elif isinstance(node, ast.keyword) and node.arg == "output_stream":
                yield "uses `output_stream`", "dangerous"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from self._text(node.value)

    def _text(self, text: str) -> Iterator[tuple[str, Level]]:
        if text.startswith("file://"):
            yield "names a file", "dangerous"
        elif "__" in text:
            yield "a text with `__`", "unknown"

    def _name(self, name: str) -> Iterator[tuple[str, Level]]:
        if name in BUILTINS:
            yield f"uses `{name}`", "dangerous"
        elif name in MODULES:
            yield f"uses the module `{name}`", "dangerous"
        elif name not in COMPUTING_MODULES and name not in COMPUTING_BUILTINS:
            yield f"`{name}` is unknown", "unknown"

    def _attribute(self, node: ast.Attribute) -> Iterator[tuple[str, Level]]:
        if node.attr in ATTRIBUTES or node.attr in DUNDERS or node.attr in MODULES - WORDS:
            yield f"uses `{ast.unparse(node)[-80:]}`", "dangerous"
        elif node.attr.startswith("_"):
            yield f"`{node.attr}` is private", "unknown"

    def _chain(self, node: ast.Attribute) -> Iterator[tuple[str, Level]]:
        """Yield a concern if a library is asked for more than its parts that compute."""
        parts: list[str] = []
        value: ast.expr = node.value
        while isinstance(value, ast.Attribute):
            parts.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name) and value.id in self._globals & COMPUTING_MODULES:
            for part in parts:
                if part not in NAMESPACES:
                    yield f"`{ast.unparse(node)[:80]}` is unknown", "unknown"

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Level]]:
        source = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in (*source, *(alias.name for alias in node.names)):
            parts = name.split(".")
            if parts[0] in MODULES or {*parts} & (ATTRIBUTES | DUNDERS | MODULES - WORDS):
                yield f"imports `{name}`", "dangerous"
        root = (source or [node.names[0].name])[0].partition(".")[0]
        if root not in COMPUTING_MODULES:
            yield f"imports from `{root}`", "unknown"
