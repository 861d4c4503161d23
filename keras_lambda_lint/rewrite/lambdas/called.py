"""A function that stays where it is: the layer calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import Capture, Origin

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making


def add_call(making: Making) -> None:
    """A function of the module stays where it is; the layer calls it."""
    if len(making.sites.index.module.bindings[making.function.name or ""]) > 1:
        raise NoFix(f"`{making.function.name}` is bound more than once in the module")
    if making.sites.index.is_guarded_by_main(making.node):
        raise NoFix(f"`{making.function.name}` only exists when the file is run as a script")
    for capture in making.function.captures:
        if capture.origin is Origin.MODULE_VALUE and _is_conditional(making, capture):
            raise NoFix(f"`{making.function.name}` reads `{capture.text}`, which only a run of the script sets")
        if capture.is_loop_value or (capture.is_state and capture.late_bound):
            raise NoFix(f"`{making.function.name}` reads `{capture.text}`, which changes while the script runs")
        if capture.value.is_variable or capture.value.is_layer or capture.value.is_tensor:
            raise NoFix(f"`{making.function.name}` reads `{capture.text}`, a {capture.value.kind.value}")
    passed = [parameter.partition("=")[0] for parameter in making.body.parameters]
    arguments = [passed[0], *(f"{name}={name}" for name in passed[1:])]
    arguments += [f"{setting.name}=self.{setting.name}" for setting in making.body.settings]
    by_name = {parameter.name for parameter in making.function.parameters}
    if not {setting.name for setting in making.body.settings} <= by_name:
        raise NoFix("a parameter of the function has a name that a layer uses itself")
    making.body.lines = [f"return {making.function.name}({', '.join(arguments)})"]


def _is_conditional(making: Making, capture: Capture) -> bool:
    """Return whether importing the module may leave a value of the module unbound."""
    root = capture.text.partition(".")[0].partition("[")[0]
    return any(binding.path for binding in making.sites.index.module.bindings.get(root, ()))
