"""Runs programs that build a Keras `model`, all in one process: `python execute.py keras|tf_keras < programs.json > outcomes.json`.

The input holds the `programs` by name, the texts of the files beside them, their `neighbours`, and which of those are `changed` for a program.

For each program: the error of building or calling the model, else its outputs on fixed inputs, and what becomes of it when it is saved to
`.keras` and loaded again in safe mode: the error, else its outputs then. Runs in a process of its own: TensorFlow takes seconds to import.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import tempfile
from typing import Any


def main(flavour: str) -> None:
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    given = json.load(sys.stdin)
    programs: dict[str, str] = given["programs"]
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        write(folder, given["neighbours"])
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        keras = importlib.import_module(flavour)
        outcomes = {}
        for name, program in programs.items():
            forget(folder)
            changed = given["changed"].get(name, {})
            write(folder, changed)
            outcomes[name] = outcome(keras, program)
            write(folder, {each: given["neighbours"][each] for each in changed})
    json.dump(outcomes, stdout)


def write(folder: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)


def forget(folder: str) -> None:
    """Let the next program import the files beside it anew, as a fresh process would."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


def outcome(keras: Any, program: str) -> dict[str, Any]:
    keras.utils.set_random_seed(7)
    keras.utils.get_custom_objects().clear()
    namespace: dict[str, Any] = {"__name__": "example"}
    try:
        exec(compile(program, "example.py", "exec"), namespace)
        model = namespace.get("model")
        if model is None:
            return {"built": False}
        inputs = inputs_of(model)
        outputs = outputs_of(model, inputs)
    except Exception as error:  # noqa: BLE001 - whatever a program raises is its outcome
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "built": True,
        "outputs": outputs,
        "trainable": len(model.trainable_weights),
        **reload(keras, model, inputs),
    }


def reload(keras: Any, model: Any, inputs: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        try:
            model.save(path)
            return {"reloaded": outputs_of(keras.models.load_model(path, compile=False), inputs)}
        except Exception as error:  # noqa: BLE001 - whatever Keras raises is the outcome
            return {"reload_error": f"{type(error).__name__}: {error}"}


def inputs_of(model: Any) -> Any:
    import numpy as np

    made = []
    for number, tensor in enumerate(model.inputs):
        shape = [3 if length is None else length for length in tensor.shape]
        random = np.random.default_rng(number)
        integers = "int" in str(tensor.dtype)
        made.append(
            random.integers(0, 4, shape).astype("int32") if integers else random.normal(size=shape).astype("float32")
        )
    return made if len(made) > 1 else made[0]


def outputs_of(model: Any, inputs: Any) -> Any:
    import numpy as np

    called = model(inputs)
    return [np.asarray(tensor).tolist() for tensor in (called if isinstance(called, (list, tuple)) else [called])]


if __name__ == "__main__":
    main(sys.argv[1])
