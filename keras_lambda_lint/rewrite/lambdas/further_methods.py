"""What `mask=` and `output_shape=` of a `Lambda` become: `compute_mask` and `compute_output_shape`.

Keras calls what it gets there with the same arguments as these methods (keras 3.15.1, tf_keras 2.21: `Lambda.compute_mask`).
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.layers import ASKS_OUTPUT_SHAPE
from keras_lambda_lint.rewrite.lambdas.captured import add_capture
from keras_lambda_lint.rewrite.lambdas.function import taken_from
from keras_lambda_lint.rewrite.lambdas.moved import moved_body
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_own_self, refuse_strange
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Argument, FunctionRef

_NO_STATIC_SHAPE = "no static shape"
"""How the reason ends for which Keras cannot infer a shape, whatever the form of the layer."""


def further_methods(making: Making) -> tuple[tuple[str, ...], ...]:
    """Return the methods, lines without indentation, that a layer needs besides `call`; raise `NoFix` where one cannot be written."""
    mask, shape = _mask(making), _output_shape(making)
    if shape is None:
        _refuse_asked_shape(making)
    return tuple(method for method in (mask, shape) if method is not None)


def _refuse_asked_shape(making: Making) -> None:
    """Raise `NoFix` where a layer around this one calls its `compute_output_shape`.

    On Keras 3 only a `Lambda` has one without writing it (measured: keras 3.15.1, `TimeDistributed` fails; tf_keras 2.21 runs the layer).
    """
    parent = making.sites.index.parents.get(making.site.node)
    if isinstance(parent, ast.keyword):
        parent = making.sites.index.parents.get(parent)
    if 3 not in making.site.target or not isinstance(parent, ast.Call):
        return
    if any(api.is_one_of(name, ASKS_OUTPUT_SHAPE) for name in making.sites.names.of(parent.func)):
        raise NoFix("the layer around it asks for `compute_output_shape`, which has to be written by hand")


def _mask(making: Making) -> tuple[str, ...] | None:
    argument = making.site.arguments.get("mask")
    if _is_absent(argument):
        return None
    assert argument is not None
    head = "def compute_mask(self, inputs, mask=None):"
    if making.site.mask_functions and making.site.mask_functions[0].node is not None:
        return (head, *_indented(making, _lines(making, making.site.mask_functions, argument.node, ("inputs", "mask"))))
    if isinstance(argument.node, ast.Name) or making.sites.values.of(argument.node).is_tensor:
        raise NoFix("what `mask=` is, is not known here")
    return (head, *_indented(making, [f"return self.{making.passed('mask', argument.node).name}"]))


def _output_shape(making: Making) -> tuple[str, ...] | None:
    """Return the shape to declare, where Keras cannot infer it whatever the form of the layer."""
    if not (making.site.shape.reason or "").endswith(_NO_STATIC_SHAPE):
        return None
    argument = making.site.arguments.get("output_shape")
    if _is_absent(argument):
        raise NoFix("Keras cannot infer the output shape: state it in `compute_output_shape` of a Layer")
    assert argument is not None
    head = "def compute_output_shape(self, input_shape):"
    if isinstance(argument.node, ast.Tuple) and all(isinstance(e, ast.Constant) for e in argument.node.elts):
        return (
            head,
            *_indented(making, [f"return (input_shape[0], {', '.join(map(ast.unparse, argument.node.elts))})"]),
        )
    if making.site.shape_functions and making.site.shape_functions[0].node is not None:
        return (head, *_indented(making, _lines(making, making.site.shape_functions, argument.node, ("input_shape",))))
    raise NoFix("Keras cannot infer the output shape, and the declared one is neither a literal tuple nor a function")


def _is_absent(argument: Argument | None) -> bool:
    return argument is None or (isinstance(argument.node, ast.Constant) and argument.node.value is None)


def _indented(making: Making, lines: list[str]) -> list[str]:
    return [making.layout.indent + line if line else line for line in lines]


def _lines(making: Making, functions: tuple[FunctionRef, ...], node: ast.expr, names: tuple[str, ...]) -> list[str]:
    """Return the body of a method that computes what a function does for the values called `names`."""
    taken = taken_from(making.sites, making.site, functions, node)
    refuse_strange(taken.file, taken.function, moves=taken.callee is None)
    if taken.makes is not None or taken.before or taken.by_name:
        raise NoFix("the shape or mask comes from a function that a call makes")
    if taken.callee is not None:
        return [f"return {making.sites.text(making.sites.source.span(taken.callee))}({', '.join(names)})"]
    other = replace(making, function=taken.function, taken=taken, replaced=[])
    parameters = [each for each in taken.function.parameters if each.kind == "positional"]
    optional = all(each.default is not None for each in taken.function.parameters[len(names) :])
    if len(parameters) < len(names) or not optional:
        raise NoFix("the function of the shape or mask takes other arguments")
    if len(parameters) > len(names) or not isinstance(other.node, ast.Lambda):
        raise NoFix("the function of the shape or mask has to move into the layer by hand")
    for parameter, name in zip(parameters, names, strict=True):
        if name in other.names_inside - {parameter.name}:
            raise NoFix(f"the function of the shape or mask uses the name `{name}`")
        other.replaced += [Edit(read, name) for read in parameter.reads]
    for capture in taken.function.captures:
        add_capture(other, capture)
    if "self" in other.names_inside:
        refuse_own_self(making.sites.index, other.node)
    return moved_body(other)
