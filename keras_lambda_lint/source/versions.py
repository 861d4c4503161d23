"""What a version specifier allows, as pip, conda, Poetry and Pipenv write it."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

Release: TypeAlias = tuple[int, ...]

_CLAUSE = re.compile(
    r"[,\s]*(?P<operator>===|==|~=|!=|<=|>=|<|>|=|\^|~|)\s*v?(?P<release>\d+(?:\.\d+)*)(?P<wild>(?:\.[*x])+|\*)?"
    r"(?P<rest>(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)[-_.]?\d*)*(?:\+[\w.]+)?)(?=[,\s<>=!~^]|$)",
    re.IGNORECASE,
)
_EXACT = re.compile(r"\s*(?:===|==|=|)\s*v?\d")
_ANY = re.compile(r"\s*(?:[=~^]*\s*\*|latest)?\s*", re.IGNORECASE)


class _Range(NamedTuple):
    low: Release
    high: Release | None
    """None where nothing ends it."""
    includes_high: bool


def sides(specifier: str, boundary: Release) -> frozenset[bool]:
    """Return whether a specifier allows releases below the boundary (False) and from it on (True).

    Both where it cannot be read, and where its clauses contradict each other.
    """
    found: set[bool] = set()
    for alternative in re.split(r"\|\|?", specifier):
        allowed = _allowed(alternative)
        if allowed is None:
            return frozenset({False, True})
        if allowed.low < boundary:
            found.add(False)
        high = allowed.high
        if high is None or high > boundary or (high == boundary and allowed.includes_high):
            found.add(True)
    return frozenset(found)


def is_exact(specifier: str) -> bool:
    """Return whether a specifier names one release, or the releases that start with one."""
    return _EXACT.match(specifier) is not None and "," not in specifier and "|" not in specifier


def _allowed(specifier: str) -> _Range | None:
    """Return the range that all clauses leave; None for one that is unreadable or leaves nothing."""
    if _ANY.fullmatch(specifier):
        return _Range((), None, False)
    low: Release = ()
    high: tuple[Release, bool] | None = None
    position = 0
    while specifier[position:].strip(", \t"):
        clause = _CLAUSE.match(specifier, position)
        if clause is None:
            return None
        position = clause.end()
        one = _clause(clause)
        low = max(low, one.low)
        if one.high is not None:
            # At one bound the range that leaves it out is the narrower.
            end = (one.high, one.includes_high)
            high = end if high is None else min(high, end)
    if high is not None and (high[0] < low or (high[0] == low and not high[1])):
        return None
    return _Range(low, *(high or (None, False)))


def _clause(clause: re.Match[str]) -> _Range:
    written = tuple(int(part) for part in clause["release"].split("."))
    release = _normal(written)
    operator = clause["operator"]
    if operator == "!=":
        return _Range((), None, False)
    if operator in (">", ">="):
        return _Range(release, None, False)
    if operator in ("<", "<="):
        return _Range((), release, operator == "<=")
    if operator == "~=":
        return _Range(release, _after(written[:-1] or written), False)
    if operator == "~":
        return _Range(release, _after(written[:2]), False)
    if operator == "^":
        significant = next((number for number, part in enumerate(written) if part), len(written) - 1)
        return _Range(release, _after(written[: significant + 1]), False)
    if clause["wild"] or operator == "=":
        return _Range(release, _after(written), False)
    return _Range(release, release, True)


def _after(release: Release) -> Release:
    """Return the first release that does not start with this one."""
    return _normal((*release[:-1], release[-1] + 1))


def _normal(release: Release) -> Release:
    """Return a release without the zeros at its end, so that 3 and 3.0 are one."""
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]
