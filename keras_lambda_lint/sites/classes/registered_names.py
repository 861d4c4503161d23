"""The names that the text of a file registers with Keras, read without parsing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_PACKAGE = "Custom"
"""The package of `register_keras_serializable()` in keras 3.15.1 and tf_keras 2.21.0."""

_REGISTERED = re.compile(
    rb"""register_keras_serializable\(\s*(?:(?:package\s*=\s*)?["']([^"']*)["']\s*,?\s*)?(?:(?:name\s*=\s*)?["']([^"']*)["'])?\s*,?\s*\)"""
    rb"""\s*(?:@[^\r\n]*\s*)*(?:class|def)\s+(\w+)"""
)


def registered_in(data: bytes) -> Iterator[str]:
    """Yield the names, `package>name`, under which a file registers classes and functions by literal decorators."""
    if b"register_keras_serializable" not in data:
        return
    for package, name, defined in _REGISTERED.findall(data):
        where = package.decode(errors="replace") or DEFAULT_PACKAGE
        yield f"{where}>{(name or defined).decode(errors='replace')}"
