"""From the paths that a person names to the files to check, sorted, each once, with the settings that hold for it."""

from __future__ import annotations

import errno
import os
import re
import stat
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING

from keras_lambda_lint import gitignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keras_lambda_lint.config import Finder, Settings

SUFFIXES = (".py", ".pyi", ".ipynb")
MODEL_SUFFIXES = (".h5", ".hdf5", ".keras", ".json", "keras_metadata.pb")

EXCLUDED = frozenset(
    """.bzr .direnv .eggs .git .git-rewrite .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv .pytest_cache .pytype
    .ruff_cache .svn .tox .venv .vscode __pycache__ __pypackages__ _build buck-out build dist node_modules site-packages
    venv""".split()
)
"""Directories that are skipped where they are met (ruff's list); one that is named, or lies above what is named, is not."""


class Walk:
    """Collects files. `problem(path, reason)` is told about every path that cannot be checked."""

    def __init__(self, finder: Finder, problem: Callable[[str, str], None]) -> None:
        self._finder = finder
        self._tell = problem
        self._problems: list[tuple[str, str]] = []
        self._found: dict[str, tuple[str, Settings]] = {}

    def collect(self, paths: Iterable[str]) -> list[tuple[str, Settings]]:
        """Return the files below `paths`, relative to the current directory where they lie in it, sorted.

        Raises `ConfigError` for a configuration file that cannot be used.
        """
        for path in paths:
            shown = _shown(path)
            try:
                mode = os.stat(path).st_mode
                real = os.path.realpath(path)
            except (OSError, ValueError) as error:
                self._problem(shown, reason(error))
                continue
            if stat.S_ISDIR(mode):
                self._directory(shown, real)
            elif not stat.S_ISREG(mode):
                self._problem(shown, f"{_kind(mode)}, not a file: cannot check it")
            elif real not in self._found:
                # Settings follow the name that the person used: a linked file belongs to where the link lies.
                settings = self._finder.settings(os.path.dirname(os.path.abspath(path)))
                if not (settings.force_exclude and in_excluded(settings, path)):
                    self._found[real] = (shown, settings)
        for problem in sorted(self._problems):
            self._tell(*problem)
        return sorted(self._found.values(), key=lambda found: found[0].split(os.sep))

    def _problem(self, path: str, reason: str) -> None:
        self._problems.append((path, reason))

    def _directory(self, shown: str, real: str) -> None:
        # A stack, not recursion: nothing limits how deep a tree is.
        root = real
        pending = [(shown, real, self._finder.settings(real), gitignore.above(real))]
        while pending:
            shown, real, settings, ignores = pending.pop()
            try:
                with os.scandir(real) as listing:
                    entries = list(listing)
            except OSError as error:
                self._problem(shown, reason(error))
                continue
            names = {entry.name for entry in entries}
            if "pyvenv.cfg" in names and real != root:
                continue
            settings = self._finder.inside(real, names, settings)
            ignores = ignores.inside(real, names)
            prefix = "" if shown == "." else shown.rstrip(os.sep) + os.sep
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    path = entry.path
                    if name in EXCLUDED or excluded(settings, path) or ignores.match(path, directory=True):
                        continue
                    pending.append((prefix + name, path, settings, ignores))
                elif name.endswith(SUFFIXES) or (settings.models and name.endswith(MODEL_SUFFIXES)):
                    self._file(entry, prefix + name, settings, ignores)

    def _file(self, entry: os.DirEntry[str], shown: str, settings: Settings, ignores: gitignore.Ignores) -> None:
        path = entry.path
        if excluded(settings, path) or ignores.match(path, directory=False):
            return
        try:
            if entry.is_symlink():
                path = os.path.realpath(path, strict=True)
            if entry.is_dir():
                return
            if not entry.is_file():
                self._problem(shown, f"{_kind(entry.stat().st_mode)}, not a file: cannot check it")
                return
        except OSError as error:
            # Emacs marks a file that is being edited by a link to nowhere.
            if not entry.name.startswith(".#"):
                self._problem(shown, reason(error))
            return
        self._found.setdefault(path, (shown, settings))


def excluded(settings: Settings, path: str) -> bool:
    """Return whether a glob of the settings matches an absolute path, its part below the settings' root, or its name."""
    return bool(settings.exclude) and _matches(settings.exclude, settings.root, path)


def in_excluded(settings: Settings, path: str) -> bool:
    """Return whether a file, or a folder above it and below the settings' root, is excluded: a walk would not find it."""
    path = os.path.abspath(path)
    while settings.exclude and path.startswith(settings.root.rstrip(os.sep) + os.sep):
        if excluded(settings, path):
            return True
        path = os.path.dirname(path)
    return False


def ignored(settings: Settings, path: str) -> tuple[str, ...]:
    """Return the codes that the settings leave out in one file; their globs match as those of `exclude` do."""
    path = os.path.abspath(path)
    per_file = settings.per_file_ignores
    return tuple(code for glob, codes in per_file if _matches((glob,), settings.directory, path) for code in codes)


def _matches(globs: tuple[str, ...], root: str, path: str) -> bool:
    pattern = _pattern(globs)
    prefix = root.rstrip(os.sep) + os.sep
    relative = path[len(prefix) :] if path.startswith(prefix) else path
    return any(pattern.match(text) for text in {os.path.basename(path), relative, path})


@cache
def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(os.path.normpath(glob)) for glob in globs))


def _shown(path: str) -> str:
    if not path:
        return "''"
    normal = os.path.normpath(path)
    here = os.getcwd()
    if normal == here:
        return "."
    prefix = here.rstrip(os.sep) + os.sep
    return normal[len(prefix) :] if normal.startswith(prefix) else normal


def read(path: str) -> bytes:
    """Return the bytes of a regular file; raise OSError for anything else, so that a FIFO never blocks."""
    with open(path, "rb", buffering=0, opener=_without_waiting) as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, f"{_kind(mode)}, not a file", path)
        return stream.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def reason(error: OSError | ValueError) -> str:
    """Return why the system refused something, in lower case."""
    if isinstance(error, ValueError):
        return "no path that a system could know"
    return str(error.strerror or error).lower()


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"
