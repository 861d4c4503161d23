"""The variables of a model: tracked, and captured by functions where nothing tracks them."""

from __future__ import annotations

import inspect
import types
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_lambda_lint.verify.child.record import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keras_lambda_lint.verify.child.framework import Framework

_DEPTH = 3
"""How far functions that call functions, and containers in containers, are followed."""
_SHOWN = 64
"""Values by which constraints are told apart."""


class Captured(NamedTuple):
    """A variable that a layer reads and does not track."""

    raw: Any
    by_layer: bool
    """It belongs to a captured layer, which gave it its first value."""


def captured(framework: Framework, layer: Any, known: Collection[int] = ()) -> dict[str, Captured]:
    """Return the variables that a layer reads and does not track, by the name that its code gives them.

    Those of a captured layer are among them, but for the `known` ones: ids of raw variables that its model tracks.
    """
    tracked = {id(framework.raw(variable)) for variable in layer.variables}
    roots = _roots(framework, layer)
    found: dict[str, Captured] = {}
    for name, root in roots:
        for label, value in _read(framework, name, root, _DEPTH):
            held = isinstance(value, framework.Layer)
            for part, variable in ((f".{weight.name}", weight) for weight in value.weights) if held else (("", value),):
                raw = framework.raw(variable)
                if id(raw) not in tracked and not (held and id(raw) in known):
                    tracked.add(id(raw))
                    found[label + part] = Captured(raw, held)
    return found


def uses_layers(framework: Framework, layer: Any) -> bool:
    """Return whether a layer has layers of its own, or its code reads some from around it."""
    read = (value for name, root in _roots(framework, layer) for _, value in _read(framework, name, root, _DEPTH))
    parts = layer._flatten_layers(recursive=True, include_self=False)
    return any(True for _ in parts) or any(isinstance(value, framework.Layer) and value is not layer for value in read)


def _roots(framework: Framework, layer: Any) -> list[tuple[str, Any]]:
    """Return what the variables that a layer reads are looked for in, with names."""
    if isinstance(layer, framework.Lambda):
        return [("function", layer.function), ("arguments", layer.arguments or {})]
    if type(layer).__module__.startswith(("keras.", "tf_keras.")):
        return []
    called = getattr(type(layer).call, "__wrapped__", type(layer).call)
    return [("call", called), *((name, value) for name, value in vars(layer).items() if framework.is_variable(value))]


def _read(framework: Framework, name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if framework.is_variable(value) or isinstance(value, framework.Layer):
        yield name, value
    elif depth == 0 or isinstance(value, type | types.ModuleType):
        return
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _read(framework, f"{name}[{index}]", item, depth - 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _read(framework, f"{name}[{key!r}]", item, depth - 1)
    elif isinstance(value, types.MethodType):
        yield from _read(framework, name, value.__func__, depth)
    elif isinstance(value, types.FunctionType):
        yield from _read_by(framework, value, depth)
    elif hasattr(value, "func") and hasattr(value, "args"):
        yield from _read(framework, name, [value.func, *value.args], depth - 1)


def _read_by(framework: Framework, function: types.FunctionType, depth: int) -> Iterator[tuple[str, Any]]:
    free = inspect.getclosurevars(function)
    for name, value in [*free.nonlocals.items(), *free.globals.items()]:
        yield from _read(framework, name, value, depth - 1)
        for attribute in free.unbound:
            held = getattr(value, "__dict__", {}).get(attribute)
            if held is not None and not isinstance(value, type | types.ModuleType):
                yield from _read(framework, f"{name}.{attribute}", held, depth - 1)
    for index, default in enumerate(function.__defaults__ or ()):
        yield from _read(framework, f"default {index}", default, depth - 1)


def facts(framework: Framework, name: str, variable: Any) -> dict[str, Any]:
    """Return what tells a variable from another: name, shape, dtype, whether it trains and within which values."""
    raw = framework.raw(variable)
    return {
        "name": name,
        "shape": [int(size) for size in raw.shape],
        "dtype": framework.dtype(raw),
        "trainable": framework.trains(variable),
        "constrained": _constrained(framework, variable),
    }


def _constrained(framework: Framework, variable: Any) -> str:
    """Return what the constraint of a variable makes of some values, as text; empty where it has none."""
    constraint = getattr(variable, "constraint", None)
    if constraint is None:
        return ""
    shape = tuple(framework.raw(variable).shape)
    size = int(np.prod(shape, dtype=np.int64))
    try:
        made = plain(constraint(framework.tensor(np.linspace(-2, 3, size, dtype="float32").reshape(shape))))
        return " ".join(f"{value:.4g}" for value in made.reshape(-1)[:_SHOWN])
    except Exception:  # noqa: BLE001 - code of somebody may raise anything
        return "a constraint that fails"


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
