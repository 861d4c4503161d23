"""The functions and own classes that a model's configuration names, wherever they are nested, in the words of any Keras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.bytecode import stored_bytes
from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.keras_api.activations import BUILTIN_NAMES
from keras_lambda_lint.keras_api.builtin_classes import is_builtin_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.artifacts.formats import ModelFile

_MOST_VALUES = 2_000_000
_LAMBDA = "Lambda"
_BYTECODE = "__lambda__"
_TUPLE = "__tuple__"
_OF_KERAS = ("keras", "tf_keras", "tensorflow")
ROLES = ("function", "output_shape", "mask")
"""What a Lambda layer holds functions for."""


@dataclass(frozen=True)
class StoredFunction:
    """Python bytecode in a configuration."""

    layer: str
    """The path through nested models and wrappers to what holds it, joined by `/`."""
    role: str
    """`function`, `output_shape` or `mask` of a Lambda layer; elsewhere the key that it stands under, such as `activation`."""
    code: str
    """The bytecode, in one of the text forms in which Keras has stored it."""
    defaults: Any
    """The default values of its last parameters, or None."""
    closure: Any
    """The values of its free variables, or None."""
    module: str | None
    """The module that defined it, where the file says so."""
    config: dict[str, Any] = field(compare=False, repr=False)
    """The configuration of the Lambda layer, or the entry that holds the function."""


@dataclass(frozen=True)
class Needed:
    """A function or class that must be found by name when the model is loaded."""

    layer: str
    kind: str
    """`function` or `class`."""
    name: str
    module: str | None
    """Where it was defined, where the file says so."""


def contents(model: ModelFile) -> tuple[list[StoredFunction], list[Needed]]:
    """Return what a model file holds of bytecode, and what it names of functions and classes that are not Keras' own.

    What several parts of a file say of one layer, as the nodes of a SavedModel do, is said once. Raises `ModelError` for a
    configuration that is too large to be one.
    """
    stored: dict[tuple[str, str, str], StoredFunction] = {}
    needed: dict[tuple[str, str], Needed] = {}
    for part in model.parts:
        for found in _Walk().over(part.config):
            if isinstance(found, StoredFunction):
                stored.setdefault((found.layer.rpartition("/")[2], found.role, found.code), found)
            else:
                needed.setdefault((found.kind, found.name), found)
    return list(stored.values()), list(needed.values())


def stored_functions(config: Any) -> Iterator[StoredFunction]:
    """Yield every function that a configuration holds as bytecode, those of equal layers too; raise `ModelError` as `contents`."""
    return (found for found in _Walk().over(config) if isinstance(found, StoredFunction))


class _Walk:
    """Visits every value of a configuration once, parents first, in their order; shared values of a YAML file are not repeated."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def over(self, config: Any) -> Iterator[StoredFunction | Needed]:
        left: list[tuple[Any, tuple[str, ...], str]] = [(config, (), "")]
        while left:
            value, path, key = left.pop()
            if not isinstance(value, (dict, list, tuple)):
                continue
            if id(value) in self._seen:
                continue
            self._seen.add(id(value))
            if len(self._seen) > _MOST_VALUES:
                raise ModelError("the configuration is too large to be that of a model")
            if isinstance(value, dict):
                path = _longer(path, value)
                yield from _entry(value, path, key)
                inner = [(each, path, str(name)) for name, each in value.items()]
            else:
                inner = [(each, path, key) for each in value]
            left += reversed(inner)


def _longer(path: tuple[str, ...], entry: dict[Any, Any]) -> tuple[str, ...]:
    """Return the path with the name of a layer or model, where the entry is one."""
    config = entry.get("config")
    if "class_name" not in entry or not isinstance(config, (dict, list)):
        return path
    named = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    return (*path, named) if isinstance(named, str) else path


def _entry(entry: dict[Any, Any], path: tuple[str, ...], key: str) -> Iterator[StoredFunction | Needed]:
    class_name, config = entry.get("class_name"), entry.get("config")
    layer = "/".join(path)
    if not isinstance(class_name, str):
        # What `get_config` of a layer of Keras 3 leaves of a lambda given as its activation.
        code = _dumped(entry) if set(entry) == {"value"} and key != "config" else None
        if code is not None and stored_bytes(code[0]):
            yield StoredFunction(layer, key, *code, None, entry)
        return
    if class_name == _LAMBDA and isinstance(config, dict):
        yield from _of_lambda(config, layer)
    elif class_name == _BYTECODE:
        code = _dumped(config)
        if code is not None and key not in ROLES:
            yield StoredFunction(layer, key or "function", *code, None, entry)
    elif class_name == "function" and isinstance(config, str):
        name, module = _registered(entry, config), _module(entry)
        if not _is_keras(entry) and (module or name not in BUILTIN_NAMES):
            yield Needed(layer, "function", name, module)
    elif isinstance(config, (dict, list)) and _is_own_class(class_name, entry):
        yield Needed(layer, "class", _registered(entry, class_name), _module(entry))


def _of_lambda(config: dict[Any, Any], layer: str) -> Iterator[StoredFunction | Needed]:
    for role in ROLES:
        value = config.get(role)
        # Keras 2 says of what type the function is; Keras 3 gives an entry with a class name.
        kind = config.get(f"{role}_type")
        module = _text(config.get("module" if role == "function" else f"{role}_module"))
        if isinstance(value, dict) and value.get("class_name") == _BYTECODE:
            code = _dumped(value.get("config"))
        elif kind == "lambda":
            code = _dumped(value)
        else:
            code = None
            if kind == "function" and isinstance(value, str):
                yield Needed(layer, "function", value, module)
        if code is not None:
            yield StoredFunction(layer, role, *code, module, config)


def _dumped(value: Any) -> tuple[str, Any, Any] | None:
    """Return code, defaults and closure of what `func_dump` of any Keras has written; None where it is something else."""
    value = _items(value)
    if isinstance(value, dict):
        parts = [value.get(key) for key in ("code", "defaults", "closure")]
        value = parts if "code" in value else value.get("value")
    if isinstance(value, str):
        return value, None, None
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
        code, defaults, closure = (*value, None, None)[:3]
        return code, _items(defaults), _items(closure)
    return None


def _items(value: Any) -> Any:
    """Return the items of what stands for a tuple: in a SavedModel, and in `.keras`; everything else as it is."""
    if isinstance(value, dict) and value.get("class_name") == _TUPLE:
        config = value.get("config")
        return value.get("items", config.get("value") if isinstance(config, dict) else None)
    return value


def _registered(entry: dict[Any, Any], name: str) -> str:
    """Return the name to look for: Keras 3 says `function` of a function that is not registered."""
    registered = entry.get("registered_name")
    return registered if isinstance(registered, str) and registered != entry.get("class_name") else name


def _module(entry: dict[Any, Any]) -> str | None:
    """Return where an entry says it was defined: `builtins` is said of every function."""
    module = _text(entry.get("module"))
    return None if module == "builtins" else module


def _is_own_class(name: str, entry: dict[Any, Any]) -> bool:
    if name.startswith("__"):
        return False
    return not (_is_keras(entry) if "module" in entry else is_builtin_class(name))


def _is_keras(entry: dict[Any, Any]) -> bool:
    """Return whether an entry of Keras 3 is found in Keras itself."""
    root = str(entry.get("module")).partition(".")[0]
    return root in _OF_KERAS and ">" not in str(entry.get("registered_name"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
