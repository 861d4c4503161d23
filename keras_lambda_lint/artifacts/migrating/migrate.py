"""From a saved model and a module to a new file that refers to the module."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import Form, read
from keras_lambda_lint.artifacts.functions import contents
from keras_lambda_lint.artifacts.migrating import containers, proof
from keras_lambda_lint.artifacts.migrating.entries import is_left, refer
from keras_lambda_lint.artifacts.migrating.keras_1 import for_keras_2
from keras_lambda_lint.artifacts.migrating.keras_2 import for_keras_3, training_for_keras_3
from keras_lambda_lint.artifacts.migrating.registered import registered_in
from keras_lambda_lint.artifacts.recovering.held import held
from keras_lambda_lint.artifacts.recovering.module import module as module_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keras_lambda_lint.artifacts.formats import ModelFile
    from keras_lambda_lint.artifacts.inspection import Inspected
    from keras_lambda_lint.artifacts.recovering.held import Held
    from keras_lambda_lint.artifacts.recovering.module import Module

_ENDINGS = {".h5": Form.HDF5, ".hdf5": Form.HDF5, ".keras": Form.KERAS}


@dataclass(frozen=True)
class Plan:
    """A migration that nothing speaks against."""

    file: ModelFile
    config: Any
    """The new configuration."""
    module: Module
    module_path: str
    module_text: str
    is_given: bool
    """Whether the module is the user's: then it is not written."""
    target: Form
    needed: tuple[str, ...]
    """What else the loader needs."""

    @property
    def attributes(self) -> dict[str, Any]:
        """Return the attributes of a `.h5` file that change."""
        training = training_for_keras_3(self.file.training)
        return {"model_config": self.config} | ({} if training is None else {"training_config": training})


def plan(model: str, output: str, given: str | None) -> Plan:
    """Return how to migrate a model; raise `ModelError` with the reason against it, OSError where a file cannot be read."""
    target = _ENDINGS.get(os.path.splitext(output)[1].lower())
    if target is None:
        raise ModelError(f"{output}: name a file that ends with .keras or .h5")
    file = read(model)
    _check_form(file, target)
    places = held(file)
    if not places:
        raise ModelError("it holds no bytecode: there is nothing to migrate")
    for place in places:
        _check(place)
    path = given or f"{os.path.splitext(output)[0]}_layers.py"
    found, text = _module(file, places, given)
    if given is None and found.todo:
        raise ModelError(f"{found.todo[0]}: finish what `recover -o layers.py` writes, then give --module layers.py")
    known = registered_in(text, path, found)
    config = file.parts[0].config
    if str(file.keras).startswith("1."):
        for_keras_2(config)
    if not _is_keras_3(file):
        for_keras_3(config)
    refer(config, found, known)
    if is_left(config):
        raise ModelError("it holds bytecode in a place where Keras does not write it")
    keys = {each.key for each in known.values()}
    needed = tuple(f"{each.kind} `{each.name}`" for each in contents(file)[1] if each.name not in keys)
    return Plan(file, config, found, path, text, given is not None, target, needed)


def _module(file: ModelFile, places: Sequence[Held], given: str | None) -> tuple[Module, str]:
    """Return the recovered module and the text of the one that counts: the user's, whose style is then taken."""
    found = module_for(file, places, "layer")
    if given is None:
        _check_complete(found)
        return found, found.text
    with open(given, encoding="utf-8") as stream:
        text = stream.read()
    _check_complete(found)
    functions = module_for(file, places, "function")
    return (functions if _serves(functions, text, given) and not _serves(found, text, given) else found), text


def _serves(module: Module, text: str, path: str) -> bool:
    try:
        registered_in(text, path, module)
    except ModelError:
        return False
    return True


def _check_complete(module: Module) -> None:
    for place, reason in module.without:
        raise ModelError(f"layer `{place.path}` cannot be written as a class: {reason}")


def _check_form(file: ModelFile, target: Form) -> None:
    if file.form not in (Form.HDF5, Form.KERAS):
        raise ModelError(f"a {file.form.value} cannot be migrated: save it as .h5 with the Keras that wrote it")
    if file.form is Form.KERAS and not _is_keras_3(file):
        raise ModelError(
            "Keras 3 does not read `.keras` files of Keras 2: save it as .h5 with tf_keras, and migrate that"
        )
    if file.form is Form.KERAS and target is Form.HDF5:
        raise ModelError("a `.keras` file becomes a `.keras` file: name one with -o")


def _is_keras_3(file: ModelFile) -> bool:
    return str(file.keras).partition(".")[0] not in ("1", "2", "None")


def _check(place: Held) -> None:
    for found in place.functions.values():
        if found.status != "exact":
            raise ModelError(f"the code of layer `{place.path}` is {found.status}: {found.reason}")
        if found.risk.level == "dangerous":
            raise ModelError(f"the code of layer `{place.path}` is dangerous: {', '.join(found.risk.reasons)}")


def write(planned: Plan, model: str, output: str) -> str | None:
    """Write the new file, and the module where it is ours, both or none; return what could not be kept.

    Raises `ModelError` and OSError.
    """
    lost = None
    with _beside(output) as temporary:
        if planned.file.form is Form.KERAS:
            containers.copy_archive(model, temporary, planned.config)
        elif planned.target is Form.HDF5:
            containers.copy_hdf5(model, temporary, planned.attributes)
        else:
            lost = _convert(planned, model, temporary)
        if not planned.is_given:
            with open(planned.module_path, "x", encoding="utf-8") as stream:
                stream.write(planned.module_text)
        try:
            os.link(temporary, output)
        except OSError:
            if not planned.is_given:
                os.unlink(planned.module_path)
            raise
    return lost


def _convert(planned: Plan, model: str, temporary: str) -> str | None:
    """Write a `.keras` file from a `.h5` file: only Keras knows where in it each weight stands. Return what it cannot keep."""
    unable = proof.missing()
    if unable is not None:
        raise ModelError(f"from .h5 to .keras needs Keras ({unable}); name a file that ends with .h5")
    with proof.scratch() as directory:
        migrated = str(directory / "migrated.h5")
        module = directory / os.path.basename(planned.module_path)
        module.write_text(planned.module_text, encoding="utf-8")
        containers.copy_hdf5(model, migrated, planned.attributes)
        try:
            target, lost = proof.convert(migrated, str(module), directory)
        except proof.Trouble as trouble:
            raise ModelError(f"Keras 3 cannot load it and save it as .keras: {trouble}") from None
        with open(target, "rb") as source, open(temporary, "wb") as stream:
            while block := source.read(2**20):
                stream.write(block)
    return lost


@contextmanager
def _beside(output: str) -> Iterator[str]:
    """Yield the path of an empty file in the directory of `output`, which is gone at the end."""
    folder = os.path.dirname(os.path.abspath(output))
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(output)}.", dir=folder)
    os.close(descriptor)
    try:
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def original(planned: Plan, model: str) -> proof.Original:
    """Return how the model that was migrated may be loaded, to compare with it; its code was found exact and harmless."""
    functions = [found for place in held(read(model)) for found in place.functions.values()]
    names = {name for found in functions if found.recovery for name in found.recovery.names}
    is_3 = _is_keras_3(planned.file)
    package = "keras" if is_3 or not proof.installed("tf_keras") else "tf_keras"
    return proof.Original(model, package, tuple(sorted(names)), _unable(functions))


def _unable(functions: Sequence[Inspected]) -> str | None:
    here = sys.version_info[:2]
    for found in functions:
        if found.recovery is None or here not in found.recovery.python or found.recovery.repairs:
            return f"its bytecode was written by Python {found.python}, this is Python {here[0]}.{here[1]}"
    return None
