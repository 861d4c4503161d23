"""The calls in the body of a function that hand a tensor to NumPy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as keras_names
from keras_lambda_lint.keras_api import numpy as api
from keras_lambda_lint.source.scopes import Binding, BindingKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.bodies.body import Body


class NumpyCall(NamedTuple):
    """A call of NumPy with a tensor, or of the method `numpy` of a tensor."""

    name: str
    span: Span


def numpy_calls(body: Body) -> Iterator[NumpyCall]:
    """Yield the calls of a body that turn a tensor into an array; calls below a test of the type are left alone."""
    tensors = _Tensors(body)
    for call in body.calls:
        if tensors.turns_into_array(call.node, call.names) and not _is_guarded(body, call.node):
            yield NumpyCall(call.name, call.callee)


class _Tensors:
    """Tells which expressions of a body are tensors that come from the input: unknown ones are not."""

    def __init__(self, body: Body) -> None:
        self.body = body
        arguments = body.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        required = len(positional) - len(arguments.defaults)
        is_method = bool(positional[:1]) and positional[0].arg in ("self", "cls")
        self.inputs = positional[is_method:required][:1]
        self.known: dict[ast.expr, bool] = {}

    def turns_into_array(self, node: ast.Call, names: frozenset[str]) -> bool:
        """Return whether a call makes an array of a tensor."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "numpy":
            return not node.args and self.is_tensor(node.func.value)
        if not names or not all(api.needs_array(name) for name in names):
            return False
        return any(self.is_tensor(argument) for argument in (*node.args, *(k.value for k in node.keywords)))

    def is_tensor(self, node: ast.expr) -> bool:
        """Return whether an expression certainly is, or holds, a tensor."""
        if node not in self.known:
            self.known[node] = False
            self.known[node] = self._is_tensor(node)
        return self.known[node]

    def _is_tensor(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            bindings = self.body.index.reaching(node) if node in self.body.index.reads else ()
            return bool(bindings) and all(map(self._bound, bindings))
        if isinstance(node, (ast.Subscript, ast.Starred)):
            return self.is_tensor(node.value)
        if isinstance(node, ast.BinOp):
            return self.is_tensor(node.left) or self.is_tensor(node.right)
        if isinstance(node, ast.UnaryOp):
            return self.is_tensor(node.operand)
        if isinstance(node, (ast.List, ast.Tuple)):
            return any(map(self.is_tensor, node.elts))
        if isinstance(node, ast.Attribute):
            return node.attr == "T" and self.is_tensor(node.value)
        return isinstance(node, ast.Call) and self._returns_tensor(node)

    def _bound(self, binding: Binding) -> bool:
        if binding.kind is BindingKind.PARAMETER:
            return binding.node in self.inputs
        follows = binding.kind in (BindingKind.ASSIGNMENT, BindingKind.UNPACKING, BindingKind.LOOP)
        return follows and binding.value is not None and self.is_tensor(binding.value)

    def _returns_tensor(self, node: ast.Call) -> bool:
        names = self.body.names.of(node.func)
        works_on_tensors = bool(names) and all(
            (name.startswith("tensorflow.") or keras_names.below_keras(name) is not None) and not api.is_static(name)
            for name in names
        )
        return works_on_tensors and any(map(self.is_tensor, node.args))


def _is_guarded(body: Body, node: ast.Call) -> bool:
    """Return whether a call stands below a test that asks what its argument is, or what runs."""
    for around in body.index.ancestors(node):
        if around is body.node:
            return False
        if isinstance(around, (ast.If, ast.IfExp)) and any(isinstance(part, ast.Call) for part in walk(around.test)):
            return True
        if isinstance(around, ast.Try):
            return True
    return False
