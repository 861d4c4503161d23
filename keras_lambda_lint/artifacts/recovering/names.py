"""What recovered layers and functions are called: after the layer, the function, or what it computes."""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.recovering.globals import IMPORTS
from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.rewrite.naming import camel, operation_name, snake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.artifacts.recovering.held import Held

_AUTOMATIC = re.compile(r"lambda(_?\d+)?", re.IGNORECASE)
_SPEAKS = re.compile(r"[A-Za-z][A-Za-z_]{2}")
_LONGEST = 60


def name_of(places: Sequence[Held], *, is_class: bool, taken: set[str]) -> str:
    """Return a name that is free for what takes the place of some layers; it is taken from now on."""
    candidates = list(_candidates(places)) or ["custom_operation"]
    names = [camel(each) if is_class else snake(camel(each)) for each in candidates]
    name = next(each for each in _longer(names) if each not in taken and each not in LAYER_CLASSES)
    taken.add(name)
    return name


def never_free() -> set[str]:
    """Return the names that mean something in every module."""
    return {*vars(builtins), *IMPORTS, *keyword.kwlist, *keyword.softkwlist}


def _candidates(places: Sequence[Held]) -> Iterator[str]:
    spoken = [name for name in dict.fromkeys(map(_spoken, places)) if name]
    if len(spoken) == 1:
        yield spoken[0]
    yield from dict.fromkeys(filter(None, map(_own, places)))
    yield from spoken


def _spoken(place: Held) -> str:
    """Return what a person has called a layer, or the layer and the part of it; empty where Keras has."""
    plain = _plain(place.name)
    if not place.is_layer:
        (role,) = place.functions
        plain = f"{plain}_{_plain(role)}"
    return plain if _SPEAKS.match(plain) and not _AUTOMATIC.fullmatch(plain) else ""


def _own(place: Held) -> str:
    """Return the name of a function, or of what a lambda computes; empty where it has none."""
    found = next(iter(place.functions.values()))
    name = found.recovery.name if found.recovery else "<lambda>"
    if name != "<lambda>":
        return _plain(name)
    try:
        tree = ast.parse(found.source or "", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    named = operation_name(tree) if isinstance(tree, ast.Lambda) else None
    return _plain(named or "")


def _plain(text: str) -> str:
    """Return a text as a part of an identifier: whatever a file calls a layer, letters, digits and `_` are left."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", text)[:_LONGEST].strip("_")
    return plain if re.search("[A-Za-z]", plain) else ""


def _longer(names: list[str]) -> Iterator[str]:
    yield from names
    for number in itertools.count(2):
        yield f"{names[0]}{number}"
