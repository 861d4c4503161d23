"""Code that a saved model holds: the one kind of site that is in no Python file.

`artifacts/` reads it for `inspect` and `check --models`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span


class StoredCode(NamedTuple):
    """A function that a model file holds as Python bytecode."""

    span: Span
    """Where its source stands in the text of all that was recovered from the file."""
    layer: str
    """The path through nested models to the layer that holds it."""
    role: str
    """`function`, `output_shape`, `mask`, or what else it is in that layer."""
    python: str
    """The Pythons that can have written it."""
    source: str
    """Its source on one line, or a few words where there is none."""
    risk: str
    """What it does when it runs, in a few words."""
    dangerous: bool
    """Whether it reaches beyond tensors."""
