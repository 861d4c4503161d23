"""What kind of thing an expression holds. Unknown stays unknown: no guess becomes a finding."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.classes.bases import lineage, own_class
from keras_lambda_lint.sites.model import Value, ValueKind
from keras_lambda_lint.source.scopes import Binding, BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.classes.bases import Lineage

UNKNOWN = Value(ValueKind.UNKNOWN)
_MAX_STEPS = 12
_LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr)
_TENSOR_ATTRIBUTES = ("input", "inputs", "output", "outputs")
_ARRAY_MAKERS = frozenset(
    f"numpy.{name}"
    for name in (
        "arange array asarray empty eye full identity linspace load logspace ones ones_like stack tile zeros zeros_like"
    ).split()
)


class Values:
    """Classifies the expressions of one file."""

    def __init__(self, file: FileSites) -> None:
        self.file = file
        self.index = file.index
        self.names = file.names

    def of(self, node: ast.expr) -> Value:
        """Return what is known of an expression's value."""
        return self._of(node, _MAX_STEPS)

    def of_bindings(self, bindings: tuple[Binding, ...]) -> Value:
        """Return what is known of a name that has one of these bindings; they must agree on the kind."""
        return self._of_bindings(bindings, _MAX_STEPS)

    def is_range(self, node: ast.Call) -> bool:
        """Return whether a call is `range(...)`."""
        return self.names.of(node.func) == {"builtins.range"}

    def is_tensorflow_variable(self, node: ast.expr) -> bool:
        """Return whether an expression makes a `tf.Variable`: Keras 2 tracks it as an attribute of a layer, Keras 3 does not."""
        return isinstance(node, ast.Call) and bool(self.names.of(node.func) & set(api.TF_VARIABLES))

    def is_keras_class(self, node: ast.ClassDef) -> bool:
        """Return whether a class of this file derives from a layer or model of Keras, which tracks the variables of its attributes."""
        return bool(node.bases) and lineage(self.file, node) is not None

    def own_layer(self, callee: ast.expr) -> Lineage | None:
        """Return what a layer or model class of the project derives from that an expression names; None for all else."""
        found = own_class(self.file, callee) if isinstance(callee, (ast.Name, ast.Attribute)) else None
        return lineage(found.file, found.node) if found is not None and found.node.bases else None

    def _of_bindings(self, bindings: tuple[Binding, ...], steps: int) -> Value:
        values = [self._bound(binding, steps) for binding in bindings]
        kinds = {value.kind for value in values}
        if len(kinds) != 1:
            return UNKNOWN
        return values[0] if len(values) == 1 else Value(kinds.pop())

    def _bound(self, binding: Binding, steps: int) -> Value:
        if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            return Value(ValueKind.MODULE)
        if binding.kind is BindingKind.FUNCTION:
            return Value(ValueKind.FUNCTION)
        if binding.kind is BindingKind.CLASS:
            return Value(ValueKind.CLASS)
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            return self._of(binding.value, steps - 1)
        if binding.kind is BindingKind.UNPACKING and binding.value is not None:
            whole = self._of(binding.value, steps - 1)
            return Value(whole.kind) if whole.kind in (ValueKind.TENSOR, ValueKind.ARRAY) else UNKNOWN
        if binding.kind is BindingKind.LOOP and binding.value is not None:
            return self._element(binding.value, steps - 1)
        return UNKNOWN

    def _element(self, iterable: ast.expr, steps: int) -> Value:
        """Return what is known of the elements of what a loop runs over."""
        if isinstance(iterable, ast.Call) and self.is_range(iterable):
            return Value(ValueKind.CONSTANT, iterable)
        if isinstance(iterable, (ast.List, ast.Tuple)) and iterable.elts:
            kinds = {self._of(element, steps).kind for element in iterable.elts}
            alike = all(isinstance(element, ast.Constant) for element in iterable.elts)
            return Value(kinds.pop(), iterable.elts[0] if alike else None) if len(kinds) == 1 else UNKNOWN
        return UNKNOWN

    def _of(self, node: ast.expr, steps: int) -> Value:
        if steps == 0:
            return UNKNOWN
        if isinstance(node, _LITERALS) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)):
            return self._literal(node, steps)
        if isinstance(node, ast.Lambda):
            return Value(ValueKind.FUNCTION, node)
        if isinstance(node, ast.Name):
            return self._of_bindings(self.index.reaching(node), steps) if node in self.index.reads else UNKNOWN
        if isinstance(node, ast.Call):
            return self._call(node, steps)
        if isinstance(node, ast.Attribute):
            owner = self._of(node.value, steps - 1)
            return Value(ValueKind.TENSOR) if owner.is_layer and node.attr in _TENSOR_ATTRIBUTES else UNKNOWN
        if isinstance(node, ast.Subscript):
            whole = self._of(node.value, steps - 1)
            return Value(whole.kind) if whole.kind in (ValueKind.TENSOR, ValueKind.ARRAY) else UNKNOWN
        if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare)):
            return self._operation(node, steps)
        return UNKNOWN

    def _literal(self, node: ast.expr, steps: int) -> Value:
        """A display such as `[1, n]` is a constant only if all its parts are."""
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.JoinedStr):
            return Value(ValueKind.CONSTANT, node)
        kinds = {self._of(part, steps - 1).kind for part in parts}
        if kinds <= {ValueKind.CONSTANT}:
            return Value(ValueKind.CONSTANT, node)
        return Value(ValueKind.TENSOR) if kinds == {ValueKind.TENSOR} else UNKNOWN

    def _operation(self, node: ast.BinOp | ast.UnaryOp | ast.Compare, steps: int) -> Value:
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        kinds = {self._of(part, steps - 1).kind for part in parts}
        if ValueKind.TENSOR in kinds:
            return Value(ValueKind.TENSOR)
        if kinds == {ValueKind.CONSTANT}:
            return Value(ValueKind.CONSTANT, node)
        if ValueKind.ARRAY in kinds and kinds <= {ValueKind.ARRAY, ValueKind.CONSTANT}:
            return Value(ValueKind.ARRAY, node)
        return UNKNOWN

    def _call(self, node: ast.Call, steps: int) -> Value:
        callee = self.names.of(node.func)
        for kind, makes in (
            (ValueKind.TENSOR, lambda name: api.is_one_of(name, api.INPUTS)),
            (ValueKind.VARIABLE, api.is_variable_maker),
            (ValueKind.MODEL, api.makes_model),
            (ValueKind.LAYER, api.is_layer_class),
            (ValueKind.ARRAY, _ARRAY_MAKERS.__contains__),
        ):
            if callee and all(makes(name) for name in callee):
                return Value(kind, node)
        if self._of(node.func, steps - 1).is_layer:
            return Value(ValueKind.TENSOR)
        if self.own_layer(node.func) is not None:
            return Value(ValueKind.LAYER, node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get_layer":
            whole = self._of(node.func.value, steps - 1)
            return Value(ValueKind.LAYER, node) if whole.kind is ValueKind.MODEL else UNKNOWN
        if any(name.startswith("tensorflow.") or api.below_keras(name) is not None for name in callee):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(self._of(argument, steps - 1).is_tensor for argument in arguments):
                return Value(ValueKind.TENSOR)
        return UNKNOWN
