"""Writes reports to files: in one step, so that a reader never sees half of one, and the old one stays where that fails."""

from __future__ import annotations

import contextlib
import errno
import os
import stat


def check_writable(path: str) -> None:
    """Raise `OSError` where a file cannot be written to `path`, as far as can be told before."""
    target = os.path.realpath(path)
    mode = _mode(target)
    if mode is None:
        parent = os.path.dirname(target)
        if not os.path.isdir(parent):
            raise FileNotFoundError(errno.ENOENT, "its directory does not exist", path)
        if not os.access(parent, os.W_OK):
            raise PermissionError(errno.EACCES, "its directory is read-only", path)
    elif stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
    elif not os.access(target, os.W_OK) or not mode & stat.S_IWUSR:
        raise PermissionError(errno.EACCES, "read-only file", path)


def write(path: str, data: bytes) -> None:
    """Give a file new content, its mode kept, or make it; raise `OSError`, all being as it was, where that is impossible."""
    check_writable(path)
    target = os.path.realpath(path)
    mode = _mode(target)
    if mode is not None and not stat.S_ISREG(mode):
        # A terminal, a pipe or /dev/null cannot be replaced, and is no file that could be left half written.
        with open(target, "wb") as stream:
            stream.write(data)
        return
    import tempfile

    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}."[:40], dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _mode(target: str) -> int | None:
    try:
        return os.stat(target).st_mode
    except FileNotFoundError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
