"""The order of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Edit


def in_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits by place, each once; those at one place, such as an import and what takes it, keep their order."""
    return tuple(sorted(dict.fromkeys(edits), key=lambda edit: edit.span))
