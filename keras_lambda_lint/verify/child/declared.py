"""What models and layers say of the shapes and dtypes of their outputs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_lambda_lint.verify.child.framework import Framework


def of_layer(framework: Framework, layer: Any, given: Any) -> list[list[int | None]] | None:
    """Return the shapes that a `compute_output_shape` of somebody's own tells for some inputs; None where there is none."""
    if type(layer).compute_output_shape.__module__.startswith(("keras.", "tf_keras.")):
        return None
    shapes = framework.nest.map_structure(lambda array: tuple(array.shape), given)
    with contextlib.suppress(Exception):  # Some take only the shapes of a graph: what they would say is not known.
        told = layer.compute_output_shape(shapes)
        return [list(each) for each in _shapes(told)]
    return None


def _shapes(told: Any) -> list[Any]:
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list | tuple) and told and not isinstance(told[0], int | type(None)):
        return [shape for each in told for shape in _shapes(each)]
    return [tuple(told)]


def of_model(model: Any) -> list[Any]:
    """Return the declared shape and dtype of each output of a model that has a graph."""
    graph = getattr(model, "_functional", None) or model
    if not getattr(graph, "_is_graph_network", True):
        return []
    outputs = getattr(graph, "outputs", None) or []
    return [[list(each.shape), str(getattr(each.dtype, "name", each.dtype))] for each in outputs]
