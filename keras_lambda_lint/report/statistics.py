"""How often each rule speaks, in place of the findings: for a person, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from keras_lambda_lint.diagnostic import Applicability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.report.results import Results

FORMATS = ("text", "json")


class _Row(NamedTuple):
    code: str
    name: str
    number: int
    safe: int
    """How many of them `--fix` settles."""
    unsafe: int
    """How many more of them `--fix --unsafe-fixes` settles."""

    @property
    def mark(self) -> str:
        """`[*]` where `--fix` settles all, `[-]` where fixes settle a part or are unsafe."""
        if self.safe == self.number:
            return "[*]"
        return "[-]" if self.safe or self.unsafe else "[ ]"


def rendered(name: str, results: Results) -> str:
    """Return the statistics in one of `FORMATS`: most frequent rules first."""
    rows = _rows(each for _, found in results.files for each in found)
    return _as_json(rows) if name == "json" else _as_text(rows, results.closing)


def _rows(findings: Iterable[Diagnostic]) -> list[_Row]:
    by_code: dict[tuple[str, str], list[Diagnostic]] = {}
    for each in findings:
        by_code.setdefault((each.code, each.name), []).append(each)
    rows = [
        _Row(code, name, len(found), _fixable(found, Applicability.SAFE), _fixable(found, Applicability.UNSAFE))
        for (code, name), found in by_code.items()
    ]
    return sorted(rows, key=lambda row: (-row.number, row.code))


def _fixable(found: list[Diagnostic], applicability: Applicability) -> int:
    return sum(each.fix is not None and each.fix.applicability is applicability for each in found)


def _as_text(rows: list[_Row], closing: str) -> str:
    width = max((len(str(row.number)) for row in rows), default=0)
    lines = [f"{row.number:>{width}}  {row.code}  {row.mark} {row.name}\n" for row in rows]
    marks = {row.mark for row in rows}
    legend = [
        text
        for mark, text in (("[*]", "[*] fixable with --fix"), ("[-]", "[-] fixable in part, or with --unsafe-fixes"))
        if mark in marks
    ]
    return "".join(lines) + "".join(f"{line}\n" for line in legend) + f"{closing}\n"


def _as_json(rows: list[_Row]) -> str:
    import json

    listed: list[dict[str, Any]] = [
        {"code": row.code, "name": row.name, "count": row.number, "fixable": {"safe": row.safe, "unsafe": row.unsafe}}
        for row in rows
    ]
    return json.dumps(listed, indent=2) + "\n"
