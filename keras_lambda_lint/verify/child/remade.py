"""What the layers of sites are where they are made once more: in half precision, and from their config."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.failure import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.trace import Creation, Tracer

_TURNS = 4
"""Layers of one site that are made once more."""


def observe(framework: Framework, tracer: Tracer, sites: list[list[Any]], path: str) -> dict[str, dict[str, Any]]:
    """Return by the key of a layer: `dtypes`, that of computing and of variables where a program sets `mixed_float16`, and `lost`.

    These are the attributes that a layer made from its config has other values of: no output may show it where a weight holds
    what was computed from them. Layers that cannot be made anew are left out. To be called last: seeds move on.
    """
    found: dict[str, dict[str, Any]] = {}
    for index, layers in enumerate(sites):
        for turn, layer in enumerate(layers[:_TURNS]):
            creation = tracer.creation(layer)
            mark = tracer.mark()
            if creation is not None:
                with Attempt(path):
                    with _in_mixed_precision(framework):
                        again = _made(creation)
                    dtypes = [again.compute_dtype, again.variable_dtype]
                    found[f"site:{index}:{turn}"] = {"dtypes": dtypes, "lost": _lost(framework, creation)}
            tracer.rewind(mark)
    return found


def _made(creation: Creation) -> Any:
    return type(creation.layer)(*creation.args, **creation.options)


@contextmanager
def _in_mixed_precision(framework: Framework) -> Iterator[None]:
    policies = framework.keras.mixed_precision
    before = policies.global_policy()
    policies.set_global_policy("mixed_float16")
    try:
        yield
    finally:
        policies.set_global_policy(before)


def _lost(framework: Framework, creation: Creation) -> list[str]:
    kind = type(creation.layer)
    if kind.__module__.startswith(("keras.", "tf_keras.")):
        return []
    common = vars(framework.Layer())
    first, second = (_attributes(_made(creation), common) for _ in range(2))
    loaded = _attributes(kind.from_config(_made(creation).get_config()), common)
    # What is drawn or counted is another one each time.
    steady = [name for name, value in first.items() if second.get(name) == value]
    return [name for name in steady if name in loaded and loaded[name] != first[name]]


def _attributes(layer: Any, common: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of a layer's own that are plain values, as text."""
    return {name: repr(_plain(value)) for name, value in vars(layer).items() if name not in common and _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, bool | int | float | str)


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
