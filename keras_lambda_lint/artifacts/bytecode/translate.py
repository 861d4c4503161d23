"""Brings the instructions of one Python into the normal form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode import blocks, handlers
from keras_lambda_lint.artifacts.bytecode.calls import call_ops
from keras_lambda_lint.artifacts.bytecode.code import Code, Flag, Slice
from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode, Undecodable
from keras_lambda_lint.artifacts.bytecode.instructions import Instruction, instructions
from keras_lambda_lint.artifacts.bytecode.normal import Do, Making, Op, Program, Signature, Variable
from keras_lambda_lint.artifacts.bytecode.simple import FIXED, SYMBOLS, operators

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Constant
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

DEEPEST = 20
LONGEST = 5_000
"""Instructions of one function."""
_HAS_DOCSTRING = 0x4000000
_TESTS = ("UNARY_NOT", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE")
_BOOLS = ("IS_OP", "CONTAINS_OP", "UNARY_NOT")
_AFTER_LOOP = {(3, 12): ("END_FOR",), (3, 13): ("END_FOR", "POP_TOP"), (3, 14): ("END_FOR", "POP_ITER")}
_SCOPES = {"FAST": "local", "GLOBAL": "global", "DEREF": "deref"}


def translate(code: Code, table: Table, depth: int = 0) -> Program:
    """Return the normal form of a code object as the Python of the table would run it.

    Raises `BadBytecode` where that Python cannot have written it, and `Undecodable` where it does what no source
    that is known here does (exception handlers, coroutines).
    """
    if depth > DEEPEST:
        raise Undecodable("functions are nested too deeply")
    found = instructions(code, table)
    if len(found) > LONGEST:
        raise Undecodable(f"a function of {len(found)} instructions")
    handlers.check(code, table, found)
    blocks.check(table, found)
    ops = _Translation(code, table, found, depth).ops()
    if code.flags & (Flag.COROUTINE | Flag.ASYNC_GENERATOR | Flag.ITERABLE_COROUTINE):
        raise Undecodable("a coroutine")
    if not code.flags & Flag.NEWLOCALS:
        if depth:
            raise Undecodable("a class inside a function")
        raise BadBytecode("the code of a module, not of a function")
    return Program(
        code.name,
        signature(code),
        bool(code.flags & Flag.GENERATOR),
        code.freevars,
        _doc(code, table),
        tuple(ops),
    )


def signature(code: Code) -> Signature:
    """Return the parameters of a code object."""
    names = code.varnames
    args, last = code.argcount, code.argcount + code.kwonlyargcount
    vararg = names[last] if code.flags & Flag.VARARGS else None
    last_but_one = last + (vararg is not None)
    return Signature(
        names[: code.posonlyargcount],
        names[code.posonlyargcount : args],
        vararg,
        names[args:last],
        names[last_but_one] if code.flags & Flag.VARKEYWORDS else None,
    )


def _doc(code: Code, table: Table) -> str | None:
    if code.name.startswith("<") or not code.consts or not isinstance(code.consts[0], str):
        return None
    if table.version >= (3, 13) and not code.flags & _HAS_DOCSTRING:
        return None
    return code.consts[0]


@dataclass
class _Translation:
    code: Code
    table: Table
    found: list[Instruction]
    depth: int
    starts: dict[int, int] = field(default_factory=dict)
    """Offset of an instruction -> index of its first operation."""
    made: list[Op] = field(default_factory=list)
    programs: dict[int, Program] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    targets: set[int | None] = field(default_factory=set)
    cells: set[str] = field(default_factory=set)
    """Names whose slot holds a cell here."""

    def ops(self) -> list[Op]:
        self.cells = set(self.code.freevars)
        self.targets = {instruction.target for instruction in self.found}
        for position, instruction in enumerate(self.found):
            self.starts[instruction.at] = len(self.made)
            for op in self.one(instruction, position):
                self.made.append(Op(op.do, op.arg, op.target, instruction.at))
        self.starts[self.found[-1].end] = len(self.made)
        return [op if op.target < 0 else Op(op.do, op.arg, self.index(op), op.at) for op in self.made]

    def index(self, op: Op) -> int:
        index = self.starts.get(op.target)
        if index is None or index == len(self.made):
            raise BadBytecode("a jump out of the function")
        return index

    # one instruction

    def one(self, instruction: Instruction, position: int) -> list[Op]:
        name, arg = instruction.name, instruction.arg
        if self.table.version >= (3, 13) and name in _TESTS:
            self.demand_bool(instruction, position)
        if name == "POP_BLOCK":
            return [] if self.table.version < (3, 8) else [Op(Do.UNSUPPORTED, name)]
        if name == "PUSH_NULL":
            return [self.null()]
        if name == "POP_TOP" and position and self.found[position - 1].name == "RETURN_GENERATOR":
            return []
        truth = self.truth(instruction, position)
        if name in FIXED:
            return [*FIXED[name], *truth]
        if (symbol := SYMBOLS.get(name)) is not None:
            return [Op(*symbol)]
        if instruction.target is not None:
            return self.jump(instruction, instruction.target)
        if (special := operators(name, arg, self.table)) is not None:
            return [*special, *truth]
        if (variable := self.variable(name, arg)) is not None:
            return variable
        if name == "KW_NAMES" or ("CALL" in name and not name.startswith("BUILD_")):
            return self.call(instruction)
        if name in ("MAKE_FUNCTION", "MAKE_CLOSURE"):
            return [Op(Do.FUNCTION, self.making(name, arg))]
        if name == "BREAK_LOOP":
            return [Op(Do.POP), Op(Do.JUMP, None, blocks.innermost(instruction.at, self.found))]
        return self.named(name, arg)

    def named(self, name: str, arg: int) -> list[Op]:
        version = self.table.version
        if name == "LOAD_CONST":
            return self.const(arg)
        if name == "RETURN_CONST":
            return [*self.const(arg), Op(Do.RETURN)]
        if name in ("LOAD_ATTR", "LOAD_METHOD"):
            method = name == "LOAD_METHOD"
            if version >= (3, 12):
                method, arg = bool(arg & 1), arg >> 1
            return [Op(Do.ATTR, self.name(arg)), *([Op(Do.NULL, "above")] if method else [])]
        simple = {
            "STORE_ATTR": Do.STORE_ATTR,
            "DELETE_ATTR": Do.DELETE_ATTR,
            "IMPORT_NAME": Do.IMPORT,
            "IMPORT_FROM": Do.IMPORT_FROM,
        }
        if name in simple:
            return [Op(simple[name], self.name(arg))]
        if name == "BUILD_CONST_KEY_MAP":
            return [Op(Do.BUILD, ("keyed", arg))]
        return [Op(Do.UNSUPPORTED, name)]

    def null(self) -> Op:
        """Return the marker beside what is called: below it in 3.11 and 3.12, above it since."""
        return Op(Do.NULL, "above" if self.table.version >= (3, 13) else "below")

    def const(self, index: int) -> list[Op]:
        if index >= len(self.code.consts):
            raise BadBytecode(f"no constant {index}")
        value: Constant | Program = self.code.consts[index]
        if isinstance(value, Code):
            if index not in self.programs:
                self.programs[index] = translate(value, self.table, self.depth + 1)
            value = self.programs[index]
        return _pushed(value)

    def name(self, index: int) -> str:
        if index >= len(self.code.names):
            raise BadBytecode(f"no name {index}")
        return self.code.names[index]

    def pop_constant(self) -> object:
        if not self.made or self.made[-1].do is not Do.CONST:
            raise Undecodable("names that are no constant")
        constant = self.made[-1].arg
        del self.made[-1]
        return constant

    # variables

    def variable(self, name: str, arg: int) -> list[Op] | None:
        name = name.replace("_BORROW", "")
        if name == "LOAD_GLOBAL" and self.table.version >= (3, 11):
            load = Op(Do.LOAD, Variable("global", self.name(arg >> 1)))
            null = [self.null()] if arg & 1 else []
            return [load, *null] if self.table.version >= (3, 13) else [*null, load]
        if name == "LOAD_CLOSURE":
            return [Op(Do.CELL, self.cell(arg))]
        if name == "MAKE_CELL":
            self.cells.add(self.local(arg))
            return []
        if name == "LOAD_FAST_AND_CLEAR":
            return [Op(Do.SAVE, self.local(arg))]
        if name.count("_FAST") == 2 and name != "LOAD_FAST_AND_CLEAR":
            first, second = name.removesuffix("_FAST").split("_FAST_")
            return [*self.fast(first, arg >> 4), *self.fast(second, arg & 15)]
        action, _, scope = name.removesuffix("_CHECK").partition("_")
        if action not in ("LOAD", "STORE", "DELETE") or scope not in _SCOPES:
            return None
        if scope == "FAST":
            return self.fast(action, arg)
        text = self.cell(arg) if scope == "DEREF" else self.name(arg)
        return [Op(Do[action], Variable(_SCOPES[scope], text))]

    def fast(self, action: str, arg: int) -> list[Op]:
        name = self.local(arg)
        if name in self.cells:
            if action == "LOAD":
                return [Op(Do.CELL, name)]
            self.cells.discard(name)
        return [Op(Do[action], Variable("local", name))]

    def local(self, index: int) -> str:
        if index >= len(self.code.locals_plus):
            raise BadBytecode(f"no local variable {index}")
        return self.code.locals_plus[index]

    def cell(self, index: int) -> str:
        code = self.code
        names = code.locals_plus if self.table.version >= (3, 11) else (*code.cellvars, *code.freevars)
        if index >= len(names) or names[index] not in (*code.cellvars, *code.freevars):
            raise BadBytecode(f"no cell {index}")
        return names[index]

    # calls, functions, jumps

    def call(self, instruction: Instruction) -> list[Op]:
        name, arg = instruction.name, instruction.arg
        is_target = instruction.at in self.targets
        if name == "CALL_FUNCTION_EX" and self.table.version >= (3, 14):
            arg = self.spread_keywords(is_target)
        if is_target and (self.keywords or name in ("CALL_KW", "CALL_FUNCTION_KW")) and self.table.wordcode:
            raise Undecodable("a jump to a call, past the names of its keywords")
        if name == "KW_NAMES":
            self.keywords = _keyword_names(self.const(arg)[-1].arg)
            return []
        keywords: tuple[str, ...] = self.keywords
        if name in ("CALL_KW",) or (name == "CALL_FUNCTION_KW" and self.table.wordcode):
            keywords = _keyword_names(self.pop_constant())
        if name != "PRECALL":
            self.keywords = ()
        return call_ops(name, arg, keywords, self.table)

    def spread_keywords(self, is_target: bool) -> int:
        """Return whether there are keywords: since 3.14 a marker lies in their place where there are none."""
        if is_target or not self.made or self.made[-1].do is not Do.NULL:
            return 1
        del self.made[-1]
        return 0

    def making(self, name: str, arg: int) -> Making:
        version = self.table.version
        if version < (3, 3):
            return Making(8 if name == "MAKE_CLOSURE" else 0, qualname=False, below=((1, arg),))
        if version < (3, 6):
            defaults, pairs = arg & 0xFF, arg >> 8 & 0xFF
            if arg >> 16:
                raise Undecodable("annotations of functions inside functions of this Python")
            below = ((1, defaults), (2, 2 * pairs))
            return Making(8 if name == "MAKE_CLOSURE" else 0, True, below[::-1] if version == (3, 3) else below)
        return Making(0 if version >= (3, 13) else arg, qualname=version < (3, 11))

    def jump(self, instruction: Instruction, target: int) -> list[Op]:
        name = instruction.name.replace("_FORWARD", "").replace("_BACKWARD", "").replace("_NO_INTERRUPT", "")
        if name in ("JUMP", "JUMP_ABSOLUTE", "CONTINUE_LOOP"):
            return [Op(Do.JUMP, None, target)]
        if name == "SETUP_LOOP":
            return []
        if name == "FOR_ITER":
            return [Op(Do.NEXT, None, self.after_loop(target))]
        if name.startswith("POP_JUMP_IF_"):
            condition = name.removeprefix("POP_JUMP_IF_")
            if condition in ("NONE", "NOT_NONE"):
                same = "is" if condition == "NONE" else "is not"
                return [Op(Do.CONST, None), Op(Do.COMPARE, same), Op(Do.BRANCH, True, target)]
            return [Op(Do.BRANCH, condition == "TRUE", target)]
        if name in ("JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP"):
            return [Op(Do.COPY, 1), Op(Do.BRANCH, "TRUE" in name, target), Op(Do.POP)]
        return [Op(Do.UNSUPPORTED, instruction.name)]

    def after_loop(self, target: int) -> int:
        """Return where a loop that is done goes on: since 3.12 it skips what cleans up behind a loop."""
        skipped = _AFTER_LOOP.get(self.table.version, ())
        by_start = {instruction.at: instruction for instruction in self.found}
        for name in skipped:
            instruction = by_start.get(target)
            if instruction is None or instruction.name != name:
                raise BadBytecode("a loop without its end")
            target = instruction.end
        return target

    def truth(self, instruction: Instruction, position: int) -> list[Op]:
        """Return what stands for the truth of a value (3.13 on) where it is not tested at once: `not not`."""
        if self.table.version < (3, 13) or not _makes_bool(instruction):
            return []
        after = self.found[position + 1].name if position + 1 < len(self.found) else ""
        return [] if after in _TESTS else [Op(Do.UNARY, "not")] * 2

    def demand_bool(self, instruction: Instruction, position: int) -> None:
        """Since 3.13 a test takes only what is surely a bool. Without that it tests for `True` itself."""
        before = self.found[position - 1] if position else instruction
        if not (before.name in _BOOLS or _makes_bool(before)) or instruction.at in self.targets:
            raise Undecodable(f"{instruction.name} of a value that need not be a bool")


def _pushed(value: Constant | Program) -> list[Op]:
    """Return what pushes a constant. Slices (3.14 on) are built of their parts, as other Pythons do."""
    if isinstance(value, Slice):
        parts = (value.start, value.stop) if value.step is None else (value.start, value.stop, value.step)
        return [*(op for part in parts for op in _pushed(part)), Op(Do.BUILD, ("slice", len(parts)))]
    if isinstance(value, tuple) and any(map(_has_slice, value)):
        return [*(op for part in value for op in _pushed(part)), Op(Do.BUILD, ("tuple", len(value)))]
    return [Op(Do.CONST, value)]


def _has_slice(value: Constant) -> bool:
    return isinstance(value, Slice) or (isinstance(value, tuple) and any(map(_has_slice, value)))


def _makes_bool(instruction: Instruction) -> bool:
    return instruction.name == "TO_BOOL" or (instruction.name == "COMPARE_OP" and bool(instruction.arg & 16))


def _keyword_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
        raise BadBytecode("names of keywords that are no tuple of texts")
    return value
