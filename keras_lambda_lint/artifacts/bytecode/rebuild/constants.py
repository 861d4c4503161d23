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
    return _complex_parts(node) is not None


def constant(node: ast.expr, version: Version) -> Constant:
    """Return the value of an expression that `is_constant` holds for."""
    if isinstance(node, ast.Constant):
        return _literal(node, version)
    if isinstance(node, ast.Tuple):
        return tuple(constant(item, version) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        assert isinstance(value, (int, float, complex))
        return -value
    parts = _complex_parts(node)
    assert parts is not None
    return complex(*parts)


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


def _complex_parts(node: ast.expr) -> tuple[float, float] | None:
    """Return the parts of `1.5 + 2j`, as complex numbers are written."""
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
    return sign * real.value, imaginary.value.imag if isinstance(node.op, ast.Add) else -imaginary.value.imag
