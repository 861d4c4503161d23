"""Reads statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.decompile.comprehensions import ComprehensionReader
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable

if TYPE_CHECKING:
    import ast


class StatementReader(ComprehensionReader):
    """Reads the statements of one program."""

    def whole(self) -> list[ast.stmt]:
        raise Undecodable("a function of statements")
