"""Splits the bytes of a code object into instructions, as one Python would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Code
    from keras_lambda_lint.artifacts.bytecode.opcodes import Opcode, Table


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, with the prefixes that widen its argument."""

    at: int
    end: int
    name: str
    arg: int
    target: int | None
    """Where it may jump to: the offset of another instruction's first byte."""


def instructions(code: Code, table: Table) -> list[Instruction]:
    """Return all instructions, dead ones included. Raises `BadBytecode` where the bytes are none of this Python."""
    found = list(_words(code.code, table) if table.wordcode else _variable(code.code, table))
    starts = {instruction.at for instruction in found}
    for instruction in found:
        if instruction.target is not None and instruction.target not in starts:
            raise BadBytecode(f"{instruction.name} at {instruction.at} jumps into another instruction")
    if not found:
        raise BadBytecode("a function without instructions")
    return found


def _words(code: bytes, table: Table) -> list[Instruction]:
    if len(code) % 2:
        raise BadBytecode("an odd number of bytes")
    found = []
    start, wide, at = 0, 0, 0
    while at < len(code):
        opcode = _opcode(table, code[at], at)
        arg = wide | code[at + 1]
        at += 2
        if opcode.name == "EXTENDED_ARG":
            if arg >= 1 << 24:
                raise BadBytecode(f"an argument that is too large at {start}")
            wide = arg << 8
            continue
        cached = code[at : at + 2 * opcode.caches]
        if any(cached) or len(cached) != 2 * opcode.caches:
            raise BadBytecode(f"no room for the cache of {opcode.name} at {start}")
        at += 2 * opcode.caches
        found.append(
            Instruction(start, at, opcode.name, arg, _target(opcode, arg, at, 2 if table.version >= (3, 10) else 1))
        )
        start, wide = at, 0
    if start != at:
        raise BadBytecode("ends inside an instruction")
    return found


def _variable(code: bytes, table: Table) -> list[Instruction]:
    found = []
    start, wide, at = 0, 0, 0
    while at < len(code):
        opcode = _opcode(table, code[at], at)
        at += 1
        arg = 0
        if opcode.has_argument:
            if at + 2 > len(code):
                raise BadBytecode("ends inside an instruction")
            arg = wide | int.from_bytes(code[at : at + 2], "little")
            at += 2
        if opcode.name == "EXTENDED_ARG":
            if arg >= 1 << 15:
                raise BadBytecode(f"an argument that is too large at {start}")
            wide = arg << 16
            continue
        found.append(Instruction(start, at, opcode.name, arg, _target(opcode, arg, at, 1)))
        start, wide = at, 0
    if start != at:
        raise BadBytecode("ends inside an instruction")
    return found


def _opcode(table: Table, number: int, at: int) -> Opcode:
    opcode = table.opcodes.get(number)
    if opcode is None:
        raise BadBytecode(f"no instruction {number} (at {at}) in Python {table.version[0]}.{table.version[1]}")
    return opcode


def _target(opcode: Opcode, arg: int, end: int, unit: int) -> int | None:
    if opcode.jump == "abs":
        return arg * unit
    if opcode.jump == "rel":
        return end - arg * unit if "BACKWARD" in opcode.name else end + arg * unit
    return None
