"""Which Keras a file runs on."""

from __future__ import annotations

import ast
import os
import re
from enum import Enum
from typing import TYPE_CHECKING

from keras_lambda_lint.verify.verdict import VerifyError

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source


class Flavour(Enum):
    """A Keras that models can be run on."""

    KERAS_3 = "keras"
    KERAS_2 = "tf_keras"


_LEGACY = re.compile(r"TF_USE_LEGACY_KERAS[\"']\s*\]?\s*[=,]\s*[\"'](?:1|[Tt]rue)")
_TRUE = frozenset({"1", "true", "True"})


def flavours(source: Source, keras: str) -> tuple[Flavour, ...]:
    """Return the versions of Keras to run a file on; raise `VerifyError` for an unknown choice."""
    chosen: list[Flavour] = []
    for word in keras.split(","):
        match word.strip():
            case "auto":
                flavour = _imported(source)
            case "2":
                flavour = Flavour.KERAS_2
            case "3":
                flavour = Flavour.KERAS_2 if _imports_tf_keras(source) else Flavour.KERAS_3
            case other:
                raise VerifyError(f"unknown Keras version {other!r}: choose from 2, 3, auto")
        if flavour not in chosen:
            chosen.append(flavour)
    return tuple(chosen)


def _imported(source: Source) -> Flavour:
    if _imports_tf_keras(source):
        return Flavour.KERAS_2
    if _roots(source) & {"keras"}:
        return Flavour.KERAS_3
    if _LEGACY.search(source.text) or os.environ.get("TF_USE_LEGACY_KERAS") in _TRUE:
        return Flavour.KERAS_2
    return Flavour.KERAS_3


def _imports_tf_keras(source: Source) -> bool:
    return "tf_keras" in _roots(source)


def _roots(source: Source) -> set[str]:
    try:
        tree = ast.parse(source.text)
    except SyntaxError as error:
        raise VerifyError(f"{source.filename}:{error.lineno}: {error.msg}") from None
    roots: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
    return roots
