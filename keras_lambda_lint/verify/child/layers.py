"""Names for the layers of a model by which the original and the fixed one are paired."""

from __future__ import annotations

from typing import Any


def keys(model: Any, sites: list[list[Any]]) -> dict[int, str]:
    """Return a key for each layer of a model, by its id.

    A layer that a site made is `site:<index>:<turn>`: its name may change. Any other goes by its name, inside a nested
    model by that model's too.
    """
    made = {
        id(layer): f"site:{index}:{turn}" for index, layers in enumerate(sites) for turn, layer in enumerate(layers)
    }
    found: dict[int, str] = {}
    _collect(model, "", made, found)
    return found


def _collect(owner: Any, prefix: str, made: dict[int, str], found: dict[int, str]) -> None:
    for layer in _parts(owner):
        if id(layer) in found:
            continue
        key = made.get(id(layer)) or _unused(f"{prefix}{layer.name}", found)
        found[id(layer)] = key
        if id(layer) not in made:
            _collect(layer, f"{key}/", made, found)


def _unused(key: str, found: dict[int, str]) -> str:
    taken = set(found.values())
    return (
        key if key not in taken else next(f"{key}#{n}" for n in range(2, len(taken) + 3) if f"{key}#{n}" not in taken)
    )


def _parts(owner: Any) -> list[Any]:
    layers = getattr(owner, "layers", None)
    if isinstance(layers, list | tuple):
        return [layer for layer in layers if hasattr(layer, "name")]
    parts = owner._flatten_layers(recursive=False, include_self=False)
    return list(parts)
