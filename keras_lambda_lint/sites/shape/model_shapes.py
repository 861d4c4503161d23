"""The shapes that a model states: `Input`, `input_shape=`, and what earlier layers make of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.layer_shapes import FUNCTIONS, LAYER_SHAPES
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.sites.shape.dims import BATCH, Dim, Symbol
from keras_lambda_lint.sites.shape.layers import LayerCall, output
from keras_lambda_lint.sites.shape.tensors import UNKNOWN, Abstract, Items, Plain, Tensor, integer
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.scopes import Binding

_MAX_LAYERS = 80


class ModelShapes:
    """Follows the tensors of the models that one file builds."""

    def __init__(self, index: Index, names: Names, values: Values) -> None:
        self.index = index
        self.names = names
        self.values = values
        self._seen: dict[ast.expr, Abstract] = {}

    def input_of(self, call: ast.Call) -> Abstract:
        """Return the tensor, or the list of tensors, that the layer made by a call is called on."""
        stated = self._stated_by(call)
        if stated is not None:
            return stated
        parent = self.index.parents[call]
        if isinstance(parent, ast.Call) and parent.func is call and len(parent.args) == 1:
            return self._tensor(parent.args[0], _MAX_LAYERS)
        return self._before(call)

    def takes_integers(self, call: ast.Call) -> bool:
        """Return whether the model states a dtype for the input of a layer that is no float."""
        parent = self.index.parents[call]
        if not (isinstance(parent, ast.Call) and parent.func is call and len(parent.args) == 1):
            return False
        given = self._value(parent.args[0])
        if not isinstance(given, ast.Call) or not self._is_input(given):
            return False
        dtype = [keyword.value for keyword in given.keywords if keyword.arg == "dtype"]
        return any(isinstance(d, ast.Constant) and isinstance(d.value, str) and "float" not in d.value for d in dtype)

    def is_symbolic(self, call: ast.Call) -> bool:
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

    def constant(self, node: ast.expr) -> Abstract:
        """Return the number, text, or list of these that an expression is, also through names that are bound once."""
        if isinstance(node, ast.Constant):
            return Plain(node.value)
        if isinstance(node, (ast.Tuple, ast.List)):
            return Items(tuple(self.constant(element) for element in node.elts))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = integer(self.constant(node.operand))
            return UNKNOWN if number is None else Plain(-number)
        if isinstance(node, ast.Name):
            value = self.values.of(node)
            loops = any(b.kind is not BindingKind.ASSIGNMENT for b in self._bindings(node))
            if value.kind is ValueKind.CONSTANT and value.node is not None and value.node is not node and not loops:
                return self.constant(value.node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add, ast.Sub, ast.FloorDiv)):
            return self._computed(node)
        return UNKNOWN

    def _computed(self, node: ast.BinOp) -> Abstract:
        left, right = integer(self.constant(node.left)), integer(self.constant(node.right))
        if left is None or right is None or (isinstance(node.op, ast.FloorDiv) and right == 0):
            return UNKNOWN
        if isinstance(node.op, ast.Mult):
            return Plain(left * right)
        if isinstance(node.op, ast.FloorDiv):
            return Plain(left // right)
        return Plain(left + right if isinstance(node.op, ast.Add) else left - right)

    def _bindings(self, node: ast.Name) -> tuple[Binding, ...]:
        return self.index.reaching(node) if node in self.index.reads else ()

    def _value(self, node: ast.expr) -> ast.expr:
        """Return what a name is assigned, where it is assigned once; the expression itself otherwise."""
        if isinstance(node, ast.Name) and node in self.index.reads:
            bindings = self.index.reaching(node)
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
                return bindings[0].value
        return node

    def _is_input(self, node: ast.expr) -> bool:
        names = self.names.of(node.func) if isinstance(node, ast.Call) else frozenset()
        return any(api.is_one_of(name, api.INPUTS) for name in names)

    def _tensor(self, node: ast.expr, steps: int) -> Abstract:
        """Return the tensor that an expression of a model is."""
        if node not in self._seen:
            self._seen[node] = UNKNOWN
            self._seen[node] = self._followed(node, steps)
        return self._seen[node]

    def _followed(self, node: ast.expr, steps: int) -> Abstract:
        if steps == 0:
            return UNKNOWN
        if isinstance(node, ast.Name):
            value = self._value(node)
            return UNKNOWN if value is node else self._tensor(value, steps)
        if isinstance(node, (ast.List, ast.Tuple)):
            return Items(tuple(self._tensor(element, steps - 1) for element in node.elts))
        if not isinstance(node, ast.Call):
            return UNKNOWN
        if self._is_input(node):
            return self._input(node)
        if len(node.args) >= 1 and self._layer_name(node, FUNCTIONS) is not None:
            return self._applied(node, node.args[0], node.args[1:], FUNCTIONS, steps)
        layer = self._value(node.func)
        if isinstance(layer, ast.Call) and len(node.args) == 1:
            return self._applied(layer, node.args[0], layer.args, None, steps)
        return UNKNOWN

    def _applied(
        self, layer: ast.Call, argument: ast.expr, arguments: list[ast.expr], names: dict[str, str] | None, steps: int
    ) -> Abstract:
        return self._output(layer, self._tensor(argument, steps - 1), arguments, names)

    def _output(
        self, layer: ast.Call, given: Abstract, arguments: list[ast.expr], names: dict[str, str] | None = None
    ) -> Abstract:
        """Return what a layer makes of a tensor."""
        known = LAYER_SHAPES if names is None else names
        name = self._layer_name(layer, known)
        if name is None or any(isinstance(each, ast.Starred) for each in arguments):
            return self._wrapped(layer, given) if names is None else UNKNOWN
        keywords = {keyword.arg: self._argument(keyword.value) for keyword in layer.keywords if keyword.arg is not None}
        if len(keywords) < len(layer.keywords):
            return UNKNOWN
        call = LayerCall(name if names is None else names[name], [self._argument(each) for each in arguments], keywords)
        return output(call, given)

    def _wrapped(self, layer: ast.Call, given: Abstract) -> Abstract:
        """Return what `TimeDistributed(layer)` makes of a tensor: what the layer makes of each step."""
        inner = layer.args[0] if self._layer_name(layer, {"TimeDistributed": ""}) and layer.args else None
        inner = None if inner is None else self._value(inner)
        shape = given.shape if isinstance(given, Tensor) else None
        if shape is None or len(shape) < 3 or not isinstance(inner, ast.Call):
            return UNKNOWN
        step = self._output(inner, Tensor((shape[0], *shape[2:])), inner.args)
        found = step.shape if isinstance(step, Tensor) else None
        return UNKNOWN if not found else Tensor((found[0], shape[1], *found[1:]))

    def _argument(self, node: ast.expr) -> Abstract:
        """Return a constructor argument; a length that is no number here is a length all the same."""
        value = self.constant(node)
        if value is UNKNOWN and isinstance(node, (ast.Name, ast.Attribute)):
            return Tensor((), content=(Symbol(ast.unparse(node), stated=True),))
        if isinstance(value, Items) and isinstance(node, (ast.Tuple, ast.List)):
            return Items(tuple(self._argument(element) for element in node.elts))
        return value

    def _layer_name(self, layer: ast.Call, known: dict[str, str]) -> str | None:
        """Return the name of a layer of Keras, or of a function of `keras.layers`, that is known."""
        names = {api.below_keras(name) or "" for name in self.names.of(layer.func)}
        lasts = {name.rpartition(".")[2] for name in names if name.startswith("layers.")}
        last = lasts.pop() if len(lasts) == len(names) == 1 else None
        return last if last in known else None

    def _input(self, call: ast.Call) -> Abstract:
        """Return the tensor of `Input(...)`, or of an `InputLayer`."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if None in given or "tensor" in given:
            return UNKNOWN
        for name in ("batch_shape", "batch_input_shape"):
            if name in given:
                return self._stated(given[name], None)
        shape = given.get("shape", given.get("input_shape", call.args[0] if call.args else None))
        batch = given.get("batch_size", call.args[1] if len(call.args) > 1 else None)
        if shape is None:
            return UNKNOWN
        length: Dim = BATCH
        if batch is not None and not (isinstance(batch, ast.Constant) and batch.value is None):
            number = integer(self.constant(batch))
            length = Symbol("batch size", stated=True) if number is None else number
        return self._stated(shape, length)

    def _stated(self, node: ast.expr, batch: Dim | None) -> Abstract:
        """Return the tensor of a shape that is written out, below a batch dimension or with its own."""
        node = self._value(node)
        if not isinstance(node, (ast.Tuple, ast.List)) or any(isinstance(each, ast.Starred) for each in node.elts):
            return UNKNOWN
        return Tensor(
            (
                *([] if batch is None else [batch]),
                *(
                    BATCH if batch is None and position == 0 and _is_none(each) else self._length(each, position)
                    for position, each in enumerate(node.elts)
                ),
            )
        )

    def _length(self, node: ast.expr, position: int) -> Dim:
        value = self.constant(node)
        number = integer(value)
        if number is not None:
            return number
        return Symbol(f"dim {position}", stated=value != Plain(None))

    def _stated_by(self, call: ast.Call) -> Abstract | None:
        """Return the input that a layer itself states."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "input_shape" in given:
            batch = given.get("batch_size")
            return self._stated(given["input_shape"], BATCH) if batch is None else UNKNOWN
        for name in ("batch_input_shape", "batch_shape"):
            if name in given:
                return self._stated(given[name], None)
        if "input_dim" in given and self._layer_name(call, {"Dense": ""}):
            return Tensor((BATCH, self._length(given["input_dim"], 0)))
        return None

    def _before(self, call: ast.Call) -> Abstract:
        """Return the output of the layers that stand before a layer in a `Sequential` model."""
        parent = self.index.parents[call]
        if isinstance(parent, (ast.List, ast.Tuple)):
            around = self.index.parents[parent]
            if isinstance(around, ast.Call) and around.args[:1] == [parent] and self._is_sequential(around):
                return self._chain(list(parent.elts[: parent.elts.index(call)]))
            return UNKNOWN
        if not (isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "add"):
            return UNKNOWN
        return self._added(parent.func)

    def _is_sequential(self, node: ast.expr) -> bool:
        names = self.names.of(node.func) if isinstance(node, ast.Call) else frozenset()
        return bool(names) and all((api.below_keras(name) or "").endswith("Sequential") for name in names)

    def _added(self, method: ast.Attribute) -> Abstract:
        """Return the output of what was added before to the same model, where all of it stands in one line of control flow."""
        model = method.value
        if not isinstance(model, ast.Name) or model not in self.index.reads:
            return UNKNOWN
        bindings = self.index.reaching(model)
        made = bindings[0].value if len(bindings) == 1 else None
        if not isinstance(made, ast.Call) or not self._is_sequential(made) or made.keywords:
            return UNKNOWN
        layers: list[ast.expr] = []
        if made.args:
            if not isinstance(made.args[0], (ast.List, ast.Tuple)):
                return UNKNOWN
            layers += made.args[0].elts
        here = self.index.reads[model]
        for read in sorted(self.index.reads_of(bindings[0]), key=lambda read: read.clock):
            if read.node is model:
                return self._chain(layers)
            attribute = self.index.parents[read.node]
            added = self.index.parents[attribute]
            if read.scope is not here.scope or read.path != here.path or read.path != bindings[0].path:
                return UNKNOWN
            if not (isinstance(attribute, ast.Attribute) and isinstance(added, ast.Call)):
                return UNKNOWN
            if attribute.attr != "add" or len(added.args) != 1:
                return UNKNOWN
            layers.append(added.args[0])
        return UNKNOWN

    def _chain(self, layers: list[ast.expr]) -> Abstract:
        """Return the output of layers, each called on the one before; the first states its input."""
        given: Abstract = UNKNOWN
        for position, element in enumerate(layers):
            layer = self._value(element)
            if not isinstance(layer, ast.Call):
                return UNKNOWN
            if self._is_input(layer) or self._layer_name(layer, {"InputLayer": ""}):
                given = self._input(layer)
                continue
            stated = self._stated_by(layer)
            if stated is not None and position == 0:
                given = stated
            given = self._output(layer, given, layer.args)
        return given


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
