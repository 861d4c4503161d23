"""URIs of documents, and the files that they mean."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname


def path_of(uri: str) -> str | None:
    """Return the absolute path that a `file:` URI means, however it is escaped; None for every other URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or not parts.path:
        return None
    on_windows = os.name == "nt"
    host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
    path = url2pathname(host + parts.path) if on_windows else unquote(parts.path)
    return None if "\0" in path else os.path.abspath(path)


def uri_of(path: str) -> str:
    """Return the `file:` URI of a path."""
    return Path(os.path.abspath(path)).as_uri()


def name_of(uri: str) -> str:
    """Return what stands for the file name of a text that is no file: as for standard input, no file is looked for under it."""
    return f"<{unquote(uri).replace('/', ' ').strip() or 'text'}>"
