"""Which mutants compute the same as the right text on all inputs that were tried: they are no mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewrites import Rewrite


def are_equivalent(right: Rewrite, mutant: Rewrite, kind: str) -> bool:
    """Return whether two texts are equivalent."""
    del right, mutant, kind
    return False
