"""Writes fixed texts: each file in one step, and several files of one fix wholly or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.source.text import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Change(NamedTuple):
    """New bytes for a file."""

    path: str
    old: bytes
    new: bytes


def write(changes: Sequence[Change]) -> None:
    """Replace the content of files, their modes kept; a symbolic link keeps pointing to its file.

    Raises `SourceError` where a file no longer holds its `old` bytes, and `OSError`, with the name of the file, where one is
    read-only or gone or the disk is full; all files are then as they were. All new bytes are on the disk before the first file
    gets its own; one that is killed between two of them leaves each file whole.
    """
    ready: list[tuple[str, Change]] = []
    done: list[Change] = []
    try:
        for change in changes:
            ready.append((_beside(change), change))
        while ready:
            temporary, change = ready[0]
            os.replace(temporary, os.path.realpath(change.path))
            done.append(change)
            del ready[0]
    except BaseException:
        for temporary, _ in ready:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        for change in done:
            os.replace(_beside(Change(change.path, change.new, change.old)), os.path.realpath(change.path))
        raise


def _beside(change: Change) -> str:
    """Write the new bytes to a file beside the one they are for, ready to take its place; return its path."""
    import tempfile

    target = os.path.realpath(change.path)
    try:
        status = os.stat(target)
        if not status.st_mode & stat.S_IWUSR:
            raise PermissionError(errno.EACCES, "read-only file")
        with open(target, "rb") as stream:
            if stream.read() != change.old:
                raise SourceError(change.path, 0, "changed since it was read: run again")
        descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
        try:
            with open(descriptor, "wb") as stream:
                stream.write(change.new)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, stat.S_IMODE(status.st_mode))
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        error.filename = change.path
        raise
    return temporary
