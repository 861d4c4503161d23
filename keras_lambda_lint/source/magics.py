"""What IPython adds to Python: magics, shell lines, help. They become expressions of the same length that read the same names.

So everything else in a cell keeps its row and column, and a variable that only `%store` or `!echo {x}` reads is not unused. IPython
sees such a line where a statement starts, or behind the `=` of an assignment (`IPython/core/inputtransformer2.py`, 8 and 9).
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PYTHON_CELLS = frozenset({"capture", "debug", "ipytest", "memit", "prun", "px", "time", "timeit", "wandb"})
"""Cell magics that run their body as Python in the names of the notebook."""
_PYTHON_LINES = frozenset({"memit", "prun", "time", "timeit"})
"""Line magics that run a statement."""

_TRIPLE = r'''"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\''''
_SINGLE = r""""(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*\'"""
_TOKEN = re.compile(
    rf"(?P<comment>#[^\r\n]*)|(?P<string>{_TRIPLE}|{_SINGLE})|(?P<open>[(\[{{])|(?P<close>[)\]}}])"
    r"|(?P<joined>\\(?:\r\n|\r|\n))|(?P<newline>\r\n|\r|\n)|(?P<code>[^#\"'()\[\]{}\\\r\n]+|.)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"[ \t\f]*([%!?,;/][^\r\n]*)")
_ASSIGNED = re.compile(r"(?<![=!<>])=[ \t]*(?=[%!])")
_HELP = re.compile(r"[ \t]*([^\r\n]*\?)[ \t]*$")
_MAGIC = re.compile(r"%{1,2}[ \t]*([\w.]*)")
_RUNS = re.compile(r"%[ \t]*(\w+)[ \t]+(?:-\w(?:[ \t]*[\w.]+)?[ \t]+)*")
_CELL_MAGIC = re.compile(r"%%(\w+)[^\r\n]*")
_BLANK = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))*")
_REST = re.compile(r"(?:[^\r\n\\]|\\(?:\r\n|\r|\n|[^\r\n]|$))*")
"""The rest of a line, with the lines that backslashes join to it."""
_WORD = re.compile(r"[^\W\d]\w*")
_SHELL_WORDS = re.compile(r"\$(\w+)|\{([^{}]*)\}")
_INDENTED = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]+(?![ \t\f\r\n#]|$)")


class Mask(NamedTuple):
    """A range of a text that Python cannot read, and what stands for it: as long, and an expression or nothing."""

    start: int
    end: int
    content: str


def words(text: str) -> set[str]:
    """Return the names that may occur in a text."""
    return set(_WORD.findall(text)) - set(keyword.kwlist)


def is_python(text: str) -> bool:
    """Return whether a cell holds Python: a `%%bash` cell holds something else."""
    return all(magic[1] in PYTHON_CELLS for magic in _cell_magics(text))


def is_indented(text: str) -> bool:
    """Return whether the first statement of a cell is indented; IPython takes that off all lines."""
    return _INDENTED.match(text) is not None


def masked(text: str, masks: list[Mask]) -> str:
    """Return a text with its masks in place."""
    parts, position = [], 0
    for mask in masks:
        parts += [text[position : mask.start], mask.content]
        position = mask.end
    return "".join((*parts, text[position:]))


def masks(text: str, known: set[str], unknown: str) -> list[Mask]:
    """Return the masks of the lines of a Python cell that are no Python.

    Of the names in them those that are `known` are read; `unknown` is a name that nothing defines, and stands for their value.
    """
    return list(_masks(text, known, unknown))


def everything(text: str, known: set[str], unknown: str) -> list[Mask]:
    """Return masks of all lines of a cell that cannot be parsed: its names count as read."""
    lines = re.finditer(r"[^\r\n]+", text)
    return [
        Mask(line.start(), line.end(), _reading(line[0], _WORD, known, unknown)) for line in lines if line[0].strip()
    ]


def _cell_magics(text: str) -> Iterator[re.Match[str]]:
    position = _BLANK.match(text).end()  # type: ignore[union-attr]
    while (magic := _CELL_MAGIC.match(text, position)) is not None:
        yield magic
        position = _BLANK.match(text, magic.end()).end()  # type: ignore[union-attr]


def _masks(text: str, known: set[str], unknown: str) -> Iterator[Mask]:
    position = 0
    for magic in _cell_magics(text):
        yield Mask(magic.start(), magic.end(), _reading(magic[0], _WORD, known, unknown))
        position = magic.end()
    while position < len(text):
        escape = _ESCAPE.match(text, position)
        runs = _RUNS.match(text, escape.start(1)) if escape is not None else None
        if runs is not None and _runs_statement(runs, text):
            yield Mask(runs.start(), runs.end(), f"{unknown};".ljust(len(runs[0])))
            position = runs.end()
        elif escape is not None:
            mask = _line(text, escape.start(1), known, unknown)
            yield mask
            position = mask.end
        position = yield from _statement(text, position, known, unknown)


def _runs_statement(magic: re.Match[str], text: str) -> bool:
    rest = _REST.match(text, magic.end())
    return (
        magic[1] in _PYTHON_LINES
        and rest is not None
        and bool(rest[0].strip())
        and syntax_error(f"0;{rest[0]}") is None
    )


def _line(text: str, start: int, known: set[str], unknown: str) -> Mask:
    """Return the mask of what reaches to the end of a line and of those that are joined to it."""
    end = _REST.match(text, start).end()  # type: ignore[union-attr]
    line = text[start:end]
    which = _SHELL_WORDS if line.startswith("!") else _WORD
    return Mask(start, end, _reading(line, which, known, unknown))


def _statement(text: str, start: int, known: set[str], unknown: str) -> Generator[Mask, None, int]:
    """Yield the masks inside one logical line, which starts at an offset, and return the offset behind it."""
    depth, position, code_end = 0, start, start
    while position < len(text):
        token = _TOKEN.match(text, position)
        assert token is not None
        position = token.end()
        if token.lastgroup == "newline" and depth <= 0:
            break
        if token.lastgroup == "code" and depth <= 0:
            assigned = _ASSIGNED.search(text, token.start(), token.end())
            if assigned is not None:
                runs = _RUNS.match(text, assigned.end())
                if runs is not None and _runs_statement(runs, text):
                    mask = Mask(runs.start(), runs.end(), " " * len(runs[0]))
                else:
                    mask = _line(text, assigned.end(), known, unknown)
                yield mask
                position = code_end = mask.end
                continue
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
        if token.lastgroup not in ("comment", "newline"):
            code_end = position
    help_ = _HELP.match(text[start:code_end])
    if help_ is not None:
        yield Mask(start + help_.start(1), start + help_.end(1), _reading(help_[1], _WORD, known, unknown))
    return position


def _reading(text: str, which: re.Pattern[str], known: set[str], unknown: str) -> str:
    """Return an expression as long as a text, which reads its known names; lines that backslashes join stay joined."""
    shown = [each if each in "\r\n" else " " for each in text]
    for joint in re.finditer(r"\\(?=[\r\n])", text):
        shown[joint.start()] = "\\"
    found = [
        (word.start() + shift, word[0])
        for match in which.finditer(text)
        for shift, part in (
            [(match.start(), match[0])]
            if which is _WORD
            else [(match.start(group), match[group]) for group in (1, 2) if match[group] is not None]
        )
        for word in _WORD.finditer(part)
        if word[0] in known
    ]
    magic = _MAGIC.match(text)
    named = magic.end() if magic is not None else 0
    shown[0] = unknown
    for start, word in found:
        if start < named:
            continue
        if start > 1:
            shown[start - 1] = "+"
        elif start == 1:
            shown[0] = "+"
        shown[start : start + len(word)] = word
    if shown[-1] == " ":
        # Rewrites take spaces at the end of a line for nothing.
        shown[-1] = ";"
    return "".join(shown)


def syntax_error(text: str) -> tuple[int, str] | None:
    """Return the row and the reason why a text is no Python; None where it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1, f"syntax error: {error.msg}"
    except UnicodeEncodeError as error:
        return text.count("\n", 0, error.start) + 1, "half a character (a lone surrogate)"
    except ValueError:
        return text.count("\n", 0, max(text.find("\0"), 0)) + 1, "contains a null byte"
    except (RecursionError, MemoryError):
        return 1, "nested too deeply to be parsed"
    return None
