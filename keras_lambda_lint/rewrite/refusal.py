"""How a rewrite says that it cannot be done."""

from __future__ import annotations


class NoFix(Exception):
    """A site that no fix is offered for; the text says why, for a person who has to finish by hand."""
