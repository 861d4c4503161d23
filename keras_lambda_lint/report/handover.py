"""The hand-over list: what a run changed in each file, what it left, and why a person has to look at that. Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.diagnostic import Diagnostic, Fix
    from keras_lambda_lint.rewrite.engine import Fixed
    from keras_lambda_lint.source.text import Source


@dataclass
class _File:
    """What is to be said of one file."""

    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)


class Handover:
    """Collects the outcome of a run, file by file."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._fixed: dict[str, Fixed] = {}

    def note_changed(self, source: Source, fixed: Fixed) -> None:
        """Note what fixes changed in a file, whose text was `source` before."""
        self._fixed[source.filename] = fixed
        self._file(source).changed = [
            _item(
                f"line {source.location(done.original.start).row}",
                (each.code for each in fixed.applied if each.fix == done.fix),
                f"{done.fix.message}{_caveat(done.fix)}",
            )
            for done in fixed.replacements
        ]

    def note_left(self, source: Source, found: list[Diagnostic], suppressed: list[Diagnostic]) -> None:
        """Note the findings that remain in a file, whose text is `source` by now, and those that comments suppress."""
        file = self._file(source)
        sites: dict[object, list[Diagnostic]] = {}
        for each in found:
            sites.setdefault(each.fix.site if each.fix else (each.span.start, each.no_fix), []).append(each)
        file.left = [
            _item(
                f"[ ] line {source.location(together[0].span.start).row}",
                (each.code for each in together),
                f"{'; '.join(dict.fromkeys(each.message for each in together))}. **{self._reason(source, together[0])}**",
            )
            for together in sites.values()
        ]
        file.suppressed = [
            _item(f"line {source.location(each.span.start).row}", [each.code], each.message) for each in suppressed
        ]

    def text(self, problems: Iterable[str]) -> str:
        """Return the list; `problems` are the files that could not be worked on, each a line."""
        problems = list(problems)
        files = {name: file for name, file in self._files.items() if file.changed or file.left or file.suppressed}
        changed, left = (sum(len(getattr(file, what)) for file in files.values()) for what in ("changed", "left"))
        lines = ["# Hand-over list of keras-lambda-lint", ""]
        lines.append(
            f"Changed: {changed}. Left for a person: {left}. Files that could not be worked on: {len(problems)}."
        )
        if problems:
            lines += ["", "## Could not be worked on", "", *(f"* [ ] {_escaped(line)}" for line in problems)]
        for name, file in files.items():
            lines += ["", f"## {_escaped(name)}"]
            for title, items in (
                ("Changed", file.changed),
                ("Left for a person", file.left),
                ("Suppressed by a comment", file.suppressed),
            ):
                if items:
                    lines += ["", f"{title}:", "", *items]
        return "\n".join(lines) + "\n"

    def _file(self, source: Source) -> _File:
        return self._files.setdefault(source.filename, _File())

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
            return f"By hand: {fix.message}{_caveat(fix)}"
        return f"`--fix --unsafe-fixes` writes: {fix.message}{_caveat(fix)}"


def _caveat(fix: Fix) -> str:
    because = f" ({fix.applicability.value}: {fix.unsafe_because})" if fix.unsafe_because else ""
    intended = f"; changes on purpose: {', '.join(change.value for change in fix.intended)}" if fix.intended else ""
    elsewhere = f"; also changes {', '.join(each.filename for each in fix.elsewhere)}" if fix.elsewhere else ""
    return because + intended + elsewhere


def _item(place: str, codes: Iterable[str], text: str) -> str:
    return f"* {place}: {', '.join(dict.fromkeys(codes))}: {_escaped(text)}"


def _escaped(text: str) -> str:
    """Return text on one line that Markdown shows as it is; what stands between backticks is code already."""
    return "`".join(_parts(plain(text)))


def _parts(text: str) -> Iterator[str]:
    parts = text.split("`")
    for number, part in enumerate(parts):
        is_code = number % 2 and number < len(parts) - 1
        yield (
            part if is_code else part.replace("\\", "\\\\").replace("<", "&lt;").replace("_", "\\_").replace("[", "\\[")
        )
