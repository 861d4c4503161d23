"""Saves models, and the second role: loads and calls them in a process that only imported the file."""

from __future__ import annotations

import contextlib
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child import recorders, script
from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.forms import reloaded
from keras_lambda_lint.verify.child.inputs import RANGES, like
from keras_lambda_lint.verify.child.measure import packed, structure_of
from keras_lambda_lint.verify.child.noise import Noise
from keras_lambda_lint.verify.child.record import FOR_COMPARISON, Recording, plain, read
from keras_lambda_lint.verify.child.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.measure import Subject


class Shelf:
    """Saves one model, and each layer of its sites alone, with what they must do after loading."""

    def __init__(self, path: str, directory: Path, stem: str, seed: int) -> None:
        self._path = path
        self._seed = seed
        self._directory = directory
        self._stem = stem

    def save(self, subject: Subject, inputs: dict[int, list[Any]]) -> dict[str, Any]:
        """Save the model of a subject with its outputs on some inputs and its weights."""
        calls = {
            number: subject.signature.pack([subject.tensor(array) for array in arrays])
            for number, arrays in inputs.items()
        }
        return self._save(subject.framework, lambda: subject.model, subject.model, calls, self._stem)

    def save_layer(self, subject: Subject, key: str, turn: int, flat: list[Any], structure: Any) -> dict[str, Any]:
        """Save a model of one layer alone, with its outputs on all ranges: that does not depend on the rest of its model."""
        framework = subject.framework
        layer = subject.layers[key]

        def alone() -> Any:
            symbolic = [framework.keras.Input(array.shape[1:], dtype=array.dtype.name) for array in flat]
            nested = packed(structure, symbolic)
            return framework.Model(nested, layer(nested))

        calls = {}
        for number, values in enumerate(RANGES):
            arrays = like(flat, values, self._seed) if number else flat
            if arrays is not None:
                args = (packed(structure, [subject.tensor(array) for array in arrays]),)
                with Attempt(self._path) as attempt:
                    layer(*args)
                if attempt.failure is None or not number:
                    calls[number] = args
        name = f"{self._stem}-{key.replace(':', '-')}-{turn}"
        return {"key": key, **self._save(framework, alone, layer, calls, name)}

    def _save(self, framework: Framework, model: Any, called: Any, calls: dict[int, Any], name: str) -> dict[str, Any]:
        path = self._directory / f"{name}.keras"
        recording, given = Recording(FOR_COMPARISON), Recording()
        structures = {}
        with Attempt(self._path) as attempt:
            saved = model()
            # A call may change weights, such as a counter: what is saved is what they were before these calls.
            _record_weights(framework, saved, recording)
            framework.save_model(saved, str(path))
            for number, args in calls.items():
                structures[str(number)] = structure_of(args)
                for index, value in enumerate(framework.flatten(args)):
                    given.add(f"{number}/{index}", plain(value))
                _record_outputs(framework, called(*args), recording, number)
        return {
            "path": str(path),
            "failure": attempt.failure,
            "structures": structures,
            "given": given.write(path.with_suffix(".given.npz")),
            "recorded": recording.write(path.with_suffix(".npz")),
        }


def config_faults(layer: Any) -> list[str]:
    """Return what is wrong with the config of a layer of somebody's own: what it leaves out, and what it does not keep."""
    return [*(f"leaves out `{name}`" for name in _left_out(layer)), *_not_kept(layer)]


def _not_kept(layer: Any) -> Iterator[str]:
    """Yield the entries that have another value once a layer was made from the config: weights hide that until they are made anew."""
    if type(layer).__module__.startswith(("keras.", "tf_keras.")):
        return
    with contextlib.suppress(
        Exception
    ):  # What cannot be made from its config does not come back either, and that says why.
        config = layer.get_config()
        made = type(layer).from_config(layer.get_config())
        for name in ("name", "trainable", "dtype"):
            # A name that Keras makes up may happen to be the one that was given.
            if getattr(made, name) != getattr(layer, name) or (name == "name" and name not in config):
                yield f"leaves out `{name}`"
        again = made.get_config()
        for name in [name for name in config if name in again]:
            with contextlib.suppress(TypeError):  # An object that only Keras can write.
                if json.dumps(config[name], sort_keys=True) != json.dumps(again[name], sort_keys=True):
                    yield f"does not keep `{name}`"


def _left_out(layer: Any) -> list[str]:
    """Return the constructor parameters that a config does not hold.

    Such a layer comes back as it was only while their values are the defaults. A parameter that may be left out and whose
    value a weight of its name holds is none: the weights are saved too.
    """
    constructor = type(layer).__init__
    if constructor.__module__.startswith(("keras.", "tf_keras.")):
        return []
    with contextlib.suppress(Exception):  # Where there is no config, saving says why.
        config = layer.get_config()
        parameters = inspect.signature(constructor).parameters.values()
        named = [each for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
        weights = {id(weight) for weight in layer.weights}
        return [
            each.name
            for each in named[1:]
            if each.name not in config and not (each.default is None and id(getattr(layer, each.name, None)) in weights)
        ]
    return []


def reload(framework: Framework, request: dict[str, Any]) -> dict[str, Any]:
    """Import the request's text as a module, load what its build saved, call it, and return what happened."""
    path = request["path"]
    tracer = Tracer(framework, path, ())
    recorders.install(framework, tracer)
    Noise(framework).install()
    # TensorFlow refuses to draw numbers without a seed where its operations are to be deterministic.
    framework.keras.utils.set_random_seed(request["seed"])
    built = json.loads(Path(request["reference"]).read_text(encoding="utf-8"))
    directory = Path(request["directory"])
    before = [_load(framework, path, each["saved"], directory) if "saved" in each else None for each in built["models"]]
    imported = script.run(request, Path(path).stem, None).failures

    def again(entry: dict[str, Any]) -> dict[str, Any]:
        return _load(framework, path, entry, directory)

    return {
        "imported": imported[0] if imported else None,
        "models": [again(model["saved"]) if "saved" in model else None for model in built["models"]],
        "not_imported": before,
        "forms": [reloaded(framework, path, each, directory) if "forms" in each else {} for each in built["models"]],
        "layers": [[again(entry) for entry in model.get("saved_layers", ())] for model in built["models"]],
    }


def _load(framework: Framework, path: str, entry: dict[str, Any], directory: Path) -> dict[str, Any]:
    if entry["failure"]:
        return {"stage": "save", "failure": entry["failure"], "recorded": None}
    recording = Recording(FOR_COMPARISON)
    stage = "load"
    with Attempt(path) as attempt:
        model = framework.load_model(entry["path"])
        stage = "call"
        # A layer that is built when first called has no weights before.
        built = all(layer.built for layer in model._flatten_layers())
        if built:
            _record_weights(framework, model, recording)
        given = read(entry["given"])
        for number, structure in entry["structures"].items():
            values = [framework.tensor(value) for name, value in given.items() if name.startswith(f"{number}/")]
            _record_outputs(framework, model(*packed(structure, values)), recording, number)
        if not built:
            _record_weights(framework, model, recording)
        stage = "done"
    stored = directory / (Path(entry["path"]).stem + ".npz")
    return {"stage": stage, "failure": attempt.failure, "recorded": recording.write(stored)}


def _record_outputs(framework: Framework, outputs: Any, recording: Recording, number: int | str) -> None:
    for index, output in enumerate(framework.flatten(outputs)):
        recording.add(f"out/{number}/{index}", output)


def _record_weights(framework: Framework, model: Any, recording: Recording) -> None:
    for index, weight in enumerate(model.weights):
        recording.add(f"weight/{index} {weight.name}", framework.raw(weight))
