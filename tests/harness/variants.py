"""Other ways to write the same program: imports, newlines, indentation, suppression, nesting."""

from __future__ import annotations

import ast
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.fixtures import Expected

_IMPORT = re.compile(r"^import keras$", re.MULTILINE)
_FROM = re.compile(r"^(\s*)from keras(?=[. ])", re.MULTILINE)
_DOTTED = re.compile(r"(?<![\w.\"`'])(?<!from )keras\.(?=[a-z_A-Z])")


def _respelled(text: str, statement: str, package: str, prefix: str) -> str:
    """Return a program with `import keras`, `from keras...` and `keras.` spelled otherwise."""
    lines = text.split("\n")
    if statement in lines and "import keras" in lines:
        lines.remove("import keras")
    text = "\n".join(lines)
    text = _FROM.sub(rf"\1from {package}", text)
    return _DOTTED.sub(f"{prefix}.", _IMPORT.sub(statement, text))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "tf.keras": lambda text: _respelled(text, "import tensorflow as tf", "tensorflow.keras", "tf.keras"),
    "tf_keras": lambda text: _respelled(text, "import tf_keras", "tf_keras", "tf_keras"),
    "from tensorflow": lambda text: _respelled(text, "from tensorflow import keras", "tensorflow.keras", "keras"),
    "alias": lambda text: _respelled(text, "import keras as kr", "keras", "kr"),
    "from tensorflow, alias": lambda text: _respelled(
        text, "from tensorflow import keras as tfk", "tensorflow.keras", "tfk"
    ),
    "compat": lambda text: _respelled(
        text, "import tensorflow.compat.v2.keras as kr", "tensorflow.compat.v2.keras", "kr"
    ),
}
"""Each import spelling of Keras by its name, as a function on programs that say `import keras` or `from keras... import`."""


def crlf(text: str) -> bytes:
    """Return a program with Windows newlines."""
    return text.replace("\n", "\r\n").encode()


def bom(text: str) -> bytes:
    """Return a program with a byte order mark."""
    return b"\xef\xbb\xbf" + text.encode()


def tabs(text: str) -> str:
    """Return a program that is indented by tabs."""
    return re.sub(r"^(?: {4})+", lambda match: "\t" * (len(match[0]) // 4), text, flags=re.MULTILINE)


def in_function(text: str) -> str:
    """Return a program as the body of a function."""
    return "def nested():\n" + _indented(text)


def in_class(text: str) -> str:
    """Return a program as the body of a class."""
    return "class Nested:\n" + _indented(text)


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def notebook(text: str) -> bytes:
    """Return a program as a notebook: what blank lines part at module level is a cell of its own."""
    rows = text.split("\n")
    starts = {0}
    for statement in ast.parse(text).body:
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))]) - 1
        while first and rows[first - 1].startswith("#"):
            first -= 1
        if first and not rows[first - 1].strip():
            starts.add(first)
    parts = ["\n".join(rows[start:end]).strip("\n") for start, end in pairwise([*sorted(starts), len(rows)])]
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "metadata": {}, "source": ["# Lambda"]}]
    for part in parts:
        lines = part.splitlines(keepends=True)
        cells.append({"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": lines})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def suppressed(text: str, expected: Iterable[Expected]) -> str:
    """Return a program with a `# noqa` comment for each expected finding on its line."""
    lines = text.split("\n")
    codes: dict[int, set[str]] = {}
    for finding in expected:
        codes.setdefault(finding.row, set()).add(finding.code)
    for row, found in codes.items():
        lines[row - 1] += f"  # noqa: {','.join(sorted(found))}"
    return "\n".join(lines)
