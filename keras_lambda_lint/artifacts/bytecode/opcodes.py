"""CPython's opcode tables, read from `opcodes.json`, which `benchmarks/bytecode/opcodes.py` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Layout, Version


@dataclass(frozen=True, slots=True)
class Opcode:
    """One instruction of one Python."""

    name: str
    has_argument: bool
    jump: str
    """`"abs"`, `"rel"` or nothing."""
    caches: int
    """Words of inline cache that follow it."""


@dataclass(frozen=True, slots=True)
class Table:
    """The instructions of one Python."""

    version: Version
    opcodes: dict[int, Opcode]
    compare: tuple[str, ...]
    binary: tuple[str, ...]
    intrinsic1: tuple[str, ...]
    common: tuple[str, ...]
    """Built-ins that `LOAD_COMMON_CONSTANT` pushes (3.14 on)."""

    @property
    def wordcode(self) -> bool:
        """Return whether each instruction is two bytes long, as since 3.6."""
        return self.version >= (3, 6)


@cache
def tables() -> dict[Version, Table]:
    """Return the table of each known Python."""
    text = Path(__file__).with_name("opcodes.json").read_text(encoding="utf-8")
    found = {}
    for name, row in json.loads(text).items():
        major, minor = name.split(".")
        version = (int(major), int(minor))
        opcodes = {
            number: Opcode(opcode, bool(argument), jump, caches)
            for opcode, (number, argument, jump, caches) in row["opcodes"].items()
        }
        lists = (tuple(row[kind]) for kind in ("compare", "binary", "intrinsic1", "common"))
        found[version] = Table(version, opcodes, *lists)
    return found


def tables_of(layout: Layout) -> list[Table]:
    """Return the tables of the known Pythons that write this layout, oldest first."""
    first, last = layout.value
    return [table for version, table in sorted(tables().items()) if first <= version <= last]
