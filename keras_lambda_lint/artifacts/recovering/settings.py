"""What a function needs besides its input, from the file: defaults, captured variables, arguments."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.recovering.body import keyword_only, positional
from keras_lambda_lint.artifacts.recovering.obstacle import Obstacle
from keras_lambda_lint.artifacts.recovering.values import value
from keras_lambda_lint.rewrite.naming import parameter_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keras_lambda_lint.artifacts.inspection import Inspected
    from keras_lambda_lint.artifacts.recovering.body import Function
    from keras_lambda_lint.artifacts.recovering.values import Value

CALLS = ("mask", "training")
"""Parameters that Keras itself gives a value in each call."""

_OF_THE_CLASS = frozenset(("keras", "np", "seed", "seed_generator", "self", "super", "tuple"))
"""What a layer's constructor reads, or holds, besides its parameters."""


@dataclass(frozen=True)
class Given:
    """The values of a function's names."""

    settings: Mapping[str, Value]
    """Captured variables and parameters, by their names in the function."""
    calls: tuple[str, ...]
    """Of `CALLS`, those that the function takes."""


def given(function: Function, found: Inspected, inputs: int, arguments: Any = None) -> Given:
    """Return the values of all names of a function but its first `inputs` parameters and its globals.

    Raises `Obstacle` where the file does not hold one of them.
    """
    if found.recovery is None:
        raise Obstacle("its code cannot be read")
    names = positional(function)
    stored = dict(arguments) if isinstance(arguments, dict) else {}
    values: dict[str, Any] = {**_defaults(names, found.stored.defaults), **stored}
    settings = {name: _value(name, each) for name, each in _closure(found).items()}
    calls = []
    for name in (*names[inputs:], *keyword_only(function)):
        if name in values:
            settings[name] = _value(name, values[name])
        elif name in CALLS:
            calls.append(name)
        else:
            raise Obstacle(f"nothing gives its parameter `{name[:60]}` a value")
    return Given(settings, tuple(calls))


def _defaults(names: list[str], defaults: Any) -> dict[str, Any]:
    if not isinstance(defaults, list):
        return {}
    return dict(zip(names[::-1], defaults[::-1], strict=False))


def _closure(found: Inspected) -> dict[str, Any]:
    if found.recovery is None:
        return {}
    free = found.recovery.free
    values = found.stored.closure
    if free and not (isinstance(values, list) and len(values) == len(free)):
        raise Obstacle(f"the file does not hold what it captured: {', '.join(free)[:80]}")
    # Only those that are read are shown to be names: bytes can capture `k=run(), y`, which a parameter list would run.
    if any(not name.isidentifier() or keyword.iskeyword(name) or name in found.recovery.parameters for name in free):
        raise Obstacle("it captured what is no variable")
    return dict(zip(free, values, strict=True)) if free else {}


def _value(name: str, stored: Any) -> Value:
    try:
        return value(stored)
    except Obstacle as obstacle:
        raise Obstacle(f"`{name[:60]}` {obstacle}") from None


class Config:
    """The constructor parameters of a layer, collected from all of its functions."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self._origin: dict[str, str] = {}

    def add(self, settings: Mapping[str, Value]) -> dict[str, str]:
        """Take over values under names that a layer has free; return the expression for each name of the function."""
        return {name: f"self.{self._named(name, each)}" for name, each in settings.items()}

    def _named(self, name: str, each: Value) -> str:
        for parameter, origin in self._origin.items():
            if origin == name and self.values[parameter] == each:
                return parameter
        parameter = parameter_name(name, {*self.values, *_OF_THE_CLASS})
        self.values[parameter] = each
        self._origin[parameter] = name
        return parameter
