"""How a run that analyses files treats garbage."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Look for garbage seldom: what is known of a file is let go of once it is done, so looking for more finds little."""
    gc.set_threshold(1_000_000, 20, 20)
