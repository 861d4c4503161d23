"""What a run of `check` has to show, whatever the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.report.terminal import Palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.source.text import Source


class Problem(NamedTuple):
    """A part of the work that could not be done."""

    filename: str | None
    """The file or directory that it is about; None where it is about none."""
    row: int
    """0 where no row is to blame."""
    reason: str
    cell: int | None = None
    """The cell of a notebook that the row counts in."""

    def __str__(self) -> str:
        if self.filename is None:
            return self.reason
        within = f"cell {self.cell}:" if self.cell is not None else ""
        return f"{self.filename}:{within}{self.row}: {self.reason}" if self.row else f"{self.filename}: {self.reason}"


class Results(NamedTuple):
    """The findings file by file, in the order in which they are shown."""

    files: Sequence[tuple[Source, list[Diagnostic]]]
    problems: Sequence[Problem] = ()
    closing: str = ""
    """The line that sums the run up for a person."""
    palette: Palette = Palette(colours=False)
    """The colours of the place where the text goes."""
