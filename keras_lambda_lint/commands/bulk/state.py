"""What the findings of a file depend on beside its own text: the files of its project, as one digest."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite import style
from keras_lambda_lint.source.project import python_files, root_of
from keras_lambda_lint.source.requirements import may_require

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEVER_IMPORTED = frozenset({"__pycache__", "node_modules", "site-packages"})
_MOST_BYTES = 400_000_000
_MOST_ENTRIES = 200_000


class TooLargeError(Exception):
    """A tree that would take longer to read than the analysis takes."""


@cache
def base_of(folder: str) -> str:
    """Return the folder below which everything lies that the analysis of a file in `folder`, an absolute path, may read."""
    top = folder
    while os.path.isfile(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    root = root_of(folder) or os.getcwd()
    return root if _is_below(top, root) else top


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


@cache
def digest_of(base: str) -> str | None:
    """Return a digest of what an analysis reads of the files below a folder; None where they are too many to read.

    Those are Python files, notebooks, requirements, and the style of the code, which may be set above the folder.
    """
    around = (style.style_of(os.path.join(base, "any.py")), python_files(base).complete)
    digest = hashlib.blake2b(repr(around).encode(), digest_size=20)
    size = 0
    try:
        for path in _files(base):
            try:
                with open(path, "rb") as stream:
                    content = hashlib.blake2b(stream.read(_MOST_BYTES), digest_size=20)
                    size += stream.tell()
            except OSError:
                # Analysis cannot read it either, until it can: then the digest is another one.
                content = hashlib.blake2b(b"unreadable")
            if size > _MOST_BYTES:
                return None
            digest.update(os.fsencode(os.path.relpath(path, base)) + b"\0" + content.digest())
    except TooLargeError:
        return None
    return digest.hexdigest()


def _files(base: str) -> Iterator[str]:
    entries = 0
    seen = set()
    for folder, names, files in os.walk(base, followlinks=True):
        entries += len(names) + len(files)
        if entries > _MOST_ENTRIES:
            raise TooLargeError
        real = os.path.realpath(folder)
        if real in seen or ("pyvenv.cfg" in files and folder != base):
            names.clear()
            continue
        seen.add(real)
        names[:] = sorted(name for name in names if name not in _NEVER_IMPORTED and not name.startswith("."))
        for file in sorted(files):
            path = os.path.join(folder, file)
            if (file.endswith((".py", ".ipynb")) or file in style.FILES or may_require(path)) and os.path.isfile(path):
                yield path
