"""Which files have to be parsed: those that pass the gate, and those that get the names of Keras from a file of their project."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.source.gate import may_hold_candidate, may_make_layers, passes
from keras_lambda_lint.source.project import module_file

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMPORT = re.compile(rb"^[^\S\n]*from[^\S\n]+([.\w]+)[^\S\n]+import[^\S\n]*(?:\(([^)]*)\)|([^\n#]+))", re.MULTILINE)
_NAME = re.compile(rb"[*\w]+")
_LONGEST = 3
"""So many files one after the other are looked at."""


def is_candidate(data: bytes, filename: str) -> bool:
    """Return whether a file with these bytes has to be parsed: by what it says itself, or by what it imports."""
    if filename.endswith(".ipynb"):
        if not may_hold_candidate(data):
            return False
        from keras_lambda_lint.source.ipynb import Malformed, code

        try:
            data = code(data)
        except Malformed:
            # Whoever reads it says what is wrong.
            return True
    return is_candidate_code(data, filename)


def is_candidate_code(code: bytes, filename: str, shown: Mapping[str, bytes] | None = None) -> bool:
    """Return whether the code of a file, which may be that of a notebook's cells, has to be parsed.

    `shown` are texts of other files, by their absolute path, that count instead of what is on the disk.
    """
    return passes(code) or (may_make_layers(code) and _leads_to_keras(code, filename, shown or {}))


def _leads_to_keras(data: bytes, filename: str, shown: Mapping[str, bytes]) -> bool:
    """Return whether a file whose bytes do not name Keras imports names from a file of its project that does, at most three files away."""
    return _reaches(data, os.path.abspath(filename), _LONGEST, set(), shown)


def _reaches(data: bytes, path: str, steps: int, seen: set[str], shown: Mapping[str, bytes]) -> bool:
    for match in _IMPORT.finditer(data):
        module = match[1].decode(errors="replace")
        names = [name.decode(errors="replace") for name in _NAME.findall(match[2] or match[3])]
        inner = [module + name if module.endswith(".") else f"{module}.{name}" for name in names if name != "*"]
        for each in (module, *inner):
            found = module_file(each, path)
            if found is None or found in seen:
                continue
            seen.add(found)
            try:
                other = shown[found] if found in shown else _bytes(found)
            except OSError:
                continue
            if _mentions_keras(other) or (steps > 1 and _reaches(other, found, steps - 1, seen, shown)):
                return True
    return False


def _bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _mentions_keras(data: bytes) -> bool:
    lower = data.lower()
    return b"keras" in lower or b"tensorflow" in lower
