"""Constants as a compiler sees them in source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.code import Constant, Unicode
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version


def is_constant(node: ast.expr, version: Version) -> bool:
    """Return whether the compiler of this Python stores the expression as one value.

    Only what recovered source writes for one value is meant: literals, signs, the sum of a complex number, tuples of these.
    """
    if isinstance(node, ast.Constant):
        return not (version < (3, 0) and isinstance(node.value, bool))
    if isinstance(node, ast.Tuple):
        return isinstance(node.ctx, ast.Load) and all(is_constant(item, version) for item in node.elts)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_number(node.operand)
    return _complex_sum(node, version) is not None


def constant(node: ast.expr, version: Version) -> Constant:
    """Return the value of an expression that `is_constant` holds for."""
    if isinstance(node, ast.Constant):
        return _literal(node, version)
    if isinstance(node, ast.Tuple):
        return tuple(constant(item, version) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        assert isinstance(value, (int, float, complex))
        # Python 2 reads the sign as a part of the literal.
        return complex(0.0, -value.imag) if isinstance(value, complex) and version < (3, 0) else -value
    found = _complex_sum(node, version)
    assert found is not None
    return found


def _literal(node: ast.Constant, version: Version) -> Constant:
    value = node.value
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value)
        return value.decode("ascii") if version < (3, 0) and value.isascii() else value
    if isinstance(value, str) and version < (3, 0) and (node.kind == "u" or not value.isascii()):
        if node.kind != "u":
            raise Undecodable("text beyond ASCII in a string of Python 2")
        return Unicode(value)
    return value


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, complex)


def _complex_sum(node: ast.expr, version: Version) -> complex | None:
    """Return the value of `1.5 + 2j`, as complex numbers are written, with the signs of zeros that this Python gives it."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Add, ast.Sub)):
        return None
    real, imaginary = node.left, node.right
    sign = 1.0
    if isinstance(real, ast.UnaryOp) and isinstance(real.op, ast.USub):
        sign, real = -1.0, real.operand
    if not isinstance(real, ast.Constant) or type(real.value) not in (int, float):
        return None
    if not isinstance(imaginary, ast.Constant) or type(imaginary.value) is not complex:
        return None
    assert isinstance(real.value, (int, float))
    assert isinstance(imaginary.value, complex)
    first, second = sign * real.value, imaginary.value
    if isinstance(node.op, ast.Add):
        return complex(first + second.real, second.imag)
    # Up to 3.13 the real number is made complex first, so that nothing minus nothing is no negative nothing.
    return complex(first - second.real, -second.imag if version >= (3, 14) else 0.0 - second.imag)
