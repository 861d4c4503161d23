"""Which files `.gitignore` excludes, decided as git decides: `foo/bar` matches itself only, what lies in it follows.

Every entry of a tree is asked for after the directories above it, so a pattern is never looked for in the parts of a path.
"""

from __future__ import annotations

import os
import re

NAME = ".gitignore"

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_PIECE = re.compile(
    r"""
    (?P<stars>\*+)
    | (?P<one>\?)
    | \[ (?P<not>[!^]?) (?P<set> \]? (?: \[:[a-z]+:\] | \\. | [^\]\\] )* ) \]
    | \\ (?P<escaped>.)
    | (?P<plain>[^\[\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_MEMBER = re.compile(r"\[:(?P<named>[a-z]+):\]|\\?(?P<first>.)(?:-(?:\\(?P<escaped>.)|(?P<last>[^\]\\])))?", re.DOTALL)


class _Rule:
    """One line that means something."""

    def __init__(self, line: str) -> None:
        self.ignores = not line.startswith("!")
        pattern = line if self.ignores else line[1:]
        self.directories_only = pattern.endswith("/")
        pattern = pattern.removesuffix("/")
        self._by_path = "/" in pattern
        self._expression = re.compile(_translated(pattern.removeprefix("/")).encode("latin-1"), re.DOTALL)

    def matches(self, path: bytes, *, directory: bool) -> bool:
        """Return whether the rule means this path, relative to the rule's file."""
        if self.directories_only and not directory:
            return False
        return self._expression.fullmatch(path if self._by_path else path.rpartition(b"/")[2]) is not None


class Ignores:
    """The `.gitignore` files that hold in one directory, from the repository's root inwards."""

    def __init__(self, files: tuple[tuple[str, tuple[_Rule, ...]], ...] = ()) -> None:
        self._files = files

    def inside(self, directory: str, names: set[str]) -> Ignores:
        """Return what holds in a directory that has `names`, below one where these hold."""
        # A repository inside another one is its own.
        outer = () if ".git" in names else self._files
        rules = _read(os.path.join(directory, NAME)) if NAME in names else ()
        if not rules and outer is self._files:
            return self
        return Ignores((*outer, (directory, rules)))

    def match(self, path: str, *, directory: bool) -> bool:
        """Return whether an absolute path, whose parents are not ignored, is; the innermost, last rule for it decides."""
        for root, rules in reversed(self._files):
            relative = os.fsencode(path[len(root) :].lstrip(os.sep).replace(os.sep, "/"))
            for rule in reversed(rules):
                if rule.matches(relative, directory=directory):
                    return rule.ignores
        return False


NOTHING = Ignores()


def above(directory: str) -> Ignores:
    """Return what the parents of a directory say about its content, up to the root of its repository.

    A directory that a person named although its parents ignore it is not ignored.
    """
    inside = [directory]
    while not os.path.exists(os.path.join(inside[-1], ".git")):
        parent = os.path.dirname(inside[-1])
        if parent == inside[-1]:
            return NOTHING
        inside.append(parent)
    ignores = NOTHING
    for parent, child in zip(inside[:0:-1], inside[-2::-1], strict=True):
        if os.path.isfile(os.path.join(parent, NAME)):
            ignores = ignores.inside(parent, {NAME})
        if ignores.match(child, directory=True):
            return NOTHING
    return ignores


def _read(path: str) -> tuple[_Rule, ...]:
    # As in git, a file that cannot be read and a pattern that means nothing are no reason to stop.
    try:
        if not os.path.isfile(path):
            return ()
        with open(path, "rb") as stream:
            data = stream.read().removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return ()
    rules = []
    # As Latin-1, a byte is a character: git compares bytes.
    for line in data.decode("latin-1").split("\n"):
        text = re.sub(r"(?<!\\) +$", "", line.removesuffix("\r"))
        if text.strip("!/") and not text.startswith("#"):
            try:
                rules.append(_Rule(text))
            except ValueError:
                continue
    return tuple(rules)


def _translated(pattern: str) -> str:
    """Return a regular expression for a pattern; raise `ValueError` for one that matches nothing."""
    result = []
    position = 0
    literal = True
    while position < len(pattern):
        piece = _PIECE.match(pattern, position)
        if piece is None:
            raise ValueError(pattern)
        kind, text = piece.lastgroup, piece.group()
        start, position = position, piece.end()
        if kind == "stars":
            # git compares what comes before the first special character apart, so two stars may stand after any of it.
            opens = start == 0 or pattern[start - 1] == "/" or literal
            if len(text) > 1 and opens and pattern[position : position + 1] == "/":
                position += 1
                result.append("(?:.*/)?")
            else:
                result.append(".*" if len(text) > 1 and opens and position == len(pattern) else "[^/]*")
        elif kind == "one":
            result.append("[^/]")
        elif piece["set"] is not None:
            members = "".join(map(_member, _MEMBER.finditer(piece["set"])))
            if not members:
                raise ValueError(pattern)
            result.append(f"(?!/)[{'^' if piece['not'] else ''}{members}]")
        else:
            result.append(re.escape(piece["escaped"] or text))
        literal = literal and kind == "plain"
    return "".join(result)


def _member(found: re.Match[str]) -> str:
    if found["named"]:
        if found["named"] not in _CLASSES:
            raise ValueError(found.group())
        return _CLASSES[found["named"]]
    first, last = found["first"], found["escaped"] or found["last"]
    if last is None:
        return re.escape(first)
    return f"{re.escape(first)}-{re.escape(last)}" if first <= last else ""
