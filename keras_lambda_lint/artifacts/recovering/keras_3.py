"""The names of Keras 2 in recovered code, as Keras 3 has them: what `check --fix` writes."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from keras_lambda_lint.diagnostic import Diagnostic

_CODES = frozenset({"KLL401", "KLL404"})


def for_keras_3(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return a module's text with the names of Keras 3, and the line and message of each that it does not have."""
    with tempfile.TemporaryDirectory() as folder:
        # The project around a file is looked at: this one has none.
        with open(os.path.join(folder, "pyproject.toml"), "w", encoding="utf-8"):
            pass
        fixed = engine.fix(Source(os.path.join(folder, "layers.py"), text), _found, lambda *_: True)
        left = [(fixed.source.location(each.span.start).row, each.message) for each in _found(fixed.source, ())]
    return fixed.source.text, left


def _found(source: Source, others: Collection[Source] | Sequence[Source]) -> list[Diagnostic]:
    return lint(source, _CODES, Options(keras="3"), fixes=True, others=others)
