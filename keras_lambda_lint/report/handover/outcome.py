"""The outcome of a run, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from keras_lambda_lint.diagnostic import Applicability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.diagnostic import Diagnostic, Fix, Place
    from keras_lambda_lint.rewrite.engine import Fixed
    from keras_lambda_lint.source.text import Source


class Verdicts(Protocol):
    """What verification says, in the forms that the list is written in."""

    def markdown(self) -> str:
        """Return lines below headings of the second level."""

    def html(self) -> str:
        """Return sections."""


@dataclass(frozen=True)
class Entry:
    """One site with its findings: those that a fix settled, that remain, or that a comment suppresses."""

    place: Place
    findings: tuple[Diagnostic, ...]
    fix: Fix | None = None
    """The fix that was written, or that could be."""
    reason: str = ""
    """Why it is still there."""

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once."""
        return list(dict.fromkeys(each.code for each in self.findings))


@dataclass
class Outcome:
    """What is to be said of one file."""

    source: Source
    """The text that the entries of `left` and `suppressed` stand in."""
    before: Source | None = None
    """The text before anything was changed, which the entries of `changed` stand in."""
    changed: list[Entry] = field(default_factory=list)
    left: list[Entry] = field(default_factory=list)
    suppressed: list[Entry] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.left or self.suppressed)


class Handover:
    """Collects the outcome of a run."""

    def __init__(self) -> None:
        self._files: dict[str, Outcome] = {}
        self._fixed: dict[str, Fixed] = {}
        self.verdicts: Verdicts | None = None
        """What verification says, where it ran."""

    @property
    def files(self) -> dict[str, Outcome]:
        """The files of which there is something to say, by name, in the order in which they were checked."""
        return {name: file for name, file in self._files.items() if file}

    def note_changed(self, source: Source, fixed: Fixed) -> None:
        """Note what fixes changed in a file, whose text was `source` before."""
        self._fixed[source.filename] = fixed
        file = self._file(source)
        file.before = source
        file.source = fixed.source
        file.changed = [
            Entry(
                source.place(done.original.start),
                tuple(each for each in fixed.applied if each.fix == done.fix),
                done.fix,
            )
            for done in fixed.replacements
        ]

    def note_left(self, source: Source, found: Sequence[Diagnostic], suppressed: Sequence[Diagnostic]) -> None:
        """Note the findings that remain in a file, whose text is `source` by now, and those that comments suppress."""
        file = self._file(source)
        file.source = source
        sites: dict[object, list[Diagnostic]] = {}
        for each in found:
            sites.setdefault(each.fix.site if each.fix else (each.span.start, each.no_fix), []).append(each)
        file.left = [
            Entry(
                source.place(together[0].span.start),
                tuple(together),
                together[0].fix,
                self._reason(source, together[0]),
            )
            for together in sites.values()
        ]
        file.suppressed = [Entry(source.place(each.span.start), (each,)) for each in suppressed]

    def _file(self, source: Source) -> Outcome:
        return self._files.setdefault(source.filename, Outcome(source))

    def _reason(self, source: Source, finding: Diagnostic) -> str:
        """Return why a finding is still there."""
        fix, fixed = finding.fix, self._fixed.get(source.filename)
        if fix is None:
            return f"No fix: {finding.no_fix}" if finding.no_fix else "No fix: this needs a decision"
        left_out = fixed.left_out.get(fixed.origin(fix.site)) if fixed is not None else None
        if left_out is not None:
            return f"Not written ({fix.message}): {left_out}"
        if fix.applicability is Applicability.SAFE:
            return f"`--fix` writes: {fix.message}"
        if fix.applicability is Applicability.DISPLAY:
            return f"By hand: {described(fix)}"
        return f"`--fix --unsafe-fixes` writes: {described(fix)}"


def described(fix: Fix) -> str:
    """Return what a fix does, why it is not safe, and what it changes on purpose and elsewhere."""
    intended = f"; changes on purpose: {', '.join(change.value for change in fix.intended)}" if fix.intended else ""
    elsewhere = f"; also changes {', '.join(each.filename for each in fix.elsewhere)}" if fix.elsewhere else ""
    return fix.message + fix.caveat + intended + elsewhere
