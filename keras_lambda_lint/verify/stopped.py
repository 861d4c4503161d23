"""What stops a program, and whether the fixed one stops where the original goes on."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.compare import reason

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.evidence import Evidence


def error(built: dict[str, Any]) -> str | None:
    """Return the first error that ended the script or a function; None where none did."""
    failures = [each for each in (*built["skipped"], *built["factories"]) if not each["end"]]
    return reason(failures[0]) if failures else None


def broken(original: Source, fixed: Source, evidence: Evidence) -> str | None:
    """Return how the fixed text fails where the original goes on; None where it goes at least as far."""
    if "failure" in evidence.original or "failure" in evidence.fixed:
        return None
    was = evidence.original["skipped"]
    known = {(each["type"], each["message"]) for each in was}
    rows = {each["statement"] for each in was}
    for now in evidence.fixed["skipped"]:
        if (now["type"], now["message"]) not in known and not rows & _rows_before(original, fixed, now["statement"]):
            return f"the fixed script ends with {reason(now)}"
    failed = {each["function"] for each in evidence.original["factories"]}
    for each in evidence.fixed["factories"]:
        if each["function"] not in failed:
            return f"the fixed function {each['function']} ends with {reason(each)}"
    return None


def _rows_before(original: Source, fixed: Source, row: int) -> set[int]:
    """Return the rows of the original text that a row of the fixed text was made from."""
    before, after = ([text.line(row + 1) for row in range(len(text.line_starts))] for text in (original, fixed))
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if new_start < row <= new_end:
            return {start + row - new_start} if kind == "equal" else set(range(start + 1, end + 1))
    return set()
