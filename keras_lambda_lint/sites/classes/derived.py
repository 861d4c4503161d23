"""Which names the files of a project derive classes from."""

from __future__ import annotations

import os
import re

from keras_lambda_lint.source.disk import remembered
from keras_lambda_lint.source.project import python_files, root_of

_CLASS = re.compile(rb"^[ \t]*class\s+\w+\s*\(([^)]*)\)", re.MULTILINE)
_LAST_NAME = re.compile(rb"(\w+)\s*(?:,|$)")


def derives_from(filename: str, name: str) -> bool:
    """Return whether a file of the project around `filename` states a class of this name as a base."""
    folder = os.path.dirname(os.path.abspath(filename))
    return name in _bases(root_of(folder) or folder)


@remembered(64)
def _bases(root: str) -> frozenset[str]:
    found: set[str] = set()
    for path in python_files(root).paths:
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        for bases in _CLASS.findall(data):
            found.update(name.decode(errors="replace") for name in _LAST_NAME.findall(bases.strip()))
    return frozenset(found)
