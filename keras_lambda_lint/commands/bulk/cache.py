"""What was found before, in the user's cache directory: one file per project, thrown away when anything in the project changes.

A cache that cannot be read or written, or that another version wrote, is as good as none: the analysis is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from keras_lambda_lint import __version__
from keras_lambda_lint.commands.bulk.state import base_of, digest_of
from keras_lambda_lint.report.to_file import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.config import Settings

_VARIABLE = "KERAS_LAMBDA_LINT_CACHE_DIR"
_PREFIX = "keras-lambda-lint-"
"""Of the names of all our files: the directory that a person chooses may hold others."""
_KEPT_FOR = 30 * 24 * 3600
"""Seconds after which a project that nobody has checked is forgotten."""


class Cache:
    """The outcomes of earlier runs, by file."""

    def __init__(self) -> None:
        self._projects: dict[str, _Project | None] = {}

    def outcome(self, name: str, data: bytes, settings: Settings) -> Any:
        """Return the outcome of a file with these bytes; None where it is not known."""
        project = self._project(name)
        return None if project is None else project.entries.get(_key(name, data, settings))

    def keep(self, name: str, data: bytes, settings: Settings, outcome: Any) -> None:
        """Keep the outcome of a file."""
        project = self._project(name)
        if project is not None:
            project.entries[_key(name, data, settings)] = outcome
            project.changed = True

    def write(self) -> None:
        """Write what is new; where that is impossible, the next run finds it out again."""
        for project in self._projects.values():
            if project is not None and project.changed:
                with contextlib.suppress(OSError):
                    project.write()

    def _project(self, name: str) -> _Project | None:
        base = base_of(os.path.dirname(os.path.abspath(name)))
        if base not in self._projects:
            digest = digest_of(base)
            self._projects[base] = None if digest is None else _Project(base, digest)
        return self._projects[base]


class _Project:
    def __init__(self, base: str, digest: str) -> None:
        self._digest = digest
        self._path = directory() / f"{_PREFIX}{hashlib.blake2b(os.fsencode(base), digest_size=16).hexdigest()}.json"
        self.entries = self._read()
        self.changed = False

    def _read(self) -> dict[str, Any]:
        try:
            stored = json.loads(self._path.read_bytes())
            if stored["version"] == _version() and stored["digest"] == self._digest:
                entries = stored["entries"]
                return entries if isinstance(entries, dict) else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            # Whatever is wrong with it, a new one takes its place.
            return {}
        return {}

    def write(self) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        _forget_old(folder)
        stored = {"version": _version(), "digest": self._digest, "entries": self.entries}
        write(str(self._path), json.dumps(stored).encode())


def directory() -> Path:
    """Return where caches are kept: what the environment variable KERAS_LAMBDA_LINT_CACHE_DIR says, else the system's place."""
    chosen = os.environ.get(_VARIABLE)
    return Path(chosen) if chosen else user_cache_path("keras-lambda-lint", appauthor=False)


def _forget_old(folder: Path) -> None:
    oldest = time.time() - _KEPT_FOR
    # A run that was killed leaves a file whose name has a dot in front.
    for path in folder.glob(f"*{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def _key(name: str, data: bytes, settings: Settings) -> str:
    parts: Sequence[object] = (name, os.getcwd(), settings.analysis)
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass") + data, digest_size=20).hexdigest()


@cache
def _version() -> str:
    """Return what the findings depend on beside the project: our version and code, and the Python that parses."""
    package = Path(__file__).parents[2]
    code = hashlib.blake2b(digest_size=16)
    for folder, _, files in os.walk(package):
        for file in sorted(files):
            if file.endswith((".py", ".json")):
                status = os.stat(os.path.join(folder, file))
                code.update(f"{folder}/{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return f"{__version__} {sys.version} {code.hexdigest()}"
