"""Calls that load models or supply custom objects for that, and what they switch off."""

from __future__ import annotations

import ast
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import saving
from keras_lambda_lint.keras_api.names import LAMBDA, below_keras, is_one_of
from keras_lambda_lint.sites.saving.custom_objects import CustomObject, CustomObjects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target

_SAFE_MODE = "safe_mode"


class SuppliedObject(NamedTuple):
    """One entry of a map of custom objects."""

    span: Span
    key: str | None
    """The key, where it is a literal text."""
    key_span: Span | None
    is_lambda_class: bool
    """Whether the value is Keras' class `Lambda` itself."""
    object_as_key: str | None
    """The name of the class or function that stands in place of its name."""
    made_name: str | None
    """The name of the function that a factory of the project makes, where the value calls one: Keras looks for this name."""
    factory: str | None
    value: ast.expr
    """What is supplied."""

    @property
    def is_wrong_class(self) -> bool:
        """Whether the class `Lambda` stands in place of a function: under a key written as functions are, not as classes."""
        return self.is_lambda_class and self.key is not None and self.key[:1].islower()

    @property
    def has_wrong_key(self) -> bool:
        """Whether Keras certainly looks up another key than this."""
        if self.key_span is None or self.is_wrong_class:
            return False
        of_factory = self.made_name is not None and self.key == self.factory
        return self.key == "" or self.object_as_key is not None or of_factory


class LoadCall(NamedTuple):
    """One call that loads a model, or supplies custom objects to Keras."""

    span: Span
    objects: tuple[SuppliedObject, ...]
    unsafe: Span | None
    """What turns safe mode off; None where nothing does, or the file does not tell."""
    target: Target


def find_loads(file: FileSites) -> tuple[LoadCall, ...]:
    """Return the calls of a file, sorted by place."""
    objects = CustomObjects(file)
    found = [load for call in objects.calls() if (load := _load(file, objects, call)) is not None]
    return tuple(sorted(found, key=lambda load: load.span))


def _load(file: FileSites, objects: CustomObjects, call: ast.Call) -> LoadCall | None:
    supplied = tuple(chain.from_iterable(_supplied(file, objects, given) for given in objects.given(call)))
    unsafe = _unsafe(file, call)
    if not supplied and unsafe is None:
        return None
    return LoadCall(file.source.span(call), supplied, unsafe, file.target)


def _unsafe(file: FileSites, call: ast.Call) -> Span | None:
    """Return what turns safe mode off in a call of Keras."""
    names = file.names.of(call.func)
    if any(is_one_of(name, saving.UNSAFE_SWITCHES) for name in names):
        return file.source.span(call)
    given: list[ast.expr | ast.keyword] = [keyword for keyword in call.keywords if keyword.arg == _SAFE_MODE]
    position = next((saving.SAFE_MODE_AT[n] for name in names if (n := below_keras(name)) in saving.SAFE_MODE_AT), None)
    if position is not None:
        given += call.args[position : position + 1]
    elif not any(below_keras(name) is not None for name in names):
        return None
    for argument in given:
        value = argument.value if isinstance(argument, ast.keyword) else argument
        if isinstance(value, ast.Constant) and value.value is False:
            return file.source.span(argument)
    return None


def _supplied(file: FileSites, objects: CustomObjects, given: ast.expr) -> Iterator[SuppliedObject]:
    entries = [entry for entry in objects.entries(given) if entry.value is not None and hasattr(entry.value, "lineno")]
    keys = {entry.key_text for entry in entries}
    for entry in entries:
        assert entry.value is not None
        made = _made_name(file, entry.value)
        yield SuppliedObject(
            span=file.source.span(entry.value),
            key=entry.key_text,
            key_span=file.source.span(entry.key) if entry.key is not None and hasattr(entry.key, "lineno") else None,
            is_lambda_class=any(is_one_of(name, LAMBDA) for name in file.names.of(entry.value)),
            object_as_key=_object_as_key(file, entry),
            made_name=None if made in keys else made,
            factory=entry.value_name if made is not None else None,
            value=entry.value,
        )


def _object_as_key(file: FileSites, entry: CustomObject) -> str | None:
    """Return the name of the class or function that is its own key: `{CRF: CRF}`."""
    if not isinstance(entry.key, (ast.Name, ast.Attribute)) or entry.value is None:
        return None
    definition = file.definition(entry.key)
    if definition is None or not isinstance(definition.node, (ast.ClassDef, ast.FunctionDef)):
        return None
    return definition.node.name if file.names.of(entry.key) == file.names.of(entry.value) else None


def _made_name(file: FileSites, value: ast.expr) -> str | None:
    """Return the name of the `def` that a call makes, where it makes a single one."""
    if not isinstance(value, ast.Call):
        return None
    made = file.functions.of(value, script=False)
    return made[0].name if len(made) == 1 and made[0].is_named else None
