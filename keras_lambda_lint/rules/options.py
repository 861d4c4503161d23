"""What a user can choose about the analysis itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """The options that sites and rules read."""

    keras: str = "auto"
    """`2`, `3` or `auto`."""
    output_shape: str = "changed"
    """When KLL301 speaks: `changed`, `needed` or `always`."""
