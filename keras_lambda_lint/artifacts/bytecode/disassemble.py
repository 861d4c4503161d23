"""Code as a listing: the last resort, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.code import Code
from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode
from keras_lambda_lint.artifacts.bytecode.instructions import Instruction, instructions

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

_LONGEST = 2_000


def disassemble(code: Code, table: Table) -> str:
    """Return one line per instruction, then the same of each function inside."""
    lines = [f"{code.name}({', '.join(code.parameters)}) as of Python {table.version[0]}.{table.version[1]}"]
    pending = [code]
    while pending and len(lines) < _LONGEST:
        part = pending.pop(0)
        if part is not code:
            lines += ["", f"{part.name}({', '.join(part.parameters)})"]
        try:
            found = instructions(part, table)
        except BadBytecode as error:
            lines.append(f"  {error}")
            continue
        targets = {instruction.target for instruction in found}
        for instruction in found:
            mark = ">>" if instruction.at in targets else "  "
            lines.append(f"{mark} {instruction.at:5} {instruction.name:24} {_argument(instruction, part)}".rstrip())
        pending += [constant for constant in part.consts if isinstance(constant, Code)]
    return "\n".join(lines[:_LONGEST])


def _argument(instruction: Instruction, code: Code) -> str:
    name, arg = instruction.name, instruction.arg
    if instruction.target is not None:
        return f"to {instruction.target}"
    if name in ("LOAD_CONST", "RETURN_CONST", "KW_NAMES") and arg < len(code.consts):
        value = code.consts[arg]
        return f"{arg} ({value.name if isinstance(value, Code) else ascii(value)[:80]})"
    if name.endswith(("_NAME", "_GLOBAL", "_ATTR", "_METHOD", "IMPORT_FROM")):
        index = arg >> 1 if arg >= len(code.names) else arg
        return f"{arg} ({code.names[index]})" if index < len(code.names) else str(arg)
    if "FAST" in name and arg < len(code.locals_plus):
        return f"{arg} ({code.locals_plus[arg]})"
    return str(arg)
