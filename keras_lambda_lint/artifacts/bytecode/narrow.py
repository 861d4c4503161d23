"""Signs of the Python that wrote a code object, beside its layout and its instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.code import Code
from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode
from keras_lambda_lint.artifacts.bytecode.instructions import instructions

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

_BEFORE_RESUME = {"COPY_FREE_VARS", "MAKE_CELL", "RETURN_GENERATOR", "POP_TOP", "NOP"}


def check_version(code: Code, table: Table) -> None:
    """Raise `BadBytecode` where the Python of the table cannot have written the code or a function inside it."""
    if code.old_format is not (table.version <= (3, 3)):
        raise BadBytecode("the marshal format of another Python")
    _lines(code, table)
    if table.version <= (3, 4):
        _dictionaries(code, table)
    if table.version >= (3, 11):
        _resumes(code, table)
    for constant in code.consts:
        if isinstance(constant, Code):
            check_version(constant, table)


def _lines(code: Code, table: Table) -> None:
    """The line table of 3.10 covers the whole code; those before it only say where lines start."""
    if table.version >= (3, 11) or not code.code:
        return
    covered = sum(code.lines[::2])
    if len(code.lines) % 2 or (covered == len(code.code)) is not (table.version == (3, 10)):
        raise BadBytecode("the line table of another Python")


def _dictionaries(code: Code, table: Table) -> None:
    """Up to 3.4 a dictionary is made for so many items, which then come one by one."""
    found = instructions(code, table)
    awaited = sum(instruction.arg for instruction in found if instruction.name == "BUILD_MAP")
    if awaited != sum(instruction.name == "STORE_MAP" for instruction in found):
        raise BadBytecode("a dictionary of more or fewer items than it was made for")


def _resumes(code: Code, table: Table) -> None:
    """A function makes its cells, takes those of functions around it, and then starts with RESUME."""
    found = instructions(code, table)
    names = [instruction.name for instruction in found]
    start = names[: names.index("RESUME")] if "RESUME" in names else ["?"]
    if not _BEFORE_RESUME.issuperset(start):
        raise BadBytecode("a function that does not start with RESUME")
    taken = [instruction.arg for instruction in found if instruction.name == "COPY_FREE_VARS"]
    if taken != ([len(code.freevars)] if code.freevars else []) or len(taken) != start.count("COPY_FREE_VARS"):
        raise BadBytecode("a function that does not take its closure")
    made = {instruction.arg for instruction in found if instruction.name == "MAKE_CELL"}
    if {code.locals_plus.index(name) for name in code.cellvars} - made:
        raise BadBytecode("a function that does not make its cells")
