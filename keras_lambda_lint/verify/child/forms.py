"""The forms in which a model is kept besides the default one: written here, read back here or in a fresh process."""

from __future__ import annotations

import contextlib
import copy
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.measure import packed
from keras_lambda_lint.verify.child.record import FOR_COMPARISON, Recording, read
from keras_lambda_lint.verify.child.weights import captured, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.measure import Subject

CASE = "1"
"""The inputs that a model which came back is called with."""
_ARGUMENTS: tuple[dict[str, bool], ...] = (
    {},
    {"skip_mismatch": True},
    {"by_name": True},
    {"by_name": True, "skip_mismatch": True},
)


class Forms:
    """Writes one model in each form, and reads it back where that needs no other process."""

    def __init__(self, subject: Subject, layers: dict[str, Any], arrays: list[Any], path: str, directory: Path) -> None:
        """`layers` are the layers by key, `path` the text that runs, `directory` where files of this model go."""
        self._subject = subject
        self._framework = subject.framework
        self._model = subject.model
        self._layers = layers
        self._arrays = arrays
        self._path = path
        self._directory = directory
        self._checkpoints = {".weights.h5": "model.weights.h5"}
        if self._framework.is_legacy:
            self._checkpoints["tf checkpoint"] = "checkpoint"

    def kept(self) -> dict[str, Any]:
        """Return for each form what was written, and for those that stay in this process what came back."""
        self._directory.mkdir()
        model, framework = self._model, self._framework
        written = {
            ".h5": self._written("model.h5", lambda path: framework.save_h5(model, path)),
            "to_json": self._written("model.json", self._write_json),
            "pickle": self._written("model.pickle", lambda path: Path(path).write_bytes(pickle.dumps(model))),
        }
        if framework.backend == "tensorflow":
            written["SavedModel"] = self._written("saved", lambda path: framework.export(model, path))
        written["clone_model"] = self._came_back("clone_model", self._cloned)
        written["deepcopy"] = self._came_back("deepcopy", lambda: copy.deepcopy(model))
        for form, name in self._checkpoints.items():
            written[form] = self._weights(form, name)
        return written

    def checkpoints(self, reference: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Return how the checkpoints of the original load into this model: `{form: {"arguments" or "failure"}}`.

        `values` are the original's weights, by index.
        """
        forms = {form: entry for form, entry in reference.items() if form in (".h5", *self._checkpoints)}
        return {
            form: self._loaded(entry["path"], values)
            for form, entry in forms.items()
            if entry["path"] and not entry["failure"]
        }

    def _loaded(self, file: str, values: dict[str, Any]) -> dict[str, Any]:
        first: dict[str, Any] | None = None
        for arguments in _ARGUMENTS:
            with self._other_values(), Attempt(self._path) as attempt:
                self._framework.load_weights(self._model, file, **arguments)
                wrong = [
                    key
                    for key, weight in self._subject.weights.items()
                    if not np.array_equal(self._framework.value(weight.raw), values[f"value/{key}"], equal_nan=False)
                ]
                if wrong:
                    raise ValueError(f"{len(wrong)} of {len(self._subject.weights)} weights are not restored")
            if attempt.failure is None:
                return {"arguments": list(arguments), "failure": None}
            first = first or attempt.failure
        return {"arguments": [], "failure": first}

    def _written(self, name: str, write: Callable[[str], object]) -> dict[str, Any]:
        path = str(self._directory / name)
        with Attempt(self._path) as attempt:
            write(path)
        return {"stage": "save", "failure": attempt.failure, "path": path, "recorded": None}

    def _write_json(self, path: str) -> None:
        Path(path).write_text(self._model.to_json(), encoding="utf-8")
        np.savez(f"{path}.npz", *self._model.get_weights())

    def _came_back(self, form: str, make: Callable[[], Any]) -> dict[str, Any]:
        recording = Recording(FOR_COMPARISON)
        stage = "load"
        with Attempt(self._path) as attempt:
            again = make()
            stage = "call"
            record(self._framework, again(*self._given()), recording)
            stage = "done"
        stored = recording.write(self._directory / f"{form.strip('.')}.npz")
        return {"stage": stage, "failure": attempt.failure, "path": None, "recorded": stored}

    def _weights(self, form: str, name: str) -> dict[str, Any]:
        """Return what became of the weights: saved, lost and loaded again."""
        entry = self._written(name, lambda path: self._framework.save_weights(self._model, path))
        if entry["failure"]:
            return entry

        def loaded() -> Any:
            self._framework.load_weights(self._model, entry["path"])
            return self._model

        with self._other_values():
            return {**self._came_back(form, loaded), "path": entry["path"]}

    def _given(self) -> tuple[Any, ...]:
        return self._subject.signature.pack([self._subject.tensor(array) for array in self._arrays])

    def _cloned(self) -> Any:
        clone = self._framework.keras.models.clone_model(self._model)
        if not clone.built:
            clone(*self._given())
        clone.set_weights(self._model.get_weights())
        return clone

    @contextlib.contextmanager
    def _other_values(self) -> Iterator[None]:
        """Give all variables, tracked or not, other values while the body runs."""
        framework = self._framework
        own = [(raw, framework.value(raw)) for raw in self._variables()]
        generator = np.random.default_rng(0)
        try:
            for raw, value in own:
                framework.assign(raw, moved(value, framework.trains(raw), generator))
            yield
        finally:
            for raw, value in own:
                framework.assign(raw, value)

    def _variables(self) -> list[Any]:
        found = {id(raw): raw for raw in map(self._framework.raw, self._model.weights)}
        for layer in self._layers.values():
            found |= {id(each.raw): each.raw for each in captured(self._framework, layer).values()}
        return list(found.values())


def reloaded(framework: Framework, path: str, model: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Return what became of the forms of one model that a fresh process reads."""
    found = {}
    saved = model["saved"]
    readers = {
        ".h5": lambda path: framework.load_model(path, compile=False),
        "pickle": _unpickled,
        "SavedModel": framework.serve,
    }
    for form, entry in model["forms"].items():
        if entry["recorded"]:
            continue  # It came back in the process that wrote it.
        if entry["failure"]:
            found[form] = entry
            continue
        recording = Recording(FOR_COMPARISON)
        stage = "load"
        with Attempt(path) as attempt:
            again = _from_json(framework, entry["path"]) if form == "to_json" else readers[form](entry["path"])
            stage = "call"
            given = read(saved["given"])
            values = [framework.tensor(value) for name, value in given.items() if name.startswith(f"{CASE}/")]
            record(framework, again(*packed(saved["structures"][CASE], values)), recording)
            stage = "done"
        stored = directory / f"{Path(saved['path']).stem}-{form.strip('.')}.npz"
        found[form] = {"stage": stage, "failure": attempt.failure, "recorded": recording.write(stored)}
    return found


def record(framework: Framework, outputs: Any, recording: Recording) -> None:
    """Record the outputs of a model that came back, under the names of the saved one's."""
    leaves = framework.flatten(outputs)
    for index, output in enumerate(leaves):
        recording.add(f"out/{CASE}/{index}", output)


def _from_json(framework: Framework, path: str) -> Any:
    model = framework.keras.models.model_from_json(Path(path).read_text(encoding="utf-8"))
    with np.load(f"{path}.npz") as stored:
        values = [stored[name] for name in stored.files]
    if model.built or not values:
        model.set_weights(values)
        return model

    def called(*args: Any) -> Any:
        model(*args)
        model.set_weights(values)
        return model(*args)

    return called


def _unpickled(path: str) -> Any:
    return pickle.loads(Path(path).read_bytes())
