"""Static shapes: what a function does to the shape of its input. Says nothing where the code does not tell."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api import ops
from keras_lambda_lint.sites.model import Effect, ShapeChange, ValueKind
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import FunctionNode

Dim: TypeAlias = int | str
"""A length, or the symbol of one that only the run tells: equal symbols are equal lengths."""


@dataclass(frozen=True)
class Tensor:
    """A tensor under inference: its shape if the rank is known, and what happened to it since it was the input."""

    shape: tuple[Dim, ...] | None
    effect: Effect
    opaque: str | None = None
    """The operation that hid the shape from Keras, where nothing stated it again since."""


_UNKNOWN = Tensor(None, Effect.UNKNOWN)
_SCALAR = Tensor((), Effect.UNKNOWN)


class Shapes:
    """Infers the shapes of one file."""

    def __init__(self, index: Index, names: Names, values: Values) -> None:
        self.index = index
        self.names = names
        self.values = values

    def of(self, call: ast.Call, function: FunctionNode | None) -> ShapeChange:
        """Return what the function of a `Lambda` call does to the shape of the layer's input."""
        if function is None:
            return ShapeChange(Effect.UNKNOWN)
        parameters = [*function.args.posonlyargs, *function.args.args]
        if not parameters:
            return ShapeChange(Effect.UNKNOWN)
        shape = self._input_shape(call)
        body = _Body(self, parameters[0].arg, Tensor(shape, Effect.SAME))
        result = body.result(function)
        hidden = f"`{result.opaque}` has no static shape" if result.opaque is not None else None
        failure = body.failure or hidden
        if failure is not None:
            return ShapeChange(Effect.FAILS if self._is_symbolic(call) else Effect.UNKNOWN, reason=failure)
        if result.shape is None or shape is None:
            return ShapeChange(result.effect)
        effect = (
            Effect.SAME if result.shape == shape else Effect.CHANGED if _differ(result.shape, shape) else Effect.UNKNOWN
        )
        return ShapeChange(effect, written(result.shape))

    def _is_symbolic(self, call: ast.Call) -> bool:
        """Return whether a layer is put into a model at once: called outside of a `call` method, listed, or added."""
        parent = self.index.parents[call]
        if isinstance(parent, ast.Call) and parent.func is call:
            around = [node.name for node in self.index.ancestors(call) if isinstance(node, ast.FunctionDef)]
            return "call" not in around
        if isinstance(parent, ast.Call):
            return isinstance(parent.func, ast.Attribute) and parent.func.attr == "add"
        if not isinstance(parent, (ast.List, ast.Tuple)):
            return False
        around_list = self.index.parents[parent]
        return isinstance(around_list, ast.Call) and self.values.of(around_list).is_layer

    def _input_shape(self, call: ast.Call) -> tuple[Dim, ...] | None:
        """Return the shape that the model states for the input of a layer, batch dimension first."""
        for keyword in call.keywords:
            if keyword.arg == "input_shape":
                return self._stated(keyword.value, batch=True)
        stated = self._stated_input(call)
        if "batch_shape" in stated:
            return self._stated(stated["batch_shape"], batch=False)
        shape = stated.get("shape")
        return self._stated(shape, batch=True) if shape is not None else None

    def takes_integers(self, call: ast.Call) -> bool:
        """Return whether the model states a dtype for the input of a layer that is no float."""
        dtype = self._stated_input(call).get("dtype")
        return isinstance(dtype, ast.Constant) and isinstance(dtype.value, str) and "float" not in dtype.value

    def _stated_input(self, call: ast.Call) -> dict[str | None, ast.expr]:
        """Return the arguments of the `Input` that a layer is called on; none where it is not called on one."""
        parent = self.index.parents[call]
        if not (isinstance(parent, ast.Call) and parent.func is call and len(parent.args) == 1):
            return {}
        argument = parent.args[0]
        if isinstance(argument, ast.Name):
            bindings = self.index.reaching(argument)
            if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
                return {}
            argument = bindings[0].value
        if not isinstance(argument, ast.Call) or not any(
            api.is_one_of(n, api.INPUTS) for n in self.names.of(argument.func)
        ):
            return {}
        positional: dict[str | None, ast.expr] = {"shape": argument.args[0]} if argument.args else {}
        return {**positional, **{keyword.arg: keyword.value for keyword in argument.keywords}}

    def _stated(self, node: ast.expr, *, batch: bool) -> tuple[Dim, ...] | None:
        if not isinstance(node, (ast.Tuple, ast.List)):
            return None
        dims: list[Dim] = ["batch"] if batch else []
        for position, element in enumerate(node.elts):
            if isinstance(element, ast.Starred):
                return None
            number = self.integer(element)
            dims.append(f"dim {position}" if number is None else number)
        return tuple(dims)

    def integer(self, node: ast.expr | None) -> int | None:
        """Return the value of an expression that is a literal integer, or a name bound once to one."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.integer(node.operand)
            return None if inner is None else -inner
        if isinstance(node, ast.Name):
            value = self.values.of(node)
            node = value.node if value.kind is ValueKind.CONSTANT else None
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        return None


class _Body:
    """Evaluates the body of one function on the shape of its input."""

    def __init__(self, shapes: Shapes, parameter: str, tensor: Tensor) -> None:
        self.shapes = shapes
        self.known = {parameter: tensor}
        self.parameter = parameter
        self.failure: str | None = None

    def result(self, function: FunctionNode) -> Tensor:
        """Return what the function returns: straight-line bodies only."""
        if isinstance(function, ast.Lambda):
            return self.of(function.body)
        for statement in function.body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self.of(statement.value)
            if (
                isinstance(statement, ast.Assign)
                and len(statement.targets) == 1
                and isinstance(statement.targets[0], ast.Name)
            ):
                self.known[statement.targets[0].id] = self.of(statement.value)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                return _UNKNOWN
        return _UNKNOWN

    def of(self, node: ast.expr) -> Tensor:
        if isinstance(node, ast.Name):
            if node.id in self.known:
                return self.known[node.id]
            return _SCALAR if self.shapes.integer(node) is not None else _UNKNOWN
        if isinstance(node, ast.Constant):
            return _SCALAR if isinstance(node.value, (int, float)) else _UNKNOWN
        if isinstance(node, ast.UnaryOp):
            return self.of(node.operand)
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
            return _broadcast(self.of(node.left), self.of(node.right))
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            return _broadcast(self.of(node.left), self.of(node.comparators[0]))
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        return _UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Tensor:
        whole = self.of(node.value)
        if whole.effect is Effect.UNKNOWN and whole.shape is None:
            return _UNKNOWN
        items = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if any(isinstance(item, ast.Constant) and item.value is None for item in items):
            return _UNKNOWN
        dropped = [item for item in items if self._drops(item)]
        sliced = all(isinstance(item, ast.Slice) or item in dropped or _is_ellipsis(item) for item in items)
        if whole.shape is None:
            first = items[0]
            # `x[0]` may take a tensor out of a list of inputs; `x[:, 0]` cannot.
            certain = dropped and whole.effect is Effect.SAME and isinstance(first, ast.Slice)
            if certain and sliced:
                return Tensor(None, Effect.CHANGED)
            whole_slices = all(_is_ellipsis(item) or (isinstance(item, ast.Slice) and _keeps(item)) for item in items)
            return whole if whole_slices else _UNKNOWN
        if not sliced or sum(not _is_ellipsis(item) for item in items) > len(whole.shape):
            return _UNKNOWN
        return Tensor(self._taken(whole.shape, items), whole.effect)

    def _taken(self, shape: tuple[Dim, ...], items: list[ast.expr]) -> tuple[Dim, ...]:
        named = sum(not _is_ellipsis(item) for item in items)
        dims: list[Dim] = []
        position = 0
        for item in items:
            if _is_ellipsis(item):
                rest = len(shape) - named
                dims += shape[position : position + rest]
                position += rest
                continue
            if isinstance(item, ast.Slice):
                dims.append(self._sliced(shape[position], item))
            position += 1
        return (*dims, *shape[position:])

    def _sliced(self, dim: Dim, item: ast.Slice) -> Dim:
        if _keeps(item):
            return dim
        bounds = [self.shapes.integer(bound) for bound in (item.lower, item.upper, item.step)]
        exact = all(
            bound is not None or part is None
            for bound, part in zip(bounds, (item.lower, item.upper, item.step), strict=True)
        )
        if isinstance(dim, int) and exact:
            return len(range(*slice(*bounds).indices(dim)))
        return f"{dim}[{ast.unparse(item)}]"

    def _drops(self, item: ast.expr) -> bool:
        """Return whether an index drops its axis: a number, or a name that is no tensor."""
        if self.shapes.integer(item) is not None:
            return True
        if isinstance(item, ast.Name) and item.id not in self.known:
            return self.shapes.values.of(item).kind is ValueKind.CONSTANT
        return False

    def _call(self, node: ast.Call) -> Tensor:
        names = self.shapes.names.of(node.func)
        operations = {ops.operation(name) for name in names}
        for argument in node.args[1:]:
            self.of(argument)
        first = self.of(node.args[0]) if node.args and not isinstance(node.args[0], ast.Starred) else _UNKNOWN
        if len(operations) != 1 or not names:
            return _UNKNOWN
        operation = operations.pop()
        if operation is None:
            return _UNKNOWN
        self._check(node, operation, names)
        if operation in ops.OPAQUE:
            return Tensor(None, Effect.UNKNOWN, ast.unparse(node.func))
        if operation in ops.ELEMENTWISE:
            return first
        if operation in ops.BROADCASTING and len(node.args) >= 2:
            return _broadcast(first, self.of(node.args[1]))
        if operation in ops.REDUCTIONS:
            return self._reduction(node, first, next(iter(names)), operation)
        return _UNKNOWN

    def _check(self, node: ast.Call, operation: str, names: frozenset[str]) -> None:
        """Note why Keras 3 cannot try the function: an integer operation on the raw input."""
        position = ops.INTEGERS_ONLY.get(operation)
        if position is not None and all(name.startswith("tensorflow.") for name in names):
            argument = node.args[position] if len(node.args) > position else None
            if isinstance(argument, ast.Name) and argument.id == self.parameter:
                self.failure = f"it tries a float32 input, and `{ast.unparse(node.func)}` takes integers only"

    def _reduction(self, node: ast.Call, first: Tensor, qualified: str, operation: str) -> Tensor:
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        axis = keywords.get("axis", node.args[1] if len(node.args) > 1 else None)
        kept = keywords.get("keepdims", node.args[2] if len(node.args) > 2 else None)
        if kept is not None and not (isinstance(kept, ast.Constant) and kept.value is False):
            return _UNKNOWN if first.shape is None else self._kept(first, axis, kept)
        if axis is None:
            reduced = ops.default_axis(qualified, operation)
            axes = None if reduced is None else [reduced]
        else:
            elements = axis.elts if isinstance(axis, (ast.Tuple, ast.List)) else [axis]
            found = [self.shapes.integer(element) for element in elements]
            if None in found:
                return Tensor(None, Effect.CHANGED if first.effect is Effect.SAME else Effect.UNKNOWN)
            axes = [number for number in found if number is not None]
        if first.shape is None:
            return Tensor(None, Effect.CHANGED if first.effect is Effect.SAME else Effect.UNKNOWN)
        rank = len(first.shape)
        if axes is None:
            return Tensor((), first.effect)
        if not all(-rank <= number < rank for number in axes):
            return _UNKNOWN
        gone = {number % rank for number in axes}
        return Tensor(tuple(dim for position, dim in enumerate(first.shape) if position not in gone), first.effect)

    def _kept(self, first: Tensor, axis: ast.expr | None, kept: ast.expr) -> Tensor:
        number = self.shapes.integer(axis)
        if not (isinstance(kept, ast.Constant) and kept.value is True) or first.shape is None or number is None:
            return _UNKNOWN
        rank = len(first.shape)
        if not -rank <= number < rank:
            return _UNKNOWN
        return Tensor(tuple(1 if p == number % rank else dim for p, dim in enumerate(first.shape)), first.effect)


def written(shape: tuple[Dim, ...]) -> str:
    """Return a shape as Python writes it, `None` for lengths that only the run tells."""
    return str(tuple(dim if isinstance(dim, int) else None for dim in shape))


def _is_ellipsis(item: ast.expr) -> bool:
    return isinstance(item, ast.Constant) and item.value is Ellipsis


def _keeps(item: ast.Slice) -> bool:
    """Return whether a slice keeps the length of its axis: `:` and `::-1`."""
    if item.lower is not None or item.upper is not None:
        return False
    return item.step is None or ast.unparse(item.step) in ("1", "-1")


def _differ(result: tuple[Dim, ...], given: tuple[Dim, ...]) -> bool:
    """Return whether two shapes certainly differ."""
    if len(result) != len(given):
        return True
    return any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(result, given, strict=True))


def _broadcast(left: Tensor, right: Tensor) -> Tensor:
    if right == _SCALAR or (left is right and left is not _UNKNOWN):
        return left
    if left == _SCALAR:
        return right
    if left.shape is None or right.shape is None:
        same = left.effect is right.effect is Effect.SAME and left.shape is right.shape is None
        return left if same else _UNKNOWN
    dims: list[Dim] = []
    for position in range(1, max(len(left.shape), len(right.shape)) + 1):
        a = left.shape[-position] if position <= len(left.shape) else 1
        b = right.shape[-position] if position <= len(right.shape) else 1
        if a == b or b == 1:
            dims.append(a)
        elif a == 1:
            dims.append(b)
        else:
            return _UNKNOWN
    return Tensor(tuple(reversed(dims)), left.effect)
