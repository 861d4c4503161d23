"""The currency of the tool: what a rule finds and what a fix would change. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    """The model cannot be loaded, a part of it does not train, or it is silently wrong."""
    WARNING = "warning"
    """It works here and breaks elsewhere."""
    INFO = "info"
    """Nothing breaks; there is a better form."""


class Applicability(str, Enum):
    """Who may apply a fix (DESIGN section 5)."""

    SAFE = "safe"
    """Outputs, gradients, masks, weights and observable layer names stay the same: `--fix` applies it."""
    UNSAFE = "unsafe"
    """Right in intent, but one of these cannot be shown: `--unsafe-fixes` applies it."""
    DISPLAY = "display"
    """Shown only: a person has to finish it."""


class IntendedChange(str, Enum):
    """A change of behaviour that a fix makes on purpose."""

    TRAINS_WEIGHT = "trains-weight"
    BINDS_LOOP_VALUE = "binds-loop-value"
    DECLARED_SHAPE = "declared-shape"
    DECLARED_DTYPE = "declared-dtype"
    REPAIRS_CRASH = "repairs-crash"


class Location(NamedTuple):
    """A place in a text as people count: row and column from 1, columns in characters."""

    row: int
    column: int


class Span(NamedTuple):
    """A half-open range of character offsets into the decoded text of one file (a byte order mark is not counted)."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Return whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Return whether the two spans share a character; two insertions at one place do not."""
        return self.start < other.end and other.start < self.end


class Edit(NamedTuple):
    """Replace the characters of `span` by `content`; an empty span inserts."""

    span: Span
    content: str


class Place(NamedTuple):
    """Where a person finds something in a file: row and column from 1, in a notebook those of a cell."""

    row: int
    column: int
    cell: int | None = None
    """Which cell of the notebook, counted from 1 over all cells; None in other files."""

    def __str__(self) -> str:
        return f"{'' if self.cell is None else f'cell {self.cell}:'}{self.row}:{self.column}"

    @property
    def line(self) -> str:
        """The line, in words."""
        return f"line {self.row}" if self.cell is None else f"cell {self.cell}, line {self.row}"


class PlacedEdit(NamedTuple):
    """An edit as a person or a program applies it: to a file, or to one cell."""

    start: Place
    end: Place
    content: str


class Text(Protocol):
    """A text that a place can lie in."""

    @property
    def filename(self) -> str:
        """The name that a person knows it by."""

    def location(self, offset: int) -> Location:
        """Return the row and column of an offset."""

    def place(self, offset: int) -> Place:
        """Return where an offset is for a person."""

    def placed(self, edit: Edit) -> PlacedEdit:
        """Return an edit as a person or a program applies it."""

    def cell_row(self, row: int) -> tuple[int | None, int]:
        """Return the cell that a row lies in, None where there are no cells, and its number there."""

    def shown_line(self, row: int) -> str:
        """Return a line as a person sees it, without its end."""

    @property
    def file_text(self) -> Text:
        """The text of the file itself, of a notebook its JSON: for programs that know lines of files only."""

    def file_span(self, span: Span) -> Span:
        """Return where a span is in `file_text`."""

    def file_edits(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return edits as edits of `file_text`."""


@dataclass(frozen=True)
class Elsewhere:
    """What a fix changes in another file of the project, as edits of that file's text."""

    filename: str
    edits: tuple[Edit, ...]
    source: Text = field(compare=False, repr=False)
    """The text that the edits belong to."""


@dataclass(frozen=True)
class Fix:
    """A rewrite, as text edits that do not overlap, sorted by offset.

    All findings of one site carry the same (equal) fix: applying it once settles them together.
    """

    message: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    site: Span
    """What the fix settles, such as the whole call `Lambda(...)`, which it replaces, or a class statement: what identifies the site."""
    intended: tuple[IntendedChange, ...] = ()
    unsafe_because: str | None = None
    """Why the fix is not safe, for a person; None where it is."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """What it changes in other files: all of it is written, or nothing."""
    comes_first: bool = False
    """Whether it decides where the file can run, and with that what else is found: it is applied before all others.

    What it brings to light has to be settled by other fixes.
    """

    @property
    def caveat(self) -> str:
        """Why the fix is not safe, as the end of a sentence about it; empty where it is."""
        return f" ({self.applicability.value}: {self.unsafe_because})" if self.unsafe_because else ""

    @property
    def replaces_site(self) -> bool:
        """Whether the site, an expression, gives way to another one; else the fix changes what lies in or around it."""
        return any(edit.span == self.site for edit in self.edits)


@dataclass(frozen=True)
class Related:
    """A second place that explains a finding."""

    span: Span
    message: str
    source: Text | None = None
    """The file that it lies in, where that is not the file of the finding."""


@dataclass(frozen=True)
class Diagnostic:
    """One finding at one place of one file."""

    code: str
    name: str
    severity: Severity
    message: str
    span: Span
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    no_fix: str | None = None
    """Why there is no fix, where a reader could expect one; None where there is a fix."""

    def see(self, span: Span | None, message: str, source: Text | None = None) -> Diagnostic:
        """Return the finding with a second place that explains it; the finding itself where that place is not known.

        `source` is the file that the place lies in, where that is not the file of the finding.
        """
        return self if span is None else replace(self, related=(*self.related, Related(span, message, source)))
