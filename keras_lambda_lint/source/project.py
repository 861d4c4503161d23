"""The project around a file, as the disk shows it: its root, its Python files, and which file a module name means."""

from __future__ import annotations

import os
from typing import NamedTuple

from keras_lambda_lint.source.disk import remembered

_ROOT_MARKS = ("pyproject.toml", "setup.cfg", "setup.py", ".git")
_SKIPPED = frozenset(
    {".git", ".hg", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "site-packages"}
)
_MOST_FILES = 2000
_MOST_ENTRIES = 50_000


class PythonFiles(NamedTuple):
    """The Python files and the notebooks below a root, sorted, and whether these are all: very large trees are left unread."""

    paths: tuple[str, ...]
    complete: bool
    notebooks: tuple[str, ...] = ()


@remembered(4096)
def root_of(folder: str) -> str | None:
    """Return the nearest folder from an absolute one upward that holds project metadata or a repository."""
    while True:
        if any(os.path.exists(os.path.join(folder, mark)) for mark in _ROOT_MARKS):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


@remembered(64)
def python_files(root: str) -> PythonFiles:
    """Return the Python files below a root; the tree is walked once in a run."""
    found: list[str] = []
    notebooks: list[str] = []
    entries = 0
    for folder, names, files in os.walk(root):
        entries += len(names) + len(files)
        if entries > _MOST_ENTRIES:
            return PythonFiles(tuple(found), False, tuple(notebooks))
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.endswith(".py") and os.path.isfile(path):
                if len(found) == _MOST_FILES:
                    return PythonFiles(tuple(found), False, tuple(notebooks))
                found.append(path)
            elif file.endswith(".ipynb") and os.path.isfile(path):
                notebooks.append(path)
    return PythonFiles(tuple(found), True, tuple(notebooks))


def module_file(module: str, importer: str) -> str | None:
    """Return the file that a module name means in the file `importer`; None where it is not found near it.

    A relative name starts with dots. An absolute one is looked for where Python would: beside the top package of the importer, in the
    folders above it up to the project's root, below the root's `src`, and in the importer's own folder, which is right for a script.
    """
    stripped = module.lstrip(".")
    level = len(module) - len(stripped)
    parts = tuple(stripped.split(".")) if stripped else ()
    folder = os.path.dirname(importer)
    if level:
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        return _below(folder, parts)
    return next((path for start in _import_roots(folder) if (path := _below(start, parts)) is not None), None)


@remembered(4096)
def _import_roots(folder: str) -> tuple[str, ...]:
    """Return the folders in which an absolute import of a file in `folder` may start, the likeliest first."""
    top = folder
    while os.path.isfile(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    roots = [top]
    root = root_of(folder)
    while root is not None and top.startswith(root.rstrip(os.sep) + os.sep):
        top = os.path.dirname(top)
        roots.append(top)
    if root is not None:
        roots.append(os.path.join(root, "src"))
    return tuple(dict.fromkeys([*roots, folder]))


@remembered(65536)
def _below(folder: str, parts: tuple[str, ...]) -> str | None:
    """Return the file of the module `parts` below a folder: a package's `__init__.py` before a module's own, as Python does."""
    around = _package(folder, parts[:-1])
    if around is None:
        return None
    path = os.path.join(around, *parts[-1:])
    package = os.path.join(path, "__init__.py")
    if os.path.isfile(package):
        return package
    return path + ".py" if parts and os.path.isfile(path + ".py") else None


@remembered(65536)
def _package(folder: str, parts: tuple[str, ...]) -> str | None:
    """Return the folder of a package, which need not have an `__init__.py`; None where there is none."""
    path = os.path.join(folder, *parts)
    return path if os.path.isdir(path) else None
