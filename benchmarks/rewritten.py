"""What a person asks of the rewritten calls of one repository: how they are formatted, which are safe, why the others were left."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from isolation import NotIsolatedError, bindings, free, path_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus import Call

_FINDING = re.compile(r"^(?P<place>\S[^\n]*?:\d+):\d+: KLL101 ", re.MULTILINE)
_NO_FIX = re.compile(r"^ *= no fix: (?P<reason>.*)$", re.MULTILINE)
_DISPLAY = re.compile(r"^ *= fix: (?P<reason>.*\(display.*)$", re.MULTILINE)


def inserted(before: bytes, after: bytes) -> Iterator[str]:
    """Yield the classes of the module that a fix has added, with their decorators."""
    old = {node.name for node in _classes(before)}
    lines = after.decode("utf-8", "replace").splitlines()
    for node in _classes(after):
        if node.name not in old:
            first = min(each.lineno for each in (node, *node.decorator_list))
            yield "\n".join(lines[first - 1 : node.end_lineno]) + "\n"


def _classes(text: bytes) -> list[ast.ClassDef]:
    try:
        return [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    except (SyntaxError, ValueError):
        return []


def unformatted(texts: Sequence[str]) -> list[str]:
    """Return those of the texts that `ruff format` would change."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {Path(folder) / f"{number}.py": text for number, text in enumerate(texts)}
        for path, text in paths.items():
            path.write_text(text, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", "."], cwd=folder, check=True)
        return [text for path, text in paths.items() if path.read_text(encoding="utf-8") != text]


def is_plain(module: ast.Module, call: Call) -> bool:
    """Return whether a call has a `name=`, and its lambda captures only constants and what is imported or built in."""
    if not call.anonymous or not any(keyword.arg == "name" for keyword in call.node.keywords):
        return False
    function = next(each for each in call.functions if isinstance(each, ast.Lambda))
    try:
        around = path_to(
            module,
            (call.node.lineno, call.node.col_offset),
            (call.node.end_lineno or 0, call.node.end_col_offset or 0),
        )
    except NotIsolatedError:
        return False
    scopes = [
        each for each in around if isinstance(each, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    return all(_is_constant(name, scopes[::-1]) for name in free(function))


def _is_constant(name: str, scopes: list[ast.AST]) -> bool:
    for scope in scopes:
        found = list(bindings(scope, name))
        if found:
            return all(isinstance(each, (ast.Import, ast.ImportFrom)) or _is_literal(each) for each in found)
    return hasattr(builtins, name)


def _is_literal(binding: ast.AST) -> bool:
    try:
        ast.literal_eval(binding.value if isinstance(binding, ast.Assign) else "")
    except (ValueError, SyntaxError):
        return False
    return True


def reasons(text: str) -> Iterator[tuple[str, str]]:
    """Yield place and reason of each KLL101 without a fix, from the text that `check` prints."""
    found = list(_FINDING.finditer(text))
    for finding, following in zip(found, [*found[1:], None], strict=False):
        part = text[finding.end() : following.start() if following else len(text)]
        reason = _NO_FIX.search(part) or _DISPLAY.search(part)
        if reason is not None:
            yield finding["place"], reason["reason"]
