"""The hand-over list as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.report.handover.outcome import described
from keras_lambda_lint.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keras_lambda_lint.report.handover.outcome import Entry, Handover


def markdown(handover: Handover, problems: Iterable[str]) -> str:
    """Return the list; `problems` are the files that could not be worked on, each a line."""
    problems = list(problems)
    files = handover.files
    changed, left = (sum(len(getattr(file, what)) for file in files.values()) for what in ("changed", "left"))
    lines = ["# Hand-over list of keras-lambda-lint", ""]
    lines.append(f"Changed: {changed}. Left for a person: {left}. Files that could not be worked on: {len(problems)}.")
    if problems:
        lines += ["", "## Could not be worked on", "", *(f"* [ ] {_escaped(line)}" for line in problems)]
    for name, file in files.items():
        lines += ["", f"## {_escaped(name)}"]
        for title, items in (
            ("Changed", [_item("", each, described(each.fix)) for each in file.changed if each.fix]),
            ("Left for a person", [_item("[ ] ", each, f"{_messages(each)}. **{each.reason}**") for each in file.left]),
            ("Suppressed by a comment", [_item("", each, _messages(each)) for each in file.suppressed]),
        ):
            if items:
                lines += ["", f"{title}:", "", *items]
    if handover.verdicts is not None:
        lines += ["", handover.verdicts.markdown()]
    return "\n".join(lines).rstrip("\n") + "\n"


def _messages(entry: Entry) -> str:
    return "; ".join(dict.fromkeys(each.message for each in entry.findings))


def _item(box: str, entry: Entry, text: str) -> str:
    return f"* {box}{entry.place.line}: {', '.join(entry.codes)}: {_escaped(text)}"


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
