"""File names as URIs, as SARIF wants them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

if TYPE_CHECKING:
    from pathlib import PurePath

BASE = "SRCROOT"
"""The name of the directory that relative URIs start from: the current one."""


def artifact(filename: str) -> dict[str, str]:
    """Return SARIF's `artifactLocation` of a file: relative to the current directory where it lies below it, else absolute."""
    path = type(Path())(os.path.normpath(filename))
    if path.is_absolute() or path.parts[:1] == ("..",):
        return {"uri": absolute(type(Path())(os.path.abspath(filename)))}
    return {"uri": relative(path), "uriBaseId": BASE}


def base() -> dict[str, dict[str, str]]:
    """Return SARIF's `originalUriBaseIds`."""
    directory = absolute(Path(os.getcwd()))
    return {BASE: {"uri": directory if directory.endswith("/") else f"{directory}/"}}


def relative(path: PurePath) -> str:
    """Return a relative path as a URI reference; what is no letter, digit or `/-._~` is escaped byte by byte."""
    return quote_from_bytes(_bytes(path.as_posix()))


def absolute(path: PurePath) -> str:
    """Return an absolute path as a `file:` URI."""
    if isinstance(path, PureWindowsPath):
        rest = relative(PurePosixPath(path.as_posix()[len(path.drive) :]))
        if path.drive.endswith(":"):
            return f"file:///{path.drive}{rest}"
        return f"file:{quote_from_bytes(_bytes(path.drive.replace(chr(92), '/')))}{rest}"
    return f"file://{relative(path)}"


def _bytes(text: str) -> bytes:
    """Return the bytes of a name as the file system holds them; what no file system holds stays as it is."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
