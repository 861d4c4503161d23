"""How a project's formatter writes code: what `ruff format` or Black would make of inserted lines, they are already."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.source.disk import remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""The files that say it, the first of a folder that does before the others."""
_WIDEST = 320


@dataclass(frozen=True)
class Style:
    """The line length and the quotes of a project."""

    width: int = 88
    """The default of `ruff format` and Black."""
    quote: str = '"'


def style_of(filename: str) -> Style:
    """Return the style of the nearest configuration of `ruff format` or Black above a file; the default where there is none.

    A configuration that cannot be read says nothing.
    """
    return _style(os.path.dirname(os.path.abspath(filename)))


@remembered(1024)
def _style(folder: str) -> Style:
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            found = next(_configured(path), None)
            if found is not None:
                return found
    parent = os.path.dirname(folder)
    return Style() if parent == folder else _style(parent)


def _configured(path: str) -> Iterator[Style]:
    """Yield the styles that a file sets."""
    from keras_lambda_lint.source.toml import TOMLDecodeError, loads

    try:
        with open(path, encoding="utf-8") as stream:
            table = loads(stream.read())
    except (OSError, UnicodeDecodeError, TOMLDecodeError):
        return
    tools = _table(table, "tool") if path.endswith("pyproject.toml") else {"ruff": table}
    for tool in ("ruff", "black"):
        if tool in tools:
            settings = _table(tools, tool)
            width = settings.get("line-length")
            single = _table(settings, "format").get("quote-style") == "single"
            known = width if isinstance(width, int) and 1 <= width <= _WIDEST else Style.width
            yield Style(known, "'" if single else '"')


def _table(of: dict[str, Any], key: str) -> dict[str, Any]:
    value = of.get(key)
    return value if isinstance(value, dict) else {}
