"""Exception tables (3.11 on): which handlers the compiler adds by itself, and may be left out of a function's meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode, Undecodable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Code
    from keras_lambda_lint.artifacts.bytecode.instructions import Instruction
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

# The end of an inlined comprehension (PEP 709) gives the locals back and raises again.
_RESTORE = {"SWAP", "POP_TOP", "STORE_FAST", "STORE_FAST_STORE_FAST", "COPY"}
_STOP_ITERATION = 3


def check(code: Code, table: Table, found: list[Instruction]) -> None:
    """Raise `Undecodable` where a handler does more than raise again."""
    positions = {instruction.at: index for index, instruction in enumerate(found)}
    for target in set(_targets(code.exceptions)):
        if target not in positions:
            raise BadBytecode("an exception handler inside an instruction")
        position = positions[target]
        if table.version >= (3, 12) and _is_stop_iteration(found[position : position + 2]):
            continue
        while position < len(found) and found[position].name in _RESTORE:
            position += 1
        if table.version < (3, 12) or position == len(found) or found[position].name != "RERAISE":
            raise Undecodable("an exception handler")


def _is_stop_iteration(found: list[Instruction]) -> bool:
    names = [instruction.name for instruction in found]
    return names == ["CALL_INTRINSIC_1", "RERAISE"] and found[0].arg == _STOP_ITERATION


def _targets(table: bytes) -> list[int]:
    """Return the offset of each entry's handler. An entry is four numbers: start, length, target, depth."""
    numbers = []
    number, started = 0, False
    for byte in table:
        number = number << 6 | byte & 0x3F
        if number > 1 << 30:
            raise BadBytecode("an exception table with a number that is too large")
        started = bool(byte & 0x40)
        if not started:
            numbers.append(number)
            number = 0
    if started or len(numbers) % 4:
        raise BadBytecode("an exception table cut short")
    return [2 * target for target in numbers[2::4]]
