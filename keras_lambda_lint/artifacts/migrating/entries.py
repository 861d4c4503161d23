"""A model's configuration with references to registered classes and functions in the place of bytecode.

The forms are those that keras 3.15.1 writes itself. An entry with a `module` is read by `serialization_lib` in `.h5` files too;
the older reader, which takes entries without one, drops `axis` and turns texts such as `add` into functions (measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.functions import stored_functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keras_lambda_lint.artifacts.migrating.registered import Registered
    from keras_lambda_lint.artifacts.recovering.draft import Draft
    from keras_lambda_lint.artifacts.recovering.held import Held
    from keras_lambda_lint.artifacts.recovering.module import Module

_OF_EVERY_LAYER = ("name", "trainable", "dtype")
_OF_LAMBDA = ("name", "trainable", "dtype", "output_shape")


def refer(config: Any, module: Module, registered: Mapping[str, Registered]) -> None:
    """Put references to `registered`, by their name in the module, in the place of all bytecode that the module is for."""
    wanted = {
        id(place.config): (place, draft, registered[definition.name])
        for definition in module.definitions
        for place, draft in definition.drafts
    }
    for entry in list(_dicts(config)):
        if id(entry) in wanted:
            _put_function(entry, wanted[id(entry)][2])
        elif entry.get("class_name") == "Lambda" and id(entry.get("config")) in wanted:
            _put_layer(entry, *wanted[id(entry["config"])])


def is_left(config: Any) -> bool:
    """Return whether a configuration holds bytecode."""
    return any(True for _ in stored_functions(config)) or any(
        entry.get("class_name") == "__lambda__" for entry in _dicts(config)
    )


def _dicts(config: Any) -> Iterator[dict[str, Any]]:
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield value
            left += value.values()
        elif isinstance(value, list):
            left += value


def _put_function(entry: dict[str, Any], found: Registered) -> None:
    entry.clear()
    entry.update(_function(found))


def _function(found: Registered) -> dict[str, Any]:
    return {"module": "builtins", "class_name": "function", "config": found.key, "registered_name": "function"}


def _put_layer(entry: dict[str, Any], place: Held, draft: Draft, found: Registered) -> None:
    old = entry["config"]
    if draft.is_class:
        config = {key: old[key] for key in _OF_EVERY_LAYER if key in old} | dict(draft.config)
        entry.update(module=found.module, class_name=found.name, registered_name=found.key, config=config)
        takes: tuple[str, ...] = draft.takes
    else:
        config = {key: old[key] for key in _OF_LAMBDA if old.get(key) is not None}
        config |= {"function": _function(found), "arguments": dict(draft.config)}
        entry.update(module="keras.layers", class_name="Lambda", registered_name=None, config=config)
        takes = ("mask", "training")
    config["dtype"] = _dtype(config.get("dtype"))
    if config["dtype"] is None:
        del config["dtype"]
    for given in _keywords(entry.get("inbound_nodes")):
        _keep(given, takes, place)


def _dtype(dtype: Any) -> Any:
    """Return a dtype; a policy of Keras 2, of which Keras 3 does not know the class, by its name."""
    if isinstance(dtype, dict) and "module" not in dtype:
        config = dtype.get("config")
        return config.get("name") if isinstance(config, dict) else None
    return dtype


def _keywords(nodes: Any) -> Iterator[dict[str, Any]]:
    """Yield what a layer is called with by keyword: in the nodes of Keras 3, and in those of Keras 2."""
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and isinstance(node.get("kwargs"), dict):
            yield node["kwargs"]
        elif isinstance(node, list):
            for each in node if node and isinstance(node[0], list) else [node]:
                if isinstance(each, list) and len(each) == 4 and isinstance(each[3], dict):
                    yield each[3]


def _keep(given: dict[str, Any], takes: tuple[str, ...], place: Held) -> None:
    """Remove the mask and mode that a Lambda layer is given and its function does not take."""
    for key in list(given):
        if key in ("mask", "training") and key not in takes:
            del given[key]
        elif key not in takes:
            raise ModelError(
                f"layer `{place.path}` is called with `{key}`, which its function does not take by that name"
            )
