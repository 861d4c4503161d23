"""What becomes of a layer: whether its output only feeds other layers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.values import Values
    from keras_lambda_lint.source.index import Index


def feeds_layers_only(call: ast.Call, index: Index, values: Values) -> bool:
    """Return whether the code shows that the output of the layer made by `call` goes into other layers and nowhere else.

    Then it is no output of a model, and nothing sees the layer's automatic name there.
    """
    parent = index.parents[call]
    if isinstance(parent, (ast.List, ast.Tuple)):
        around = index.parents[parent]
        return parent.elts[-1] is not call and isinstance(around, ast.Call) and values.of(around).is_layer
    if not (isinstance(parent, ast.Call) and parent.func is call):
        return False
    return _feeds(parent, index, values)


def _feeds(output: ast.expr, index: Index, values: Values) -> bool:
    """Return whether a tensor expression is an argument of a layer's call, by itself or through a name."""
    parent = index.parents[output]
    while isinstance(parent, (ast.List, ast.Tuple)):
        output, parent = parent, index.parents[parent]
    if isinstance(parent, ast.Call) and output in parent.args:
        return values.of(parent.func).is_layer
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        binding = index.bound_at[parent.targets[0]]
        reads = index.reads_of(binding)
        return (
            binding.kind is BindingKind.ASSIGNMENT
            and bool(reads)
            and all(_feeds(read.node, index, values) for read in reads)
        )
    return False
