"""A function that stays where it is: the layer calls it."""

from __future__ import annotations

import ast
from itertools import zip_longest
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.captured import add_local_import
from keras_lambda_lint.rewrite.lambdas.parameters import PASSED_BY_KERAS, given_arguments, passed_text
from keras_lambda_lint.rewrite.lambdas.taken import is_definition
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import Capture, Origin
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Parameter


def add_call(making: Making, callee: ast.expr) -> None:
    """Make the layer call the function that stands in `callee`, or that a call of it makes."""
    _refuse_unstable(making)
    made = making.taken.makes
    text = making.sites.text(making.sites.source.span(callee))
    if made is not None:
        text = f"{text}({', '.join(_by_name(making, made))})"
    known = making.function.parameters
    names = [parameter.name for parameter in known]
    if known and len(names) < len(making.taken.before):
        raise NoFix("the `functools.partial` binds more than the function takes")
    before = [
        _value(making, name, value)
        for name, value in zip_longest(names[: len(making.taken.before)], making.taken.before)
    ]
    arguments = [*before, *_inputs(making, known[len(before) :]), *_by_name(making, given_arguments(making))]
    root = callee
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and any(
        b.scope.kind is not ScopeKind.MODULE for b in making.sites.index.reaching(root)
    ):
        add_local_import(making, root)
    making.body.lines = [*making.opening, f"return {text}({', '.join(arguments)})"]


def _inputs(making: Making, parameters: tuple[Parameter, ...]) -> list[str]:
    """Return the arguments for the inputs and for what Keras passes, and make `call` take them."""
    known = {parameter.name for parameter in making.function.parameters}
    given = given_arguments(making)
    if known and (not parameters or parameters[0].kind not in ("positional", "*")):
        raise NoFix("the function takes no inputs by position")
    making.body.parameters.append("inputs")
    passed = ["inputs"]
    for parameter in parameters[1:]:
        if parameter.kind in ("*", "**") or parameter.name in given:
            continue
        if parameter.name in PASSED_BY_KERAS:
            making.body.parameters.append(f"{parameter.name}=None")
            passed.append(f"{parameter.name}={parameter.name}")
        elif parameter.default is None:
            raise NoFix(f"nothing gives a value to the parameter `{parameter.name}`")
    unknown = [name for name in given if known and name not in known]
    if unknown and not any(parameter.kind == "**" for parameter in parameters):
        raise NoFix(f"the function has no parameter `{unknown[0]}`")
    return passed


def _by_name(making: Making, values: dict[str, ast.expr]) -> list[str]:
    return [f"{name}={_value(making, name, value)}" for name, value in values.items()]


def _value(making: Making, name: str | None, value: ast.expr) -> str:
    """Return how the layer spells an argument: a function or class of the module by its name, all else as its setting."""
    if isinstance(value, ast.Name) and value in making.sites.index.reads and is_definition(making.sites, value):
        return value.id
    text = making.sites.text(making.sites.source.span(value))
    return passed_text(making, name or text, value)


def _refuse_unstable(making: Making) -> None:
    """Refuse a function that may be another one, or read other values, where the model is loaded."""
    function, file = making.function, making.taken.file
    if function.node is None:
        return
    if making.taken.makes is None and len(file.index.module.bindings.get(function.name or "", ())) > 1:
        raise NoFix(f"`{function.name}` is bound more than once in the module")
    shown = f"`{function.name}`" if function.name else "the function"
    for capture in function.captures:
        owner = file.index.reads[capture.root].scope.owner(capture.root.id)
        if owner is None or owner.kind is not ScopeKind.MODULE:
            continue
        if capture.origin is Origin.MODULE_VALUE and _is_conditional(making, capture):
            raise NoFix(f"{shown} reads `{capture.text}`, which only a run of the script sets")
        if capture.is_loop_value or (capture.is_state and capture.late_bound):
            raise NoFix(f"{shown} reads `{capture.text}`, which changes while the script runs")
        if capture.value.is_variable or capture.value.is_layer or capture.value.is_tensor:
            raise NoFix(f"{shown} reads `{capture.text}`, a {capture.value.kind.value}")


def _is_conditional(making: Making, capture: Capture) -> bool:
    """Return whether importing the module may leave a value of the module unbound."""
    return any(binding.path for binding in making.taken.file.index.module.bindings.get(capture.root.id, ()))
