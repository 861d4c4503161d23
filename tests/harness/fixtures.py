"""Reads the rule fixtures `tests/rules/KLLnnn.md`: programs with the findings, and the fixed text, that they must have.

`tests/rewrite/programs/*.md` are written alike: programs that show what a rewrite makes of a form, whichever rule finds it.

```toml
keras = "3"
```                                 options for the next block; `extend-select = ["KLL402"]` turns opt-in rules on

```py                               a program; `# error: [KLL101] "part of the message"` ends the line of a finding
```py stays "part of the reason"    ... and no fix is offered, for this reason
```py fails "part of the error"     ... and building or calling the model fails on Keras 3
```py unrun "reason"                ... and it is not executed
```py spelled "reason"              ... and other spellings of its imports mean something else

```py file "utils.py"               no program but a file beside all programs, for them to import

```fixed                            the exact text after all safe and unsafe fixes
```fixed safe                       ... all of which are safe
```fixed unsafe "part of the reason" trains-weight
                                    ... or unsafe for that reason, with these intended changes
```fixed file "utils.py"            the text that a file beside the program has then, where the fixes change it too
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, IntendedChange
from keras_lambda_lint.linter import Options

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTORY = Path(__file__).parent.parent / "rules"
PROGRAMS = DIRECTORY.parent / "rewrite" / "programs"

_FENCE = re.compile(
    r"^```(?P<info>\S[^\n]*)\n(?P<text>.*?)^```$|^#{1,6} (?P<heading>[^\n]*)$", re.MULTILINE | re.DOTALL
)
_MARKERS = re.compile(r"[ \t]*(?:# error: \[KLL\d+\](?: \"[^\"\n]*\")?[ \t]*)+$", re.MULTILINE)
_MARKER = re.compile(r"# error: \[(KLL\d+)\](?: \"([^\"\n]*)\")?")
_ATTRIBUTES = ("stays", "fails", "unrun", "spelled")


@dataclass(frozen=True)
class Expected:
    """A finding that a marker demands."""

    row: int
    code: str
    message: str


@dataclass(frozen=True)
class FixedText:
    """The text that a block has after all its fixes."""

    code: str
    applicability: Applicability | None
    reason: str
    intended: frozenset[IntendedChange]
    files: dict[str, str] = field(default_factory=dict)
    """The files beside the program that the fixes change, by name."""


@dataclass
class Block:
    """One program of a fixture file."""

    name: str
    heading: str
    code: str
    expected: tuple[Expected, ...]
    options: Options
    attributes: dict[str, str] = field(default_factory=dict)
    fixed: FixedText | None = None

    @property
    def expects_silence(self) -> bool:
        """Whether the heading promises that the rule of this file says nothing."""
        return self.heading.startswith("Silent")

    def __repr__(self) -> str:
        return self.name


def read(path: Path) -> list[Block]:
    """Return the blocks of a fixture file; raise ValueError for a fence that means nothing."""
    blocks: list[Block] = []
    heading, options = "", Options()
    for match in _FENCE.finditer(path.read_text(encoding="utf-8")):
        if match["heading"] is not None:
            heading = match["heading"]
            continue
        language, *words = shlex.split(match["info"])
        if language == "toml":
            options = _options(match["text"])
        elif language == "fixed" and words[:1] == ["file"]:
            if not blocks or (last := blocks[-1].fixed) is None:
                raise ValueError(f"{path.name}: a fixed file without a fixed program, below {heading!r}")
            last.files[words[1]] = match["text"]
        elif words[:1] == ["file"]:
            continue
        elif language == "py":
            name = f"{path.stem}-{len(blocks) + 1}-{re.sub(r'[^a-z0-9]+', '-', heading.lower()).strip('-')}"
            blocks.append(_block(name, heading, match["text"], options, words))
            options = Options()
        elif language == "fixed":
            if not blocks or blocks[-1].fixed is not None:
                raise ValueError(f"{path.name}: a fixed block without a program, below {heading!r}")
            blocks[-1].fixed = _fixed(match["text"], words)
        else:
            raise ValueError(f"{path.name}: unknown fence {match['info']!r} below {heading!r}")
    return blocks


def _options(text: str) -> Options:
    read = tomllib.loads(text)
    extended = frozenset(read.pop("extend-select", ()))
    return Options(named=extended, **{key.replace("-", "_"): value for key, value in read.items()})


def _block(name: str, heading: str, text: str, options: Options, words: list[str]) -> Block:
    attributes = dict(zip(words[::2], words[1::2], strict=True))
    if not set(attributes) <= set(_ATTRIBUTES):
        raise ValueError(f"{name}: unknown attribute in {words}")
    return Block(name, heading, _MARKERS.sub("", text), tuple(_expected(text)), options, attributes)


def _expected(text: str) -> Iterator[Expected]:
    for row, line in enumerate(text.split("\n"), start=1):
        for marker in _MARKER.finditer(line):
            yield Expected(row, marker[1], marker[2] or "")


def _fixed(text: str, words: list[str]) -> FixedText:
    applicability = Applicability(words[0]) if words else None
    reason = words[1] if len(words) > 1 else ""
    return FixedText(text, applicability, reason, frozenset(map(IntendedChange, words[2:])))


def _neighbours(path: Path) -> Iterator[tuple[str, str]]:
    for match in _FENCE.finditer(path.read_text(encoding="utf-8")):
        words = shlex.split(match["info"] or "")
        if words[:2] == ["py", "file"]:
            yield words[2], match["text"]


@cache
def neighbours() -> dict[str, str]:
    """Return the files that stand beside the programs, by name; raise ValueError where two fixtures use one name."""
    found: dict[str, str] = {}
    for path in (*files(), *programs()):
        for name, text in _neighbours(path):
            if found.setdefault(name, text) != text:
                raise ValueError(f"{path.name}: another {name} stands beside the programs already")
    return found


@cache
def files() -> tuple[Path, ...]:
    """Return the fixture files of the rules."""
    return tuple(sorted(DIRECTORY.glob("KLL*.md")))


@cache
def programs() -> tuple[Path, ...]:
    """Return the fixture files of the rewrites."""
    return tuple(sorted(PROGRAMS.glob("*.md")))


@cache
def blocks() -> tuple[Block, ...]:
    """Return the blocks of all fixture files."""
    return tuple(block for path in (*files(), *programs()) for block in read(path))
