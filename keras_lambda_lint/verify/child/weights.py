"""The variables of a model: tracked, and captured by functions where nothing tracks them."""

from __future__ import annotations

import inspect
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from keras_lambda_lint.verify.child.framework import Framework

_DEPTH = 3
"""How far functions that call functions, and containers in containers, are followed."""


def captured(framework: Framework, layer: Any) -> dict[str, Any]:
    """Return the variables that a layer reads and does not track, by the name that its code gives them."""
    tracked = {id(framework.raw(variable)) for variable in layer.variables}
    roots: list[tuple[str, Any]] = []
    if isinstance(layer, framework.Lambda):
        roots.append(("function", layer.function))
    elif not type(layer).__module__.startswith(("keras.", "tf_keras.")):
        roots.append(("call", getattr(type(layer).call, "__wrapped__", type(layer).call)))
        roots += [(name, value) for name, value in vars(layer).items() if framework.is_variable(value)]
    found: dict[str, Any] = {}
    for name, root in roots:
        for label, variable in _variables(framework, name, root, _DEPTH):
            raw = framework.raw(variable)
            if id(raw) not in tracked:
                tracked.add(id(raw))
                found[label] = raw
    return found


def _variables(framework: Framework, name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if framework.is_variable(value):
        yield name, value
    elif depth == 0 or isinstance(value, type | types.ModuleType | framework.Layer):
        return
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _variables(framework, f"{name}[{index}]", item, depth - 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _variables(framework, f"{name}[{key!r}]", item, depth - 1)
    elif isinstance(value, types.MethodType):
        yield from _variables(framework, name, value.__func__, depth)
    elif isinstance(value, types.FunctionType):
        yield from _read_by(framework, value, depth)
    elif hasattr(value, "func") and hasattr(value, "args"):
        yield from _variables(framework, name, [value.func, *value.args], depth - 1)


def _read_by(framework: Framework, function: types.FunctionType, depth: int) -> Iterator[tuple[str, Any]]:
    free = inspect.getclosurevars(function)
    for name, value in [*free.nonlocals.items(), *free.globals.items()]:
        yield from _variables(framework, name, value, depth - 1)
        for attribute in free.unbound:
            held = getattr(value, "__dict__", {}).get(attribute)
            if held is not None and not isinstance(value, type | types.ModuleType):
                yield from _variables(framework, f"{name}.{attribute}", held, depth - 1)
    for index, default in enumerate(function.__defaults__ or ()):
        yield from _variables(framework, f"default {index}", default, depth - 1)


def facts(framework: Framework, name: str, variable: Any) -> dict[str, Any]:
    """Return what tells a variable from another: name, shape, dtype, whether it trains and within which values."""
    raw = framework.raw(variable)
    return {
        "name": name,
        "shape": [int(size) for size in raw.shape],
        "dtype": framework.dtype(raw),
        "trainable": framework.trains(variable),
        "constrained": getattr(variable, "constraint", None) is not None,
    }


def moved(value: Any, trainable: bool, generator: np.random.Generator) -> Any:
    """Return other values of moderate size for a variable: random ones vary as before, whole numbers go up by one."""
    if value.dtype.kind in "iu":
        return value + value.dtype.type(1)
    if value.dtype.kind == "b":
        return ~value
    if value.dtype.kind not in "fV":
        return value
    numbers = value.astype("float64")
    spread = float(numbers.std()) if numbers.size else 0.0
    if spread > 0:
        return (numbers.mean() + spread * generator.standard_normal(value.shape)).astype(value.dtype)
    if not trainable and numbers.size and numbers.min() > 0:
        return (numbers * generator.uniform(0.5, 1.5, value.shape)).astype(value.dtype)
    # Away from the initial value by at least 0.1, so that one which is lost on the way shows.
    step = generator.uniform(0.1, 0.4, value.shape) * generator.choice([-1.0, 1.0], value.shape)
    return (numbers + step).astype(value.dtype)
