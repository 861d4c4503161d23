"""What the verifier needs to know about a rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Fix, Span


class Replacement(Protocol):
    """A call of the original text and the expression that replaces it in the fixed text, or what a fix changes without that."""

    @property
    def original(self) -> Span:
        """Where the call is in the original text."""

    @property
    def fixed(self) -> Span:
        """Where its replacement is in the fixed text."""

    @property
    def fix(self) -> Fix:
        """The fix, with the changes that it intends."""
