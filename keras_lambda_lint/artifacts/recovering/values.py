"""Values that a model file holds for defaults, captured variables and arguments, as a layer's configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from keras_lambda_lint.artifacts.recovering.obstacle import Obstacle

_ARRAYS = ("__numpy__", "__tensor__")
"""`serialization_lib.serialize_keras_object` of Keras 3 and tf_keras."""
_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128".split()
)


@dataclass(frozen=True)
class Value:
    """A value, and what a layer's constructor has to make of the one in its configuration."""

    config: Any
    """As JSON holds it."""
    made: str = "{}"
    """The expression that makes it from the name `{}`."""
    kept: str = "{}"
    """The expression that gives it back to the configuration."""

    def literal(self) -> str:
        """Return the expression for the value."""
        return self.made.format(_literal(self.config)) if self.made != "{}" else _literal(self.config)


def value(stored: Any) -> Value:
    """Return a value as a configuration can hold it; raise `Obstacle` for a layer, an object, or what else is more than values."""
    if isinstance(stored, dict) and isinstance(stored.get("class_name"), str):
        return _special(stored["class_name"], stored)
    _check(stored)
    return Value(stored)


def _special(kind: str, stored: dict[str, Any]) -> Value:
    config = stored.get("config")
    if kind == "__tuple__":
        items = stored.get("items", config.get("value") if isinstance(config, dict) else None)
        if isinstance(items, list):
            _check(items)
            return Value(items, "tuple({})")
    if kind in _ARRAYS and isinstance(config, dict) and config.get("dtype") in _DTYPES:
        _check(config.get("value"))
        dtype = config["dtype"]
        return Value(config.get("value"), f'np.asarray({{}}, "{dtype}")', "{}.tolist()")
    raise Obstacle(f"is a `{kind[:60]}`, of which the file holds only a description")


def _check(stored: Any) -> None:
    """Raise `Obstacle` where a value holds more than plain values."""
    left = [stored]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            if "class_name" in each:
                raise Obstacle("holds an object, of which the file holds only a description")
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif not (each is None or isinstance(each, (bool, int, float, str))):
            raise Obstacle(f"is a {type(each).__name__}")


def _literal(config: Any) -> str:
    """Return an expression; numbers that are not finite have no literal."""
    if isinstance(config, list):
        return f"[{', '.join(map(_literal, config))}]"
    if isinstance(config, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(each)}' for key, each in config.items())}}}"
    if isinstance(config, float) and not math.isfinite(config):
        return f'float("{config}")'
    return repr(config)
