"""What the `call` of a layer takes: the inputs, what Keras passes, and what the function gets by `arguments=`, `partial` and defaults."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit
from keras_lambda_lint.rewrite.lambdas.inputs import add_inputs
from keras_lambda_lint.rewrite.lambdas.weights import weight_passed
from keras_lambda_lint.rewrite.refusal import NoFix

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.sites.model import Parameter

PASSED_BY_KERAS = ("training", "mask")
"""What Keras passes to a function that has a parameter of this name."""


def add_parameters(making: Making) -> None:
    """Give `call` of a function that moves into the layer its parameters, and the layer settings for the others.

    The first that nothing is bound to takes the inputs. Raises `NoFix` for a parameter that nothing gives a value.
    """
    given = given_arguments(making)
    parameters = list(making.function.parameters)
    for value in making.taken.before:
        if not parameters or parameters[0].kind != "positional":
            raise NoFix("the `functools.partial` binds more than the function takes")
        _argument(making, parameters.pop(0), value)
    if not parameters or parameters[0].kind != "positional":
        raise NoFix("the function takes no inputs by position")
    add_inputs(making)
    for parameter in parameters[1:]:
        passed = given.pop(parameter.name, None)
        if parameter.kind in ("*", "**"):
            _nothing(parameter)
        elif parameter.name in PASSED_BY_KERAS and passed is None:
            making.body.parameters.append(f"{parameter.name}=None")
        elif passed is None and parameter.default is None:
            raise NoFix(f"nothing gives a value to the parameter `{parameter.name}`")
        else:
            if passed is None:
                _refuse_early_default(making, parameter)
            _argument(making, parameter, passed or parameter.default)
    if given:
        raise NoFix(f"the function has no parameter `{next(iter(given))}`")


def _nothing(parameter: Parameter) -> None:
    """Keras passes nothing for `*args` and `**kwargs`: they go where the function does not read them."""
    if parameter.reads or parameter.name == "self":
        raise NoFix(f"the function reads its parameter `{parameter.kind}{parameter.name}`")


def _refuse_early_default(making: Making, parameter: Parameter) -> None:
    """A default has its value from where the function is made: elsewhere only a literal is the same."""
    node = making.node
    assert parameter.default is not None
    literal = not any(isinstance(inner, (ast.Name, ast.Call)) for inner in ast.walk(parameter.default))
    if not literal and not making.site.span.contains(making.sites.source.span(node)):
        raise NoFix(f"the default of `{parameter.name}` is computed where the function is made")


def given_arguments(making: Making) -> dict[str, ast.expr]:
    """Return what the function gets by keyword: from `functools.partial`, and over that from `arguments=`."""
    argument = making.site.arguments.get("arguments")
    given = dict(making.taken.by_name)
    if argument is None or (isinstance(argument.node, ast.Constant) and argument.node.value is None):
        return given
    if not isinstance(argument.node, ast.Dict):
        raise NoFix("`arguments=` is not a literal dict")
    for key, value in zip(argument.node.keys, argument.node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise NoFix("`arguments=` has a key that is not a literal")
        given[key.value] = value
    return given


def _argument(making: Making, parameter: Parameter, value: ast.expr | None) -> None:
    assert value is not None
    if len(making.sites.index.scope_of(making.node).bindings[parameter.name]) > 1:
        raise NoFix(f"the function assigns to its parameter `{parameter.name}`")
    text = passed_text(making, parameter.name, value)
    making.replaced += [Edit(read, text) for read in parameter.reads]


def passed_text(making: Making, name: str, value: ast.expr) -> str:
    """Return how the layer reads an argument that the site passes: a variable as its weight, all else as its setting."""
    if making.sites.values.of(value).is_variable:
        return f"{making.before_setting}{weight_passed(making, name, value)}"
    return making.reading(making.passed(name, value))
