"""The names of Keras 2 in recovered code, as Keras 3 has them: what `check --fix` writes."""

from __future__ import annotations

import ast
import os
import tempfile
from typing import TYPE_CHECKING

from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from keras_lambda_lint.diagnostic import Diagnostic

_IMPORTED = frozenset({"T", "control_flow_ops", "ctc", "ktf", "np", "tf", "th", "theano"})
_CODES = frozenset({"KLL401", "KLL404"})


def for_keras_3(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return a module's text with the names of Keras 3, and the line and message of each that it does not have."""
    with tempfile.TemporaryDirectory() as folder:
        # The project around a file is looked at: this one has none.
        with open(os.path.join(folder, "pyproject.toml"), "w", encoding="utf-8"):
            pass
        fixed = engine.fix(Source(os.path.join(folder, "layers.py"), text), _found, lambda *_: True)
        left = [(fixed.source.location(each.span.start).row, each.message) for each in _found(fixed.source, ())]
    known = " ".join(message for _, message in left)
    return fixed.source.text, left + [each for each in _private(fixed.source.text) if each[1] not in known]


def _private(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line of what the backend of Keras 2 only imported itself, such as `K.tf`, and that Keras 3 has no such thing."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in _IMPORTED and ast.unparse(node.value) == "K":
            yield node.lineno, f"`keras.backend` of Keras 3 has no `K.{node.attr}`: this fails when it runs"


def _found(source: Source, others: Collection[Source] | Sequence[Source]) -> list[Diagnostic]:
    return lint(source, _CODES, Options(keras="3"), fixes=True, others=others)
