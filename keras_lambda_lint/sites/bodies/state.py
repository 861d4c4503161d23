"""State that the body of a function uses or makes: layers and variables that no model tracks."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import layers
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.model import Origin, ValueKind
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.bodies.body import Body
    from keras_lambda_lint.sites.model import Capture, Value
    from keras_lambda_lint.source.names import Names


class Use(Enum):
    """What a function needs of a layer that it captures."""

    ALONE = "its weights, which nothing else uses"
    SHARED = "its weights, which other code may use too"
    NO_WEIGHTS = "an operation without weights"


class CapturedLayer(NamedTuple):
    """A layer or model that a function captures, or holds as the default of a parameter."""

    name: str
    span: Span
    made_at: Span | None
    use: Use
    is_model: bool


class State(Enum):
    """What a function makes each time it is called."""

    VARIABLE = "a variable"
    LAYER = "a layer with weights"
    SEED = "a layer with a seed generator"
    """Keras 3 only."""


class Creation(NamedTuple):
    """A call that makes state in the body of a function."""

    name: str
    span: Span
    state: State


_WITHOUT_WEIGHTS = frozenset({
    "batch_input_shape", "count_params", "dtype", "get_config", "get_input_shape_at", "get_output_shape_at", "input",
    "input_dim", "input_shape", "input_spec", "inputs", "name", "output", "output_dim", "output_shape", "outputs", "rate",
    "trainable", "units",
})  # fmt: skip
"""Attributes of layers and models that are no weights of theirs: settings, and symbolic tensors, which are no matter of this."""


def captured_layers(body: Body, captures: tuple[Capture, ...]) -> Iterator[CapturedLayer]:
    """Yield the layers among the captures of a function and the defaults of its parameters, where it does more than ask for a setting."""
    for capture in captures:
        if capture.value.is_layer and any(not _asks_for_setting(body, node) for node in capture.nodes):
            use = _use(body, capture)
            if (
                use is Use.NO_WEIGHTS
                and capture.origin is Origin.MODULE_VALUE
                and not isinstance(body.node, ast.Lambda)
            ):
                continue
            yield CapturedLayer(
                capture.text, capture.span, _made_at(body, capture), use, capture.value.kind is ValueKind.MODEL
            )
    for parameter, _, default in with_defaults(body.node.args):
        value = body.values.of(default) if default is not None else None
        if default is not None and value is not None and value.is_layer:
            use = Use.NO_WEIGHTS if _has_no_weights(body, value) else Use.SHARED
            made = value.node if value.node is not None else default
            yield CapturedLayer(
                parameter.arg,
                body.source.span(default),
                body.source.span(made),
                use,
                value.kind is ValueKind.MODEL,
            )


def creations(body: Body) -> Iterator[Creation]:
    """Yield the calls of a body that make a variable, or a layer that makes one."""
    for call in body.calls:
        state = _state(body, call.node, call.names)
        if state is not None:
            yield Creation(call.name, call.span, state)


def _state(body: Body, node: ast.Call, names: frozenset[str]) -> State | None:
    if names and all(api.is_variable_maker(name) for name in names):
        return State.VARIABLE
    if names and all(_layer_in(name, layers.WITH_WEIGHTS) or _is_network(name) for name in names):
        return State.LAYER
    if names and all(_layer_in(name, layers.WITH_NOISE) for name in names):
        return State.SEED
    return State.LAYER if _own_class_with_weights(body, node) else None


def _layer_in(name: str, classes: frozenset[str]) -> bool:
    return api.is_layer_class(name) and name.rpartition(".")[2] in classes


def _is_network(name: str) -> bool:
    """Return whether a name is a network of `keras.applications`."""
    return api.makes_model(name) and not api.is_one_of(name, (*api.MODELS, *api.MODEL_MAKERS))


def _own_class_with_weights(body: Body, node: ast.Call) -> bool:
    """Return whether a call makes a layer of a class of the project that makes weights, itself or in a class above."""
    line = body.values.own_layer(node.func)
    return line is not None and any(_makes_weights(each.file.names, each.node) for each in line.own)


def _makes_weights(names: Names, node: ast.ClassDef) -> bool:
    return any(
        (isinstance(inner.func, ast.Attribute) and inner.func.attr == "add_weight")
        or any(api.is_variable_maker(name) or _layer_in(name, layers.WITH_WEIGHTS) for name in names.of(inner.func))
        for inner in walk(node)
        if isinstance(inner, ast.Call)
    )


def _has_no_weights(body: Body, value: Value) -> bool:
    """Return whether a layer is of a class of Keras that is not known to make weights."""
    if value.kind is not ValueKind.LAYER or not isinstance(value.node, ast.Call):
        return False
    names = body.names.of(value.node.func)
    return bool(names) and all(api.is_layer_class(n) and not _layer_in(n, layers.WITH_WEIGHTS) for n in names)


def _asks_for_setting(body: Body, node: ast.expr) -> bool:
    parent = body.index.parents[node]
    return isinstance(parent, ast.Attribute) and parent.attr in _WITHOUT_WEIGHTS


def _use(body: Body, capture: Capture) -> Use:
    if _has_no_weights(body, capture.value):
        return Use.NO_WEIGHTS
    if capture.origin is Origin.SELF_ATTRIBUTE or not isinstance(capture.node, ast.Name):
        return Use.SHARED
    inside = set(body.nodes)
    bindings = body.index.reaching(capture.node)
    elsewhere = any(read.node not in inside for binding in bindings for read in body.index.reads_of(binding))
    return Use.SHARED if elsewhere else Use.ALONE


def _made_at(body: Body, capture: Capture) -> Span | None:
    in_self = capture.origin is Origin.SELF_ATTRIBUTE and capture.value.node is not None
    return body.source.span(capture.value.node) if in_self and capture.value.node is not None else capture.bound_at
