"""What the `call` of a layer takes: the inputs, what Keras passes, and what `arguments=` and defaults gave the function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import FunctionForm, Parameter

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making

_PASSED_BY_KERAS = ("training", "mask")


def add_parameters(making: Making) -> None:
    """Give `call` its parameters: the first takes the inputs, others come from Keras, from `arguments=` or from their defaults.

    Raises `NoFix` for a parameter that nothing gives a value.
    """
    parameters = making.function.parameters
    if not parameters or parameters[0].kind != "positional":
        raise NoFix("the function takes no inputs by position")
    given = _given_arguments(making)
    first = parameters[0]
    taken = making.names_inside
    renamed = making.function.form is not FunctionForm.NESTED and "inputs" not in taken
    inputs = "inputs" if renamed else first.name
    if inputs in ("self", "kwargs"):
        raise NoFix(f"the function's parameter is called `{inputs}`")
    making.body.parameters.append(inputs)
    if renamed and making.function.form is FunctionForm.LAMBDA:
        making.replaced += [Edit(read, inputs) for read in first.reads]
    for parameter in parameters[1:]:
        passed = given.pop(parameter.name, None)
        if parameter.kind in ("*", "**"):
            if making.function.form is not FunctionForm.FUNCTION or given:
                raise NoFix("the function takes `*` arguments")
        elif parameter.name in _PASSED_BY_KERAS and passed is None:
            making.body.parameters.append(f"{parameter.name}=None")
        elif passed is None and making.function.form is FunctionForm.FUNCTION and parameter.default is not None:
            continue
        elif passed is None and parameter.default is None:
            raise NoFix(f"nothing gives a value to the parameter `{parameter.name}`")
        else:
            if passed is None:
                _refuse_early_default(making, parameter)
            _argument(making, parameter.name, passed or parameter.default, parameter.reads)
    if given:
        raise NoFix(f"the function has no parameter `{next(iter(given))}`")


def _refuse_early_default(making: Making, parameter: Parameter) -> None:
    """A default has its value from where the function is made: elsewhere only a literal is the same."""
    node = making.node
    assert parameter.default is not None
    literal = not any(isinstance(inner, (ast.Name, ast.Call)) for inner in ast.walk(parameter.default))
    if not literal and not making.site.span.contains(making.sites.source.span(node)):
        raise NoFix(f"the default of `{parameter.name}` is computed where the function is made")


def _given_arguments(making: Making) -> dict[str, ast.expr]:
    argument = making.site.arguments.get("arguments")
    if argument is None or (isinstance(argument.node, ast.Constant) and argument.node.value is None):
        return {}
    if not isinstance(argument.node, ast.Dict):
        raise NoFix("`arguments=` is not a literal dict")
    given = {}
    for key, value in zip(argument.node.keys, argument.node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise NoFix("`arguments=` has a key that is not a literal")
        given[key.value] = value
    return given


def _argument(making: Making, name: str, value: ast.expr | None, reads: tuple[Span, ...]) -> None:
    assert value is not None
    node = making.node
    if len(making.sites.index.scope_of(node).bindings[name]) > 1:
        raise NoFix(f"the function assigns to its parameter `{name}`")
    known = making.sites.values.of(value)
    setting = making.setting(name, making.sites.text(making.sites.source.span(value)), known.kind, known.node)
    making.replaced += [Edit(read, f"self.{setting.name}") for read in reads]
