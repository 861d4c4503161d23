"""Keeps a process that runs somebody's script in its place: limits, own directories, no network, no terminal."""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import sys
import tempfile
from typing import TYPE_CHECKING, Any, NoReturn

from keras_lambda_lint.verify.child.fence import fence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LARGEST_FILE = 4 << 30
_NEW_USER = 0x10000000
_NEW_NETWORK = 0x40000000


class ScriptEnd(BaseException):
    """Ends the run of a script where it asks for something that the sandbox does not give."""


class TimeUp(ScriptEnd):
    """Ends what takes too long: nothing after it is tried."""


def confine(directory: Path, log: Path, seconds: float, shared: Sequence[Path] = ()) -> list[str]:
    """Confine this process: home, temporary and working directory below `directory`, output to `log`.

    It can write there, and in what it shares with the other processes of its sandbox. Returns, in words, what the kernel did
    not close.
    """
    os.setsid()
    limit = int(seconds * (os.cpu_count() or 1)) + 1
    _lower(resource.RLIMIT_CPU, limit)
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _lower(resource.RLIMIT_CORE, 0)
    places = {name: directory / name.lower() for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "KERAS_HOME")}
    for name, place in places.items():
        place.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(place)
    os.environ["MPLBACKEND"] = "Agg"
    tempfile.tempdir = None
    working = directory / "cwd"
    working.mkdir(exist_ok=True)
    os.chdir(working)
    _redirect(log)
    doors = [] if _cut_network() else ["the kernel did not close the network: Python alone refused it"]
    if not fence((directory, *shared)):
        doors.append("the kernel did not protect files: Python alone refused to write them")
    os._exit = _refuse_exit
    return doors


def _lower(kind: int, soft: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _redirect(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(output)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def _cut_network() -> bool:
    """Close the network; return whether the kernel did."""
    socket.socket.connect = _refuse_network  # type: ignore[method-assign]
    socket.socket.connect_ex = _refuse_network  # type: ignore[method-assign]
    socket.create_connection = _refuse_network
    socket.getaddrinfo = _refuse_network
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if sys.platform != "linux" or unshare is None:
        return False
    # Not every system lets a process leave the network; where it does not, the refusals above have to do.
    return bool(unshare(_NEW_NETWORK) == 0 or unshare(_NEW_USER | _NEW_NETWORK) == 0)


def _refuse_network(*_args: Any, **_options: Any) -> NoReturn:
    raise ConnectionRefusedError("the network is closed while a model is verified")


def _refuse_exit(status: int) -> NoReturn:
    raise ScriptEnd(f"os._exit({status})")
