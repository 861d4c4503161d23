"""The right rewrites that mutants are made of: programs, what our own fixer makes of them, and the sites that it replaced."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from keras_lambda_lint.commands.fixing import Fixer
from keras_lambda_lint.config import Finder
from keras_lambda_lint.diagnostic import Fix, Span
from keras_lambda_lint.report.console import Console
from keras_lambda_lint.source.text import Source, SourceError

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(py|toml|fixed)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKERS = re.compile(r"[ \t]*(?:# error: \[KLL\d+\](?: \"[^\"\n]*\")?[ \t]*)+$", re.MULTILINE)


@dataclass(frozen=True)
class Replaced:
    """A replaced expression in the original and in the fixed text."""

    original: Span
    fixed: Span
    fix: Fix


@dataclass(frozen=True)
class Rewrite:
    """A program and its fixed text."""

    name: str
    modelled: bool
    """Written closely after code of a repository of the development set."""
    original: Source
    fixed: Source
    replaced: tuple[Replaced, ...]
    keras: str = "auto"

    def edited(self, start: int, end: int, text: str) -> Rewrite:
        """Return the rewrite with a piece of the fixed text replaced."""
        longer = len(text) - (end - start)

        def moved(offset: int, *, last: bool) -> int:
            inside = offset >= end if last else offset > start
            return offset + longer if inside else offset

        places = tuple(
            replace(each, fixed=Span(moved(each.fixed.start, last=False), moved(each.fixed.end, last=True)))
            for each in self.replaced
        )
        changed = self.fixed.text[:start] + text + self.fixed.text[end:]
        return replace(self, fixed=self.fixed.with_text(changed), replaced=places)


def rewrites(directory: Path, only: str = "") -> list[Rewrite]:
    """Return the programs that the fixer changes and whose name holds a text; they are written below a directory."""
    found = []
    for name, text, modelled, keras in _programs():
        if only not in name:
            continue
        path = directory / name / "program.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        if name.startswith("example-"):
            shutil.copy(ROOT / "examples" / "requirements.txt", path.parent)
        source = Source.from_bytes(str(path), path.read_bytes())
        settings = Finder({"unsafe_fixes": True, **({"keras": keras} if keras != "auto" else {})}).settings(
            str(path.parent)
        )
        try:
            fixed = Fixer(Console(), others=False).fixed(source, settings)
        except SourceError:
            continue
        if fixed.replacements:
            places = tuple(Replaced(each.original, each.fixed, each.fix) for each in fixed.replacements)
            found.append(Rewrite(name, modelled, source, fixed.source, places, keras))
    return found


def _programs() -> list[tuple[str, str, bool, str]]:
    """Return name, text, whether it is modelled on a repository, and the Keras of each program."""
    found = [
        (f"model-{path.stem}", path.read_text(encoding="utf-8"), True, "auto")
        for path in sorted((Path(__file__).parent / "models").glob("*.py"))
    ]
    for path in sorted((ROOT / "examples").glob("*.py")):
        found.append((f"example-{path.stem}", path.read_text(encoding="utf-8"), False, "auto"))
    for path in [
        *sorted((ROOT / "tests" / "rules").glob("KLL*.md")),
        *sorted((ROOT / "tests" / "rewrite" / "programs").glob("*.md")),
    ]:
        keras = "auto"
        blocks = list(_BLOCK.finditer(path.read_text(encoding="utf-8")))
        for number, (block, after) in enumerate(zip(blocks, [*blocks[1:], None], strict=True)):
            kind, info, text = block.groups()
            if kind == "toml":
                keras = "2" if 'keras = "2"' in text else "auto"
            elif (
                kind == "py"
                and "file" not in info
                and "stays" not in info
                and "unrun" not in info
                and after is not None
                and after[1] == "fixed"
            ):
                found.append((f"{path.stem}-{number}", _MARKERS.sub("", text), False, keras))
                keras = "auto"
    return found
