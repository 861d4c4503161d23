"""What in a model's configuration holds bytecode: a Lambda layer with up to three functions, or one function elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.functions import ROLES, stored_functions
from keras_lambda_lint.artifacts.inspection import MOST_FUNCTIONS, inspected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keras_lambda_lint.artifacts.formats import ModelFile
    from keras_lambda_lint.artifacts.functions import StoredFunction
    from keras_lambda_lint.artifacts.inspection import Inspected


@dataclass(frozen=True)
class Held:
    """A Lambda layer, or another place that holds a function as bytecode."""

    path: str
    """The path through nested models and wrappers."""
    config: dict[str, Any] = field(compare=False, repr=False)
    """The configuration of the Lambda layer, or the entry that holds the function."""
    functions: Mapping[str, Inspected]
    """By role."""
    is_wrapped: bool = False
    """Whether it is a layer in another one, such as `TimeDistributed`."""

    @property
    def is_layer(self) -> bool:
        """Whether it is a Lambda layer."""
        return any(role in ROLES for role in self.functions)

    @property
    def name(self) -> str:
        """Return the name of the layer; empty where it has none."""
        return self.path.rpartition("/")[2]


def held(file: ModelFile) -> tuple[Held, ...]:
    """Return all that holds bytecode in a model, in its order; raise `ModelError` where that is more than a model holds."""
    known: dict[str, Inspected] = {}
    found: dict[int, Held] = {}
    number = 0
    for part in file.parts:
        wrapped = {id(entry.get("config")) for entry in _wrapped(part.config)}
        for stored in stored_functions(part.config):
            number += 1
            if number > MOST_FUNCTIONS:
                raise ModelError(f"it holds more than {MOST_FUNCTIONS} functions: no model")
            key = id(stored.config)
            functions = found[key].functions if key in found else {}
            functions = {**functions, stored.role: _known(file, stored, known)}
            found[key] = Held(stored.layer, stored.config, functions, key in wrapped)
    return tuple(found.values())


def _wrapped(config: Any) -> Iterator[dict[str, Any]]:
    """Yield the entries of layers that other layers hold, under a key such as `layer` or `backward_layer`."""
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield from (each for key, each in value.items() if isinstance(each, dict) and str(key).endswith("layer"))
            left += value.values()
        elif isinstance(value, list):
            left += value


def _known(file: ModelFile, stored: StoredFunction, known: dict[str, Inspected]) -> Inspected:
    """Return what the code of a function says; equal code is read once."""
    if stored.code not in known:
        known[stored.code] = inspected(file, stored)
    return replace(known[stored.code], stored=stored)


def without_repeats(places: Iterable[Held]) -> tuple[Held, ...]:
    """Return one for each layer: the nodes of a SavedModel say again what the model says, with a shorter path."""
    kept: list[Held] = []
    for place in sorted(places, key=lambda each: -each.path.count("/")):
        if not any(_says_again(place, other) for other in kept):
            kept.append(place)
    return tuple(kept)


def _says_again(place: Held, other: Held) -> bool:
    return (other.path == place.path or other.path.endswith(f"/{place.path}")) and {
        role: each.stored.code for role, each in other.functions.items()
    } == {role: each.stored.code for role, each in place.functions.items()}
