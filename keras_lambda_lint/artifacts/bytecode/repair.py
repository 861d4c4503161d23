"""What damaged bytes may have been.

On Windows, Keras 2 replaces each backslash by a slash in the marshalled bytes, wherever it stands (`func_dump` in
`keras/utils/generic_utils.py`): in paths, but in instructions, counts and constants too. Text modes of files turn line ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_PLACES = 10
"""Damage in more places than this is not undone: the ways to do it are too many to try them all."""
_DRIVE = re.compile(rb"[A-Za-z]:/[^\x00-\x1f]*")


@dataclass(frozen=True, slots=True)
class Repaired:
    """Bytes as they may have been, and which were changed."""

    stored: bytes
    places: tuple[int, ...]


def is_from_windows(stored: bytes) -> bool:
    """Return whether backslashes were replaced: a path starts with a drive, and nothing in the bytes is a backslash."""
    return b"\\" not in stored and _DRIVE.search(stored) is not None


def loads_of_globals(stored: bytes, places_of_slashes: list[int]) -> list[int]:
    r"""Return the slashes that the cache of `LOAD_GLOBAL` of 3.14 follows, whose number is that of `\\`.

    `BUILD_MAP`, whose number is that of `/`, has no cache: such code can be read only if they are turned back.
    """
    return [place for place in places_of_slashes if stored[place + 2 : place + 10] == bytes(8)]


def without_backslashes(
    stored: bytes, places_of_slashes: list[int], certain: tuple[int, ...] = ()
) -> Iterator[Repaired]:
    """Yield the bytes with each choice of these slashes turned back, first those with the fewest; always the certain ones."""
    for places in ((), *_choices(places_of_slashes)) if certain else _choices(places_of_slashes):
        changed = bytearray(stored)
        for place in (*certain, *places):
            changed[place] = ord("\\")
        yield Repaired(bytes(changed), tuple(sorted((*certain, *places))))


def with_other_line_ends(stored: bytes) -> Iterator[Repaired]:
    r"""Yield the bytes as they were before something turned each `\n` into `\r\n`, or each `\r\n` into `\n`."""
    doubled = [match.start() for match in re.finditer(rb"\r\n", stored)]
    if doubled:
        yield Repaired(stored.replace(b"\r\n", b"\n"), tuple(doubled))
    else:
        for places in _choices([match.start() for match in re.finditer(rb"\n", stored)]):
            parts = [stored[start:end] for start, end in zip((0, *places), (*places, len(stored)), strict=True)]
            yield Repaired(b"\r".join(parts), places)


def slashes(stored: bytes) -> list[int]:
    """Return where slashes are that may have been backslashes and are no part of a path."""
    if b"\\" in stored:
        return []
    paths = [match.span() for match in _DRIVE.finditer(stored)]
    return [
        match.start()
        for match in re.finditer(rb"/", stored)
        if not any(start <= match.start() < end for start, end in paths)
    ]


def _choices(places: list[int]) -> Iterable[tuple[int, ...]]:
    if len(places) > MOST_PLACES:
        return ()
    return chain.from_iterable(combinations(places, count) for count in range(1, len(places) + 1))
