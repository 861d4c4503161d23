"""Reports in files: Markdown, and a page for a browser, by the end of the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.verify.views import markdown, webpage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.verify.verdict import Verification

REPORTS = {".md": markdown.markdown, ".html": webpage.webpage}


class Sections:
    """Verifications as parts of another report."""

    def __init__(self, verifications: Sequence[Verification]) -> None:
        self._verifications = verifications

    def markdown(self) -> str:
        """Return lines below headings of the second level."""
        return "\n".join(markdown.sections(self._verifications))

    def html(self) -> str:
        """Return sections."""
        return "\n".join(webpage.sections(self._verifications))
