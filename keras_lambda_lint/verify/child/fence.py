"""Lets a process write below its own directory only: by the kernel (Landlock) where it can, else by Python alone."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""System calls of Landlock, the same on every architecture: linux/landlock.h."""
_WRITES = sum(1 << bit for bit in (1, *range(4, 13)))
"""Write, remove and make files of all kinds."""
_SINCE = {2: 1 << 13, 3: 1 << 14}
"""Move between directories, and truncate, by the version of Landlock that knows them."""
_NO_NEW_PRIVILEGES = 38
_DEVICES = ("/dev", "/proc/self")
_CHANGING = frozenset(
    "os.remove os.rename os.rmdir os.mkdir os.truncate os.chmod os.chown os.link os.symlink os.utime".split()
)


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("directory", ctypes.c_int32))


def fence(directories: Sequence[Path]) -> bool:
    """Refuse writing outside of some directories from now on; return whether the kernel does it."""
    if sys.platform == "linux" and _landlock(directories):
        return True
    _refuse_in_python(directories)
    return False


def _landlock(directories: Sequence[Path]) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    writes = _WRITES | sum(bit for since, bit in _SINCE.items() if version >= since)
    rules = _Rules(writes)
    ruleset = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    try:
        for place in (*map(str, directories), *_DEVICES):
            opened = os.open(place, os.O_PATH | os.O_DIRECTORY)
            beneath = _Beneath(writes, opened)
            added = libc.syscall(_ADD, ruleset, 1, ctypes.byref(beneath), 0)
            os.close(opened)
            if added != 0:
                return False
        return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 == libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _refuse_in_python(directories: Sequence[Path]) -> None:
    """Add a hook, which stays, that refuses what Python code itself would write elsewhere."""
    own = tuple(str(each.resolve()) + os.sep for each in directories)
    allowed = (*own, "/dev/")

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if mode is None else set(mode) & set("wxa+")
            paths = (path,) if writes else ()
        elif event in _CHANGING:
            paths = arguments[:2] if event in ("os.rename", "os.link") else arguments[:1]
        else:
            return
        for each in paths:
            if isinstance(each, str | bytes | os.PathLike):
                place = os.path.realpath(os.fsdecode(each))
                if not place.startswith(allowed) and place + os.sep not in own:
                    raise PermissionError(13, "Permission denied while a model is verified", place)

    sys.addaudithook(check)
