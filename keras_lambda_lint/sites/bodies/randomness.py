"""The random numbers that the body of a function draws."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import random as api
from keras_lambda_lint.keras_api.random import Generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.bodies.body import Body


class Seed(Enum):
    """What seeds a call of `keras.random`."""

    NONE = "nothing"
    NUMBER = "a number"
    OTHER = "something else, such as a `SeedGenerator`"


class RandomCall(NamedTuple):
    """A call that draws random numbers."""

    name: str
    span: Span
    generator: Generator
    seed: Seed


def random_calls(body: Body) -> Iterator[RandomCall]:
    """Yield the calls of a body that draw random numbers; one that makes a generator from a literal seed draws the same ones each time."""
    for call in body.calls:
        generators = {api.generator_of(name) for name in call.names}
        generator = generators.pop() if len(generators) == 1 else None
        if generator is None:
            continue
        seed = _seed(call.node, _seed_position(generator, call.names))
        if "numpy.random.default_rng" in call.names and seed is Seed.NUMBER:
            continue
        yield RandomCall(call.name, call.callee, generator, seed)


def _seed_position(generator: Generator, names: frozenset[str]) -> int | None:
    if generator is Generator.KERAS:
        return min(api.KERAS[name.rpartition(".")[2]] for name in names)
    return 0 if names == {"numpy.random.default_rng"} else None


def _seed(node: ast.Call, position: int | None) -> Seed:
    given = next((keyword.value for keyword in node.keywords if keyword.arg == "seed"), None)
    if given is None and position is not None and len(node.args) > position:
        given = node.args[position]
    if given is None and any(keyword.arg is None for keyword in node.keywords):
        return Seed.OTHER
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return Seed.NONE
    return Seed.NUMBER if isinstance(given, ast.Constant) else Seed.OTHER
