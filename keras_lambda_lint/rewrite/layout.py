"""How a file is laid out: its indentation, its newline, and how new lines are fitted into it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.style import Style, style_of

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source


@dataclass(frozen=True)
class Layout:
    """The indentation unit and the newline of a file, with the line length and the quotes that its formatter is set to."""

    indent: str
    newline: str
    width: int = Style.width
    quote: str = Style.quote

    @classmethod
    def of(cls, source: Source, tree: ast.Module) -> Layout:
        """Return the layout of a file: the indentation of its first top-level block; four spaces where nothing is indented."""
        style = style_of(source.filename)
        for statement in tree.body:
            block = getattr(statement, "body", None)
            if isinstance(block, list) and block[0].lineno > statement.lineno:
                return cls(line_indent(source.line(block[0].lineno)), source.newline, style.width, style.quote)
        return cls("    ", source.newline, style.width, style.quote)

    def quoted(self, text: str) -> str:
        """Return a literal of a text without quotes and backslashes."""
        return f"{self.quote}{text}{self.quote}"


def line_indent(line: str) -> str:
    """Return the white space at the start of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their newlines, splitting as Python does."""
    return re.split(r"\r\n|\n|\r", text)


def on_one_line(text: str) -> str | None:
    """Return an expression joined to one line, or None where that would lose a comment or change a string.

    A trailing comma before a closing bracket goes where it means nothing.
    """
    if len(split_lines(text)) == 1:
        return text
    wanted = _dump(f"(\n{text}\n)")
    if wanted is None or "#" in text or '"""' in text or "'''" in text or "\\" in text:
        return None
    joined = " ".join(line.strip() for line in split_lines(text))
    joined = re.sub(r"([(\[{]) ", r"\1", joined)
    joined = re.sub(r" ([)\]}])", r"\1", joined)
    for candidate in (re.sub(r",([)\]}])", r"\1", joined), joined):
        if _dump(candidate) == wanted:
            return candidate
    return None


def _dump(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text, mode="eval"))
    except SyntaxError:
        return None


def spaces_in_slices(source: Source, node: ast.AST, edits: list[Edit]) -> list[Edit]:
    """Return the spaces around the colons of slices that get an attribute of `self`, as `ruff format` writes them."""
    places: set[int] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Slice):
            span = source.span(part)
            if any(edit.content.startswith("self.") and span.contains(edit.span) for edit in edits):
                places |= _colons(source, part)
    return [Edit(Span(place, place), " ") for place in places]


def _colons(source: Source, node: ast.Slice) -> set[int]:
    """Return where a colon of a slice touches one of its parts."""
    before = [node.lower, node.upper if node.step is not None else None]
    ends = {source.span(part).end for part in before if part is not None}
    starts = {source.span(part).start for part in (node.upper, node.step) if part is not None}
    return {end for end in ends if source.text[end] == ":"} | {
        start for start in starts if source.text[start - 1] == ":"
    }


def reindented(lines: list[str], old: str, new: str) -> list[str]:
    """Return lines with the indentation `old` at their start replaced by `new`; lines indented less are set to `new`."""
    return [
        new + line[len(old) :] if line.startswith(old) else new + line.lstrip(" \t") if line.strip() else ""
        for line in lines
    ]


def call_lines(callee: str, arguments: list[str], room: int, layout: Layout, indent: str) -> list[str]:
    """Return a call on one line where it fits into `room` characters, else over several, as `ruff format` writes it."""
    line = f"{callee}({', '.join(arguments)})"
    if not arguments or (len(line) <= room and "\n" not in line and "\r" not in line):
        return [line]
    inner = indent + layout.indent
    together = inner + ", ".join(arguments)
    if len(together) <= layout.width and "\n" not in together and "\r" not in together:
        return [f"{callee}(", together, f"{indent})"]
    return [f"{callee}(", *(f"{inner}{argument}," for argument in arguments), f"{indent})"]


def docstring(node: ast.FunctionDef) -> ast.Constant | None:
    """Return the docstring of a function."""
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value
    return None


def parses(text: str) -> bool:
    """Return whether a text is Python."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
