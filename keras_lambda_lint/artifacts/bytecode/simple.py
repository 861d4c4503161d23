"""Instructions that say the same whatever stands around them, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode
from keras_lambda_lint.artifacts.bytecode.normal import Do, Op

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table

FIXED: dict[str, tuple[Op, ...]] = {
    "NOP": (),
    "NOT_TAKEN": (),
    "RESUME": (),
    "COPY_FREE_VARS": (),
    "GEN_START": (),
    "PRECALL": (),
    "TO_BOOL": (),
    "POP_TOP": (Op(Do.POP),),
    "POP_ITER": (Op(Do.POP),),
    "DUP_TOP": (Op(Do.COPY, 1),),
    "DUP_TOP_TWO": (Op(Do.COPY, 2), Op(Do.COPY, 2)),
    "ROT_TWO": (Op(Do.SWAP, 2),),
    "ROT_THREE": (Op(Do.ROTATE, 3),),
    "ROT_FOUR": (Op(Do.ROTATE, 4),),
    "BINARY_SUBSCR": (Op(Do.SUBSCR),),
    "STORE_SUBSCR": (Op(Do.STORE_SUBSCR),),
    "DELETE_SUBSCR": (Op(Do.DELETE_SUBSCR),),
    "BINARY_SLICE": (Op(Do.BUILD, ("slice", 2)), Op(Do.SUBSCR)),
    "STORE_SLICE": (Op(Do.BUILD, ("slice", 2)), Op(Do.STORE_SUBSCR)),
    "SLICE+0": (Op(Do.SLICE, 0),),
    "SLICE+1": (Op(Do.SLICE, 1),),
    "SLICE+2": (Op(Do.SLICE, 2),),
    "SLICE+3": (Op(Do.SLICE, 3),),
    "STORE_MAP": (Op(Do.STORE_MAP),),
    "LIST_TO_TUPLE": (Op(Do.TO_TUPLE),),
    "GET_ITER": (Op(Do.GET_ITER),),
    "RETURN_VALUE": (Op(Do.RETURN),),
    "RETURN_GENERATOR": (),
    "YIELD_VALUE": (Op(Do.YIELD),),
    "LOAD_ASSERTION_ERROR": (Op(Do.ASSERTION_ERROR),),
    "FORMAT_SIMPLE": (Op(Do.FORMAT, ("", False)),),
    "FORMAT_WITH_SPEC": (Op(Do.FORMAT, ("", True)),),
}

_BINARY = {
    "POWER": "**",
    "MULTIPLY": "*",
    "MATRIX_MULTIPLY": "@",
    "MODULO": "%",
    "ADD": "+",
    "SUBTRACT": "-",
    "FLOOR_DIVIDE": "//",
    "TRUE_DIVIDE": "/",
    "DIVIDE": "classic /",
    "LSHIFT": "<<",
    "RSHIFT": ">>",
    "AND": "&",
    "XOR": "^",
    "OR": "|",
}

SYMBOLS: dict[str, tuple[Do, str]] = {
    "UNARY_POSITIVE": (Do.UNARY, "+"),
    "UNARY_NEGATIVE": (Do.UNARY, "-"),
    "UNARY_NOT": (Do.UNARY, "not"),
    "UNARY_INVERT": (Do.UNARY, "~"),
    "UNARY_CONVERT": (Do.UNARY, "repr"),
    **{f"BINARY_{name}": (Do.BINARY, symbol) for name, symbol in _BINARY.items()},
    **{f"INPLACE_{name}": (Do.BINARY, f"{symbol}=") for name, symbol in _BINARY.items()},
}

_COUNTED = {
    "BUILD_TUPLE": (Do.BUILD, "tuple"),
    "BUILD_LIST": (Do.BUILD, "list"),
    "BUILD_SET": (Do.BUILD, "set"),
    "BUILD_SLICE": (Do.BUILD, "slice"),
    "BUILD_STRING": (Do.BUILD, "string"),
    "BUILD_TUPLE_UNPACK": (Do.JOIN, "tuple"),
    "BUILD_TUPLE_UNPACK_WITH_CALL": (Do.JOIN, "arguments"),
    "BUILD_LIST_UNPACK": (Do.JOIN, "list"),
    "BUILD_SET_UNPACK": (Do.JOIN, "set"),
    "BUILD_MAP_UNPACK": (Do.JOIN, "map"),
    "BUILD_MAP_UNPACK_WITH_CALL": (Do.JOIN, "keywords"),
    "LIST_EXTEND": (Do.EXTEND, "list"),
    "SET_UPDATE": (Do.EXTEND, "set"),
    "DICT_UPDATE": (Do.EXTEND, "map"),
    "DICT_MERGE": (Do.EXTEND, "keywords"),
    "LIST_APPEND": (Do.APPEND, "list"),
    "SET_ADD": (Do.APPEND, "set"),
}
_NUMBERED = {
    "COPY": Do.COPY,
    "SWAP": Do.SWAP,
    "ROT_N": Do.ROTATE,
    "UNPACK_SEQUENCE": Do.UNPACK,
    "RAISE_VARARGS": Do.RAISE,
    "SET_FUNCTION_ATTRIBUTE": Do.SET_PART,
}
_MASKS = {"<": 2, "<=": 10, "==": 8, "!=": 7, ">": 4, ">=": 12}
_CONVERSIONS = ("", "s", "r", "a")


def operators(name: str, arg: int, table: Table) -> list[Op] | None:
    """Return the operations of an instruction that needs only its argument, or None for another."""
    version = table.version
    if name in _COUNTED:
        do, kind = _COUNTED[name]
        if version == (3, 5) and kind == "keywords" and do is Do.JOIN:
            arg &= 0xFF  # Above that stands where the callee lies.
        return [Op(do, (kind, arg))]
    if name in _NUMBERED:
        return [Op(_NUMBERED[name], arg)]
    if name == "DUP_TOPX":
        return [Op(Do.COPY, arg)] * arg
    if name == "BUILD_MAP":
        return [Op(Do.BUILD, ("map", arg if version >= (3, 5) else 0))]
    if name == "MAP_ADD":
        return [Op(Do.APPEND, ("map" if version >= (3, 8) else "reversed map", arg))]
    if name == "UNPACK_EX":
        return [Op(Do.UNPACK_EX, (arg & 0xFF, arg >> 8))]
    if name == "BINARY_OP":
        symbol = _entry(table.binary, arg)
        return [Op(Do.SUBSCR) if symbol == "[]" else Op(Do.BINARY, symbol)]
    if name == "COMPARE_OP":
        return [Op(Do.COMPARE, _comparison(arg, table))]
    if name == "IS_OP":
        return [Op(Do.COMPARE, _entry(("is", "is not"), arg))]
    if name == "CONTAINS_OP":
        return [Op(Do.COMPARE, _entry(("in", "not in"), arg))]
    if name == "FORMAT_VALUE":
        return [Op(Do.FORMAT, (_CONVERSIONS[arg & 3], bool(arg & 4)))]
    if name == "CONVERT_VALUE":
        return [Op(Do.CONVERT, _entry(_CONVERSIONS, arg))]
    if name == "LOAD_SMALL_INT":
        return [Op(Do.CONST, arg)]
    if name == "LOAD_COMMON_CONSTANT":
        common = _entry(table.common, arg)
        return [Op(Do.ASSERTION_ERROR) if common == "AssertionError" else Op(Do.COMMON, common)]
    if name == "CALL_INTRINSIC_1":
        return _intrinsic(_entry(table.intrinsic1, arg))
    return None


def _comparison(arg: int, table: Table) -> str:
    """Return the symbol. Since 3.12 a mask below it says the same in another way, for the interpreter's fast path."""
    if table.version < (3, 12):
        return _entry(table.compare, arg)
    symbol = _entry(table.compare, arg >> (4 if table.version == (3, 12) else 5))
    if arg & 15 != _MASKS[symbol]:
        raise BadBytecode(f"a comparison with the mask of another: {arg}")
    return symbol


def _intrinsic(name: str) -> list[Op]:
    if name == "INTRINSIC_UNARY_POSITIVE":
        return [Op(Do.UNARY, "+")]
    if name == "INTRINSIC_LIST_TO_TUPLE":
        return [Op(Do.TO_TUPLE)]
    return [Op(Do.UNSUPPORTED, name)]


def _entry(entries: tuple[str, ...], index: int) -> str:
    if index >= len(entries):
        raise BadBytecode(f"no operator {index}")
    return entries[index]
