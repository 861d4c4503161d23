"""Evaluates the body of a function on shapes, as Keras 3 does with its trial call."""

from __future__ import annotations

import ast
import builtins
from math import prod
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.sites.shape import dims
from keras_lambda_lint.sites.shape import ops as shape_ops
from keras_lambda_lint.sites.shape.arithmetic import binary, compared, subscript
from keras_lambda_lint.sites.shape.dims import ShapeError
from keras_lambda_lint.sites.shape.tensors import (
    UNKNOWN,
    Abstract,
    Items,
    Length,
    Plain,
    Tensor,
    elements,
    integer,
    shape_of,
)
from keras_lambda_lint.source.scopes import BindingKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import FunctionNode

_MAX_STEPS = 2000
_NEW_AXIS = frozenset({"tensorflow.newaxis", "numpy.newaxis"})
_ALWAYS_BOUND = frozenset(dir(builtins)) | {"__file__", "__path__", "get_ipython", "display"}


class TrialFails(Exception):
    """The trial call fails, in words; `by_dtype`: only because the placeholder is a float."""

    def __init__(self, reason: str, *, by_dtype: bool = False) -> None:
        super().__init__(reason)
        self.by_dtype = by_dtype


class _GivesUp(Exception):
    """The body holds something that is not followed."""


class Body:
    """Evaluates one function; `known` are its parameters and, later, its local names."""

    def __init__(self, index: Index, names: Names, values: Values) -> None:
        self.index = index
        self.names = names
        self.values = values
        self.steps = _MAX_STEPS

    def result(self, function: FunctionNode, known: dict[str, Abstract]) -> Abstract:
        """Return what a function returns; raise `TrialFails` where Keras 3 cannot try it."""
        try:
            if isinstance(function, ast.Lambda):
                return self.of(function.body, known)
            returned = self._run(function.body, known)
            return UNKNOWN if returned is None else returned
        except ShapeError as error:
            raise TrialFails(str(error)) from None
        except _GivesUp:
            return UNKNOWN

    def _run(self, statements: Sequence[ast.stmt], known: dict[str, Abstract]) -> Abstract | None:
        """Return what the statements return; None where they come to their end."""
        for position, statement in enumerate(statements):
            self._step()
            if isinstance(statement, ast.Return):
                return UNKNOWN if statement.value is None else self.of(statement.value, known)
            if isinstance(statement, ast.If):
                return self._branch(statement, statements[position + 1 :], known)
            if isinstance(statement, ast.With):
                return self._run([*statement.body, *statements[position + 1 :]], known)
            self._do(statement, known)
        return None

    def _do(self, statement: ast.stmt, known: dict[str, Abstract]) -> None:
        if isinstance(statement, ast.Assign):
            value = self.of(statement.value, known)
            for target in statement.targets:
                self._bind(target, value, known)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._bind(statement.target, self.of(statement.value, known), known)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            before = known.get(statement.target.id, UNKNOWN)
            known[statement.target.id] = binary(statement.op, before, self.of(statement.value, known))
        elif isinstance(statement, ast.Expr):
            self._expression(statement.value, known)
        elif not isinstance(statement, (ast.Pass, ast.Assert, ast.Import, ast.ImportFrom)):
            raise _GivesUp

    def _expression(self, node: ast.expr, known: dict[str, Abstract]) -> None:
        """Follow an expression that stands alone: only what it may change counts."""
        if isinstance(node, ast.Constant):
            return
        changed = {name.id for name in walk(node) if isinstance(name, ast.Name)} & set(known)
        for name in changed:
            known[name] = UNKNOWN

    def _bind(self, target: ast.expr, value: Abstract, known: dict[str, Abstract]) -> None:
        if isinstance(target, ast.Name):
            known[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            if any(isinstance(element, ast.Starred) for element in target.elts):
                raise _GivesUp
            parts = elements(value)
            if parts is not None and len(parts) != len(target.elts):
                raise ShapeError(f"{len(parts)} values for {len(target.elts)} names")
            for position, element in enumerate(target.elts):
                self._bind(element, UNKNOWN if parts is None else parts[position], known)
        else:
            raise _GivesUp

    def _branch(self, node: ast.If, rest: Sequence[ast.stmt], known: dict[str, Abstract]) -> Abstract | None:
        decided = self._decided(node.test, known)
        if decided is not None:
            return self._run([*(node.body if decided else node.orelse), *rest], known)
        one = self._perhaps([*node.body, *rest], dict(known))
        other = self._perhaps([*node.orelse, *rest], dict(known))
        return one if one == other else UNKNOWN

    def _perhaps(self, statements: Sequence[ast.stmt], known: dict[str, Abstract]) -> Abstract | None:
        """Return what statements return that may not run: that they fail is not certain to matter."""
        try:
            return self._run(statements, known)
        except (TrialFails, ShapeError):
            return UNKNOWN

    def _decided(self, test: ast.expr, known: dict[str, Abstract]) -> bool | None:
        """Return the outcome of a condition; None where it is open. Raise `TrialFails` for the value of a tensor."""
        value = self.of(test, known)
        if isinstance(value, Tensor) and value.shape == ():
            raise TrialFails(f"`{ast.unparse(test)}` has no value while Keras tries the function")
        return bool(value.value) if isinstance(value, Plain) else None

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise _GivesUp

    def of(self, node: ast.expr, known: dict[str, Abstract]) -> Abstract:
        """Return what an expression is."""
        self._step()
        if isinstance(node, ast.Name):
            return known[node.id] if node.id in known else self._outer(node)
        if isinstance(node, ast.Constant):
            return Plain(node.value)
        if isinstance(node, (ast.List, ast.Tuple)):
            if any(isinstance(element, ast.Starred) for element in node.elts):
                return UNKNOWN
            return Items(tuple(self.of(element, known) for element in node.elts))
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, known)
        if isinstance(node, ast.BinOp):
            return binary(node.op, self.of(node.left, known), self.of(node.right, known))
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            return compared(node.ops[0], self.of(node.left, known), self.of(node.comparators[0], known))
        if isinstance(node, ast.Subscript):
            return self._subscript(node, known)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, known)
        if isinstance(node, ast.Call):
            return self._call(node, known)
        if isinstance(node, ast.IfExp):
            return self._conditional(node, known)
        if isinstance(node, ast.ListComp):
            return self._comprehension(node, known)
        return UNKNOWN

    def _outer(self, node: ast.Name) -> Abstract:
        """Return the constant that a name outside of the function is bound to; raise `TrialFails` where nothing binds it."""
        value = self.values.of(node)
        if value.kind is ValueKind.CONSTANT and value.node is not None and not isinstance(value.node, ast.Call):
            late = any(binding.kind is BindingKind.LOOP for binding in self.index.reaching(node))
            return UNKNOWN if late or value.node is node else self.of(value.node, {})
        unbound = node in self.index.reads and not self.index.reaching(node) and not self.index.stars
        if unbound and node.id not in _ALWAYS_BOUND and not self._may_be_bound(node.id):
            raise TrialFails(f"the name `{node.id}` is bound nowhere")
        return UNKNOWN

    def _may_be_bound(self, name: str) -> bool:
        anywhere = any(binding.name == name for binding in self.index.bound_at.values())
        return anywhere or any(dynamic in self.index.calls for dynamic in ("exec", "globals", "locals", "vars"))

    def _unary(self, node: ast.UnaryOp, known: dict[str, Abstract]) -> Abstract:
        value = self.of(node.operand, known)
        if isinstance(node.op, ast.Not):
            return Plain(not value.value) if isinstance(value, Plain) else UNKNOWN
        if isinstance(value, Plain):
            is_number = isinstance(value.value, (int, float)) and isinstance(node.op, ast.USub)
            return Plain(-value.value) if is_number else UNKNOWN  # type: ignore[operator]
        return value if isinstance(value, Tensor) and value.content is None else UNKNOWN

    def _conditional(self, node: ast.IfExp, known: dict[str, Abstract]) -> Abstract:
        decided = self._decided(node.test, known)
        if decided is not None:
            return self.of(node.body if decided else node.orelse, known)
        try:
            one, other = self.of(node.body, dict(known)), self.of(node.orelse, dict(known))
        except (TrialFails, ShapeError):
            return UNKNOWN
        return one if one == other else UNKNOWN

    def _comprehension(self, node: ast.ListComp, known: dict[str, Abstract]) -> Abstract:
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs:
            return UNKNOWN
        whole = self.of(generator.iter, known)
        self._refuse_symbolic(whole, ast.unparse(generator.iter))
        parts = elements(whole)
        if parts is None:
            return UNKNOWN
        results = []
        for part in parts:
            inside = dict(known)
            self._bind(generator.target, part, inside)
            results.append(self.of(node.elt, inside))
        return Items(tuple(results))

    def _refuse_symbolic(self, value: Abstract, text: str) -> None:
        """Raise `TrialFails` for a loop over an axis whose length Keras does not know."""
        first = value.shape[0] if isinstance(value, Tensor) and value.shape else None
        if isinstance(first, dims.Symbol) and not first.stated:
            raise TrialFails(f"Python cannot loop over `{text}`, whose first axis has no length yet")

    def _subscript(self, node: ast.Subscript, known: dict[str, Abstract]) -> Abstract:
        whole = self.of(node.value, known)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        indices: list[Abstract | tuple[Abstract, ...]] = []
        for part in parts:
            if isinstance(part, ast.Slice):
                bounds = (part.lower, part.upper, part.step)
                indices.append(tuple(Plain(None) if each is None else self.of(each, known) for each in bounds))
            else:
                indices.append(self.of(part, known))
        return subscript(whole, indices, ast.unparse(node))

    def _attribute(self, node: ast.Attribute, known: dict[str, Abstract]) -> Abstract:
        if not isinstance(node.value, (ast.Name, ast.Attribute)) or _root(node) in known:
            value = self.of(node.value, known)
            if node.attr == "shape" and isinstance(value, Tensor):
                return shape_ops.static_shape({"x": value})
            return UNKNOWN
        self.of_root(node)
        return Plain(None) if self.names.of(node) and self.names.of(node) <= _NEW_AXIS else UNKNOWN

    def of_root(self, node: ast.expr) -> None:
        """Raise `TrialFails` where the first name of a dotted name is bound nowhere."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if isinstance(node, ast.Name):
            self._outer(node)

    def _call(self, node: ast.Call, known: dict[str, Abstract]) -> Abstract:
        if isinstance(node.func, ast.Attribute) and (
            _root(node.func) in known or not isinstance(node.func.value, (ast.Name, ast.Attribute))
        ):
            return self._method(node.func, known)
        self.of_root(node.func)
        arguments = [self.of(each, known) for each in node.args if not isinstance(each, ast.Starred)]
        keywords = {each.arg: self.of(each.value, known) for each in node.keywords if each.arg is not None}
        hidden = len(arguments) < len(node.args) or len(keywords) < len(node.keywords)
        names = self.names.of(node.func)
        if hidden or not names or (isinstance(node.func, ast.Name) and node.func.id in known):
            return UNKNOWN
        found = {self._operation(node, name, arguments, keywords) for name in names}
        return found.pop() if len(found) == 1 else UNKNOWN

    def _method(self, function: ast.Attribute, known: dict[str, Abstract]) -> Abstract:
        value = self.of(function.value, known)
        if isinstance(value, Tensor) and function.attr == "get_shape":
            return shape_ops.static_shape({"x": value})
        return value if isinstance(value, Items) and function.attr == "as_list" else UNKNOWN

    def _operation(
        self, node: ast.Call, name: str, arguments: list[Abstract], keywords: dict[str, Abstract]
    ) -> Abstract:
        text = ast.unparse(node.func)
        if name.startswith("builtins."):
            return self._builtin(name, arguments)
        if name.startswith("numpy."):
            return _numpy(name, arguments)
        operation = ops.operation(name)
        if operation is None:
            return UNKNOWN
        _refuse_float(name, text, operation, arguments)
        if operation in ops.OPAQUE:
            return Tensor(None, opaque=text)
        row = ops.rule_of(name)
        if row is not None:
            rule, *parameters = row.split()
            defaults = {name: Plain(int(value)) for name, _, value in (p.partition("=") for p in parameters) if value}
            given = ops.bound([parameter.partition("=")[0] for parameter in parameters], arguments, keywords)
            return shape_ops.RULES[rule]({**defaults, **given})
        if operation in ops.ELEMENTWISE:
            given = ops.bound(["x"], arguments[:1], keywords)
            return _elementwise(given.get("x", UNKNOWN), operation)
        if operation in ops.BROADCASTING:
            given = ops.bound(["x", "y"], arguments[:2], keywords)
            both = binary(ast.Add(), given.get("x", UNKNOWN), given.get("y", UNKNOWN))
            return (
                both.with_dtype(is_float=both.is_float and operation not in ops.NOT_FLOAT)
                if isinstance(both, Tensor)
                else UNKNOWN
            )
        if operation in ops.REDUCTIONS:
            given = ops.bound(["x", "axis", "keepdims"], arguments, keywords)
            reduced = shape_ops.reduction(given, ops.default_axis(name, operation))
            return (
                reduced.with_dtype(is_float=reduced.is_float and operation not in ops.NOT_FLOAT)
                if isinstance(reduced, Tensor)
                else UNKNOWN
            )
        return UNKNOWN

    def _builtin(self, name: str, arguments: list[Abstract]) -> Abstract:
        first = arguments[0] if arguments else UNKNOWN
        if name == "builtins.len":
            self._refuse_symbolic(first, "len")
            parts = elements(first)
            return UNKNOWN if parts is None else Plain(len(parts))
        if name == "builtins.int" and (integer(first) is not None or isinstance(first, Length)):
            return first
        if name in ("builtins.list", "builtins.tuple") and isinstance(first, Items):
            return first
        if name == "builtins.range" and len(arguments) == 1 and 0 <= (integer(first) or -1) <= 64:
            return Items(tuple(map(Plain, range(integer(first) or 0))))
        return UNKNOWN


def _root(node: ast.expr) -> str | None:
    """Return the first name of a dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _elementwise(x: Abstract, operation: str) -> Abstract:
    if isinstance(x, Tensor):
        content = x.content if operation in ("cast", "identity", "convert_to_tensor") else None
        is_float = x.is_float and operation not in ops.NOT_FLOAT
        return Tensor(x.shape, x.effect, x.opaque, content, is_float)
    shape = shape_of(x)
    return UNKNOWN if shape is None else Tensor(shape)


def _numpy(name: str, arguments: list[Abstract]) -> Abstract:
    """Return what a function of numpy makes of numbers; of tensors it makes nothing, which is another rule's."""
    last = name.rpartition(".")[2]
    values = [item for each in arguments[:1] for item in (each.items if isinstance(each, Items) else (each,))]
    numbers = [integer(value) for value in values]
    if last == "prod" and None not in numbers and len(arguments) == 1:
        return Plain(prod(number for number in numbers if number is not None))
    plain = [isinstance(value, Plain) and isinstance(value.value, (int, float)) for value in values]
    is_scalar = len(arguments) == 1 and plain == [True] and not isinstance(arguments[0], Items)
    return Tensor(()) if is_scalar and last in ops.NUMPY_OF_NUMBERS else UNKNOWN


def _refuse_float(name: str, text: str, operation: str, arguments: list[Abstract]) -> None:
    """Raise `TrialFails` for an operation of TensorFlow on integers that gets the float placeholder."""
    position = ops.INTEGERS_ONLY.get(operation)
    if position is None or not name.startswith("tensorflow.") or ".keras." in name or len(arguments) <= position:
        return
    value = arguments[position]
    if isinstance(value, Tensor) and value.is_float:
        raise TrialFails(f"it tries a float32 input, and `{text}` takes integers only", by_dtype=True)
