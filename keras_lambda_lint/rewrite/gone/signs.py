"""What the code shows of values: that they are not negative, that they are booleans."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.keras_api.backend_calls import BOOLEAN, KEEPS_SIGN, NOT_NEGATIVE

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites


class Signs:
    """Reads the expressions of one file."""

    def __init__(self, sites: FileSites) -> None:
        self.sites = sites

    def is_not_negative(self, node: ast.expr) -> bool:
        """Return whether an expression of tensors and numbers has no negative value."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, (int, float)) and node.value >= 0
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Pow):
                return isinstance(node.right, ast.Constant) and node.right.value in (2, 4)
            both = self.is_not_negative(node.left) and self.is_not_negative(node.right)
            return both and isinstance(node.op, (ast.Add, ast.Mult, ast.Div))
        if not isinstance(node, ast.Call):
            return False
        function = self._operation(node)
        if function == "maximum":
            return any(map(self.is_not_negative, node.args))
        return function in NOT_NEGATIVE or (
            function in KEEPS_SIGN and bool(node.args) and self.is_not_negative(node.args[0])
        )

    def is_boolean(self, node: ast.expr) -> bool:
        """Return whether an expression is seen to hold booleans."""
        if isinstance(node, ast.Compare):
            return True
        return isinstance(node, ast.Call) and self._operation(node) in BOOLEAN

    def _operation(self, call: ast.Call) -> str | None:
        names = {ops.operation(name) or _last(name) for name in self.sites.names.of(call.func)}
        return names.pop() if len(names) == 1 else None


def _last(qualified: str) -> str | None:
    """Return the name of a function of the backend that computes no tensor, such as `epsilon`."""
    group, _, name = qualified.rpartition(".")
    return name if group.endswith("keras.backend") else None
