"""What a user can choose about the analysis itself."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """The options that sites and rules read."""

    keras: str = "auto"
    """`2`, `3` or `auto`."""
    output_shape: str = "changed"
    """When KLL301 speaks: `changed`, `needed` or `always`."""
    named: frozenset[str] = frozenset()
    """The codes that the user's `select` or `extend-select` names, by a prefix too: what is opt-in within a rule asks for its own."""
    fix_style: str = "layer"
    """What a `Lambda` layer becomes: a `layer`, or, on Keras 3, a registered `function`."""
