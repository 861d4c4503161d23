"""Loops up to Python 3.7: the interpreter keeps a stack of the blocks that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode, Undecodable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.instructions import Instruction
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

_ENDS = ("RETURN_VALUE", "RAISE_VARARGS")
_JUMPS = ("JUMP_FORWARD", "JUMP_ABSOLUTE", "CONTINUE_LOOP")


def check(table: Table, found: list[Instruction]) -> None:
    """Raise `BadBytecode` where a block ends that has not started, or a `break` is in another loop than it stands in."""
    if table.version >= (3, 8):
        return
    index = {instruction.at: place for place, instruction in enumerate(found)}
    states: dict[int, tuple[int, ...]] = {}
    pending: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    while pending:
        place, blocks = pending.pop()
        if place == len(found):
            raise BadBytecode("runs past its end")
        if place in states:
            if states[place] != blocks:
                raise BadBytecode("the same instruction in two loops")
            continue
        states[place] = blocks
        pending += [(index[at], inside) for at, inside in _after(found[place], blocks, found)]


def innermost(at: int, found: list[Instruction]) -> int:
    """Return where the innermost loop around an offset ends."""
    around = [each for each in found if each.name == "SETUP_LOOP" and each.at < at < (each.target or 0)]
    if not around:
        raise BadBytecode("a break outside loops")
    return around[-1].target or 0


def _after(
    instruction: Instruction, blocks: tuple[int, ...], found: list[Instruction]
) -> list[tuple[int, tuple[int, ...]]]:
    name, target, end = instruction.name, instruction.target, instruction.end
    if name in _ENDS:
        return []
    if name in ("POP_BLOCK", "BREAK_LOOP", "CONTINUE_LOOP") and not blocks:
        raise BadBytecode("the end of a block that has not started")
    if name.startswith("SETUP_") and name != "SETUP_LOOP":
        raise Undecodable(f"the instruction {name!r}")
    if name == "BREAK_LOOP":
        if innermost(instruction.at, found) != blocks[-1]:
            raise BadBytecode("a break in another loop")
        return [(blocks[-1], blocks[:-1])]
    if name in _JUMPS and target is not None:
        return [(target, blocks)]
    if name == "POP_BLOCK":
        blocks = blocks[:-1]
    if name == "SETUP_LOOP" and target is not None:
        return [(end, (*blocks, target))]
    after = [(end, blocks)] if end <= found[-1].at else []
    if not after:
        raise BadBytecode("runs past its end")
    return [*after, *([(target, blocks)] if target is not None else [])]
