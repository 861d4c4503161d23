"""Waits for a role's process and ends it, with everything that it started, where it takes more than it may."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

_POLL = 0.01
_LOOK = 0.2
"""Seconds between two looks at memory and processes: reading /proc costs a millisecond or two."""
MOST_PROCESSES = 64
_LONGEST_LOG = 64 << 20
_SUBREAPER = 36
_ROUNDS = 50


class Limits(NamedTuple):
    """What a role may take."""

    seconds: float
    memory: int
    """Bytes, of all its processes."""
    log: Path


def adopt_orphans() -> None:
    """Become the parent of every process below this one that loses its own, so that none gets away (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def wait(child: int, limits: Limits) -> dict[str, object]:
    """Return how a child ended: `code`, and in `over` what it took too much of, in words."""
    start = looked = time.monotonic()
    over = ""
    while not over:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_all(child)
            return {"code": os.waitstatus_to_exitcode(status), "over": ""}
        now = time.monotonic()
        if now - start > limits.seconds:
            over = f"did not end within {limits.seconds:g} s"
        elif now - looked > _LOOK:
            looked, over = now, _excess(limits)
        time.sleep(_POLL)
    _end_all(child)
    return {"code": -int(signal.SIGKILL), "over": over}


def _excess(limits: Limits) -> str:
    if limits.log.is_file() and limits.log.stat().st_size > _LONGEST_LOG:
        return f"printed more than {_LONGEST_LOG >> 20} MB"
    running = _below(os.getpid())
    if len(running) > MOST_PROCESSES:
        return f"started more than {MOST_PROCESSES} processes"
    # Pages that forked processes share count once, which takes longer to find out.
    if sum(map(_resident, running)) > limits.memory and sum(map(_own_share, running)) > limits.memory:
        return f"took more than {limits.memory / (1 << 30):.3g} GB of memory"
    return ""


def _end_all(child: int) -> None:
    """End a child and what it started; until nothing is left, since a process may start others meanwhile."""
    _signal_group(child)
    for _ in range(_ROUNDS):
        running = _below(os.getpid()) or ([child] if _is_mine(child) else [])
        for process in running:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return  # Nothing of it is left.
        time.sleep(_POLL)


def _is_mine(child: int) -> bool:
    try:
        return os.waitpid(child, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _signal_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # Nothing of it is left.


def _below(ancestor: int) -> list[int]:
    """Return the processes below one; none where the system has no /proc (macOS: the group is all that is known)."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc") if sys.platform == "linux" else ():
        if entry.name.isdecimal():
            try:
                stat = Path(entry.path, "stat").read_bytes()
            except OSError:  # It has just ended.
                continue
            state, parent = stat.rpartition(b")")[2].split()[:2]
            if state != b"Z":
                parents[int(entry.name)] = int(parent)
    found = {ancestor}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {process for process, parent in parents.items() if parent in found}
    return sorted(found - {ancestor})


def _own_share(process: int) -> int:
    try:
        lines = Path("/proc", str(process), "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # It has just ended.
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def _resident(process: int) -> int:
    try:
        pages = int(Path("/proc", str(process), "statm").read_bytes().split()[1])
    except OSError:  # It has just ended.
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
