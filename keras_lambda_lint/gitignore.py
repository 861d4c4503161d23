"""Which files `.gitignore` excludes. Imports pathspec only when a directory has such a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME = ".gitignore"


class Ignores:
    """The `.gitignore` files that hold in one directory, from the repository's root inwards."""

    def __init__(self, specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()) -> None:
        self._specs = specs

    def inside(self, directory: str, names: set[str]) -> Ignores:
        """Return what holds in a directory that has `names`, below one where these hold."""
        # A repository inside another one is its own.
        outer = () if ".git" in names else self._specs
        spec = _read(os.path.join(directory, NAME)) if NAME in names else None
        if spec is None and outer is self._specs:
            return self
        return Ignores((*outer, (directory, spec)) if spec is not None else outer)

    def match(self, path: str, *, directory: bool) -> bool:
        """Return whether an absolute path is ignored; the innermost file that says anything decides."""
        for root, spec in reversed(self._specs):
            relative = path[len(root) :].lstrip(os.sep) + ("/" if directory else "")
            said = spec.check_file(relative).include
            if said is not None:
                return said
        return False


NOTHING = Ignores()


def above(directory: str) -> Ignores:
    """Return what the parents of a directory say about its content, up to the root of its repository.

    A directory that a person named although its parents ignore it is not ignored.
    """
    inside = [directory]
    while not os.path.exists(os.path.join(inside[-1], ".git")):
        parent = os.path.dirname(inside[-1])
        if parent == inside[-1]:
            return NOTHING
        inside.append(parent)
    ignores = NOTHING
    for parent, child in zip(inside[:0:-1], inside[-2::-1], strict=True):
        if os.path.isfile(os.path.join(parent, NAME)):
            ignores = ignores.inside(parent, {NAME})
        if ignores.match(child, directory=True):
            return NOTHING
    return ignores


def _read(path: str) -> GitIgnoreSpec | None:
    # As in git, a file that cannot be read and a pattern that means nothing are no reason to stop.
    try:
        if not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _means_something(line)])


def _means_something(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
