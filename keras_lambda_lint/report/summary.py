"""The closing line of a run."""

from __future__ import annotations

NO_FINDINGS = "No findings."
NO_FINDINGS_ELSEWHERE = "No findings in what could be checked."


def found(findings: int, files: int, safe: int, unsafe: int) -> str:
    """Return how many findings there are, and how many of them `--fix` would settle."""
    if not findings:
        return NO_FINDINGS
    line = f"Found {_count(findings, 'finding')} in {_count(files, 'file')}."
    hints = [f"{safe} fixable with --fix"] if safe else []
    if unsafe:
        hints.append(f"{unsafe} {'more' if safe else 'fixable'} with --fix --unsafe-fixes")
    return f"{line} [{', '.join(hints)}]" if hints else line


def fixed(settled: int, remaining: int, unsafe: int) -> str:
    """Return how many findings a run with `--fix` settled, and how many more `--unsafe-fixes` would."""
    if not settled and not remaining:
        return NO_FINDINGS
    line = f"Found {_count(settled + remaining, 'finding')} ({settled} fixed, {remaining} remaining)."
    return f"{line} [{unsafe} more with --unsafe-fixes]" if unsafe else line


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
