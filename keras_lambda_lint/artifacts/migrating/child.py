"""The process in which a migrated model, or its original, is loaded and called. The only part of `artifacts` that runs Keras."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

_SEED = 7


class Trouble(Exception):
    """What could not be done; says why in one line."""


def main() -> None:
    """Do what the request in `argv[1]` says and write the answer beside it."""
    place = Path(sys.argv[1])
    request = json.loads((place / "request.json").read_text(encoding="utf-8"))
    from keras_lambda_lint.verify.child.confine import confine

    confine(place, place / "log", request["seconds"])
    roles = {"convert": _convert, "predict": _predict, "compare": _compare}
    try:
        answer = roles[request["role"]](request, place)
    except Trouble as trouble:
        answer = {"trouble": str(trouble)}
    except Exception as error:  # noqa: BLE001 - whatever loading and calling somebody's model raises is the answer
        traceback.print_exc()
        answer = {"trouble": _said(error)}
    (place / "part").write_text(json.dumps(answer), encoding="utf-8")
    (place / "part").rename(place / "answer.json")


def _said(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:160]


def _import(path: str) -> None:
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Trouble(f"{path} cannot be imported")
    sys.path.insert(0, str(Path(path).parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Trouble(f"the module cannot be imported: {_said(error)}") from error


def _convert(request: dict[str, Any], _place: Path) -> dict[str, Any]:
    """Save a migrated `.h5` file as `.keras`."""
    import keras

    _import(request["module"])
    answer: dict[str, Any] = {}
    try:
        model = keras.models.load_model(request["model"], safe_mode=True)
    except Exception as error:  # noqa: BLE001 - what it was compiled with may be unknown here
        model = keras.models.load_model(request["model"], safe_mode=True, compile=False)
        answer["lost"] = f"what it was compiled with ({_said(error)})"
    else:
        if getattr(model, "optimizer", None) is not None and not _restored(model, request["model"]):
            answer["lost"] = "the state of its optimizer"
    model.save(request["target"])
    return answer


def _restored(model: Any, path: str) -> bool:
    """Give an optimizer its state from a `.h5` file; return False where that is kept in another way.

    Keras 3.15.1 builds the optimizer of such a file without the variables of the layers. Its own files hold what `variables` lists;
    tf_keras leaves the learning rate out, and calls `m` and `v` what Keras 3 calls `momentum` and `velocity`.
    """
    import h5py
    import keras

    with h5py.File(path, "r") as file:
        group = file.get("optimizer_weights")
        names = [] if group is None else [_text(name) for name in group.attrs.get("weight_names", ())]
        values = [np.asarray(group[name]) for name in names]
    if not values:
        return True
    fresh = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    fresh.build(model.trainable_variables)
    wanted = list(fresh.variables)
    if len(values) == len(wanted) - 1:
        names.insert(1, "learning_rate")
        values.insert(1, np.asarray(wanted[1]))
    if len(values) != len(wanted) or any(
        each.shape != tuple(to.shape) for each, to in zip(values, wanted, strict=True)
    ):
        return False
    if any(not _same_slot(name, to.path) for name, to in zip(names, wanted, strict=True)):
        return False
    for to, each in zip(wanted, values, strict=True):
        to.assign(each)
    model.optimizer = fresh
    return True


def _same_slot(name: str, path: str) -> bool:
    """Return whether a variable of tf_keras, `Adam/m/dense/kernel:0`, is that of Keras 3, `adam/dense_kernel_momentum`."""
    slot = name.split("/")[1] if name.count("/") > 1 else ""
    return path.endswith({"m": "momentum", "v": "velocity"}.get(slot, ""))


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _predict(request: dict[str, Any], place: Path) -> dict[str, Any]:
    """Load the migrated model as a user does, call it, and keep what it took and gave."""
    import keras

    answer: dict[str, Any] = {"keras": keras.__version__}
    _import(request["module"])
    try:
        model = keras.models.load_model(request["model"], safe_mode=True)
    except Exception as error:
        with suppress(Exception):
            model = keras.models.load_model(request["model"], safe_mode=True, compile=False)
            answer["uncompiled"] = _said(error)
        if "uncompiled" not in answer:
            raise
    answer["loaded"] = True
    leaves = _leaves(model)
    if not leaves:
        return {**answer, "uncalled": "its input shape is unknown"}
    arrays, results = _called(model, leaves)
    answer["cases"] = len(arrays)
    np.savez(place / "cases.npz", *[array for case in arrays for array in case])
    np.savez(place / "results.npz", *[array for result in results for array in result])
    return {**answer, "inputs": len(leaves), "outputs": len(results[0])}


def _compare(request: dict[str, Any], _place: Path) -> dict[str, Any]:
    """Load the original and compare what it gives for the same inputs; its random numbers cannot be compared."""
    keras = importlib.import_module(request["keras"])
    model = keras.models.load_model(request["model"], compile=False, **_freely(keras, request["names"]))
    with np.load(request["cases"]) as file:
        flat = list(file.values())
    arrays = [flat[start : start + request["inputs"]] for start in range(0, len(flat), request["inputs"])]
    with np.load(request["results"]) as file:
        wanted = list(file.values())
    given = [array for case in arrays for array in _call(model, case)]
    again = [array for case in arrays[:1] for array in _call(model, case)]
    if any(_difference(one, other) for one, other in zip(given, again, strict=False)):
        return {"random": True}
    if len(given) != len(wanted):
        return {"difference": f"{len(given)} results became {len(wanted)}"}
    found = [each for one, other in zip(given, wanted, strict=True) if (each := _difference(one, other))]
    return {"difference": found[0] if found else None, "cases": len(arrays)}


def _freely(keras: Any, names: list[str]) -> dict[str, Any]:
    """Return how an original is loaded: its code was judged before, and finds the libraries that its names mean."""
    meant = _meant(keras, names)
    if hasattr(keras, "ops"):
        from keras.src.utils import python_utils

        vars(python_utils).update(meant)
        return {"safe_mode": False}
    return {"safe_mode": False, "custom_objects": meant}


def _meant(keras: Any, names: list[str]) -> dict[str, Any]:
    import functools
    import math

    import tensorflow as tf

    libraries = {"tf": tf, "tensorflow": tf, "np": np, "numpy": np, "math": math, "keras": keras, "K": keras.backend}
    libraries |= {"backend": keras.backend, "layers": keras.layers, "activations": keras.activations}
    libraries |= {"reduce": functools.reduce, "xrange": range}
    if hasattr(keras, "ops"):
        libraries["ops"] = keras.ops
    return {name: libraries[name] for name in names if name in libraries}


def _leaves(model: Any) -> list[Any]:
    """Return what a model takes, one description per tensor."""
    from keras_lambda_lint.verify.child.inputs import Leaf

    try:
        tensors = list(model.inputs or [])
    except AttributeError:  # Keras 3 raises it for a model that is not built.
        return []
    limits = [each.input_dim for each in model._flatten_layers() if type(each).__name__ == "Embedding"]
    limit = min(limits) if limits else None
    return [Leaf(tuple(each.shape), str(getattr(each.dtype, "name", each.dtype)), limit) for each in tensors]


def _called(model: Any, leaves: list[Any]) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return inputs and results, with the smallest sizes for unknown dimensions that the model takes."""
    from keras_lambda_lint.verify.child.inputs import SIZES, Signature, cases

    what = Signature(tuple(leaves), lambda flat: (flat,))
    for sizes in SIZES:
        arrays = [case.arrays for case in cases(what, _SEED, sizes)]
        try:
            first = _call(model, arrays[0])
        except Exception:
            if sizes == SIZES[-1]:
                raise
            continue
        model.predict(arrays[0][0] if len(arrays[0]) == 1 else arrays[0], verbose=0)
        return arrays, [first, *(_call(model, case) for case in arrays[1:])]
    raise AssertionError("the last sizes return or raise")


def _call(model: Any, arrays: list[Any]) -> list[Any]:
    result = model(arrays[0] if len(arrays) == 1 else arrays, training=False)
    return [np.asarray(each) for each in _flat(result)]


def _flat(result: Any) -> list[Any]:
    if isinstance(result, dict):
        return [each for key in sorted(result) for each in _flat(result[key])]
    if isinstance(result, (list, tuple)):
        return [each for one in result for each in _flat(one)]
    return [result]


def _difference(one: Any, other: Any) -> str | None:
    """Return how two results differ, as the verifier judges it."""
    from keras_lambda_lint.verify.tolerance import difference

    found = difference(one, other, str(one.dtype), str(other.dtype))
    return str(found) if found else None
