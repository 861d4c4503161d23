"""Calls: the instructions changed with nearly every Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.normal import Call, Do, OldCall, Op

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.opcodes import Table


def call_ops(name: str, arg: int, keywords: tuple[str, ...], table: Table) -> list[Op]:
    """Return the operations of a call instruction whose keywords have these names."""
    if not table.wordcode:
        return _old(name, arg, star_first=table.version == (3, 5))
    if name == "PRECALL":
        return []
    if name in ("CALL", "CALL_METHOD"):
        return [Op(Do.CALL, Call(arg, keywords, paired=True))]
    if name == "CALL_KW":
        return [Op(Do.CALL, Call(arg, keywords, paired=True))]
    if name in ("CALL_FUNCTION", "CALL_FUNCTION_KW"):
        return [Op(Do.CALL, Call(arg, keywords, paired=False))]
    if name == "CALL_FUNCTION_EX":
        return [Op(Do.SPREAD_CALL, (bool(arg & 1), table.version >= (3, 11)))]
    return [Op(Do.UNSUPPORTED, name)]


def _old(name: str, arg: int, *, star_first: bool) -> list[Op]:
    shapes = {
        "CALL_FUNCTION": (False, False),
        "CALL_FUNCTION_VAR": (True, False),
        "CALL_FUNCTION_KW": (False, True),
        "CALL_FUNCTION_VAR_KW": (True, True),
    }
    if name not in shapes:
        return [Op(Do.UNSUPPORTED, name)]
    star, stars = shapes[name]
    return [Op(Do.OLD_CALL, OldCall(arg & 0xFF, arg >> 8 & 0xFF, star, stars, star_first and star))]
