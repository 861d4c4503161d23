"""One file from text to findings with their fixes: index, sites, rules, one rewrite plan per site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source


@dataclass(frozen=True)
class Options:
    """What a user can choose about the analysis itself."""

    keras: str = "auto"
    """`2`, `3` or `auto`."""
    output_shape: str = "changed"
    """When KLL301 speaks: `changed`, `needed` or `always`."""


def lint(
    source: Source, codes: frozenset[str], options: Options = Options(), tree: ast.Module | None = None, *, fixes: bool
) -> list[Diagnostic]:
    """Return all findings of the rules `codes` in one file, sorted by place, suppressed ones included.

    With `fixes`, each finding carries its fix, which takes libcst. Raises `SourceError` for a syntax error.
    """
    raise NotImplementedError
