"""What the project around a file says of saving and loading: read when a rule asks, and then once."""

from __future__ import annotations

import ast
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import saving
from keras_lambda_lint.sites.lambdas import is_lambda
from keras_lambda_lint.sites.saving.custom_objects import CustomObject, CustomObjects
from keras_lambda_lint.sites.saving.saves import saved_model
from keras_lambda_lint.source.disk import remembered
from keras_lambda_lint.source.project import PythonFiles, python_files, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.project import Modules

_SUPPLIES = re.compile(rb"custom_object|CustomObjectScope|keras\.\w+\.\w+\s*=[^=]")
_MENTIONS = re.compile(_SUPPLIES.pattern + rb"|load_model|model_from_|clone_model|save_model|ModelCheckpoint|\.save\(")
_KERAS = (b"keras", b"tensorflow", b"custom_object")
"""A map of custom objects can be put together from own modules only."""


class FileFacts(NamedTuple):
    """What one file says of saving and loading whole models."""

    path: str = ""
    keys: frozenset[str] = frozenset()
    """The keys under which it supplies custom objects."""
    values: frozenset[str] = frozenset()
    """The names of the objects that it supplies."""
    hidden: bool = False
    """Whether it supplies objects that it does not show: `custom_objects=globals()`."""
    loads: bool = False
    """Whether it loads or rebuilds whole models."""
    finds: bool = False
    """Whether it loads or rebuilds whole models whose layers are looked up by name: `clone_model` needs no names."""
    loads_training: bool = False
    """Whether it loads models together with their losses and metrics."""
    saved: frozenset[str] = frozenset()
    """The last names of the whole models that it saves; `ANY` where a save does not name the model."""


class ProjectFacts:
    """What the files of a project say together; the other files are read when something asks for more than the file itself says."""

    def __init__(self, file: FileSites) -> None:
        self._modules = file.modules
        self._path = os.path.abspath(file.source.filename)
        self.own = facts_of(file)
        """What the file itself says; its own text counts as it is, not as the disk has it."""

    @cached_property
    def _python(self) -> PythonFiles:
        folder = os.path.dirname(self._path)
        return python_files(root_of(folder) or folder) if os.path.isfile(self._path) else PythonFiles((), complete=True)

    @property
    def complete(self) -> bool:
        """Whether all files of the project are looked at: a very large tree is not."""
        return self._python.complete

    @cached_property
    def files(self) -> tuple[FileFacts, ...]:
        """What each file says that says anything, the file itself first."""
        return (self.own, *self._others(_MENTIONS))

    @cached_property
    def _suppliers(self) -> tuple[FileFacts, ...]:
        """What each file says that can supply custom objects, the file itself first: fewer have to be read."""
        return (self.own, *self._others(_SUPPLIES))

    def _others(self, mentions: re.Pattern[bytes]) -> Iterator[FileFacts]:
        for path in self._python.paths:
            facts = _read(path, self._modules, mentions) if path != self._path else None
            if facts is not None:
                yield facts

    def supplies(self, name: str) -> bool:
        """Return whether any file supplies, or may supply, an object of this name as a custom object."""
        return any(facts.hidden or name in facts.keys or name in facts.values for facts in self._suppliers)

    def names(self, name: str) -> bool:
        """Return whether any file supplies an object of this name for all to see, or the file asked about, the first, may supply it."""
        return self.own.hidden or any(name in facts.keys or name in facts.values for facts in self._suppliers)

    @cached_property
    def loads(self) -> bool:
        """Whether the project loads or rebuilds whole models."""
        return any(facts.loads for facts in self.files)

    @cached_property
    def loads_training(self) -> bool:
        """Whether the project loads models without `compile=False`, so that losses and metrics are restored."""
        return any(facts.loads_training for facts in self.files)

    @cached_property
    def saves(self) -> bool:
        """Whether the project saves whole models."""
        return any(facts.saved for facts in self.files)


@remembered(8192)
def _read(path: str, modules: Modules, mentions: re.Pattern[bytes]) -> FileFacts | None:
    """Return what a file says; None where it says nothing of models, or cannot be read."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError:
        return None
    lower = data.lower()
    if not any(word in lower for word in _KERAS) or mentions.search(data) is None:
        return None
    file = modules.file(path)
    return None if file is None else facts_of(file)


def facts_of(file: FileSites) -> FileFacts:
    """Return what one file says."""
    objects = [each for each in CustomObjects(file).all() if not _is_class_lambda(file, each)]
    calls = [call.node for name in _CALLED for call in file.index.calls.get(name, ())]
    loads = [call for call in calls if any(map(saving.is_loader, file.names.of(call.func)))]
    return FileFacts(
        path=os.path.abspath(file.source.filename),
        keys=frozenset(entry.key_text for entry in objects if entry.key_text is not None),
        values=frozenset(name for entry in objects for name in _names(file, entry)),
        hidden=any(entry.is_hidden for entry in objects),
        loads=bool(loads),
        finds=any(not name.endswith(".clone_model") for call in loads for name in file.names.of(call.func)),
        loads_training=any(_restores_training(file, call) for call in loads),
        saved=frozenset(name for call in calls if (name := saved_model(file, call)) is not None),
    )


def _names(file: FileSites, entry: CustomObject) -> Iterator[str]:
    """Yield the names of what an entry supplies: as it is written there, and where it comes from."""
    if entry.value_name is not None:
        yield entry.value_name
    if entry.value is not None:
        yield from (name.rpartition(".")[2] for name in file.names.of(entry.value))


def _is_class_lambda(file: FileSites, entry: CustomObject) -> bool:
    """Return whether an entry supplies the class `Lambda`, which is the function of no layer."""
    return entry.value is not None and any(map(is_lambda, file.names.of(entry.value)))


_CALLED = (
    *dict.fromkeys(
        name.rpartition(".")[2]
        for name in (*saving.COMPILING_LOADERS, *saving.REBUILDERS, *saving.SAVERS, *saving.CHECKPOINTS)
    ),
    "save",
)


def _restores_training(file: FileSites, call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    compiles = given.get("compile", call.args[2] if len(call.args) > 2 else None)
    off = isinstance(compiles, ast.Constant) and not compiles.value
    return not off and any(map(saving.restores_training, file.names.of(call.func)))
