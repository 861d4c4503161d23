"""Compares functions in a `Lambda` with layers: `python equality.py keras|tf_keras < cases.json > measured.json`.

For each case: the largest difference of the values in units of their own scale, the error of building or calling either, and what each does
to a mask. Runs in a process of its own: TensorFlow takes seconds to import.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from typing import Any


def main(flavour: str) -> None:
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    cases: list[dict[str, Any]] = json.load(sys.stdin)
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        names = names_of(flavour)
        measured = [measure(case, names) for case in cases]
    json.dump(measured, stdout)


def names_of(flavour: str) -> dict[str, Any]:
    """Return what the cases may name: `K` is the backend of Keras 2, which works on TensorFlow's tensors everywhere."""
    keras = importlib.import_module(flavour)
    backend = importlib.import_module("tf_keras").backend
    return {**vars(keras.layers), "keras": keras, "tf": importlib.import_module("tensorflow"), "K": backend}


def measure(case: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    keras = names["keras"]
    try:
        mine, theirs = (
            outputs(keras, eval(text, names), case["shapes"]) for text in (f"Lambda({case['function']})", case["layer"])
        )
        masks = [
            mask_of(keras, eval(text, names), case["shapes"]) for text in (f"Lambda({case['function']})", case["layer"])
        ]
    except Exception as error:  # noqa: BLE001 - whatever Keras raises is the measurement
        return {"error": f"{type(error).__name__}: {error}"}
    return {"difference": max(map(difference, mine, theirs)), "masks": masks}


def outputs(keras: Any, layer: Any, shapes: list[list[int]]) -> list[Any]:
    """Return what a layer makes of ordinary, wide, tiny and zero inputs."""
    import numpy as np

    made = []
    for number, factor in enumerate((1.0, 300.0, 1e-7, 0.0)):
        random = np.random.default_rng(number)
        inputs = [(random.normal(size=(3, *shape)) * factor).astype("float32") for shape in shapes]
        tensors = [keras.Input(shape=tuple(shape)) for shape in shapes]
        one = len(shapes) == 1
        model = keras.Model(tensors, layer(tensors[0] if one else tensors))
        made.append(np.asarray(model(inputs[0] if one else inputs)))
    return made


def difference(mine: Any, theirs: Any) -> float:
    """Return the largest difference by the largest value; infinite where shapes, dtypes or special values differ."""
    import numpy as np

    if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
        return float("inf")
    finite = np.isfinite(mine)
    if not np.array_equal(mine[~finite], theirs[~finite], equal_nan=True):
        return float("inf")
    scale = float(np.abs(mine[finite]).max(initial=0.0)) or 1.0
    return float(np.abs(mine[finite] - theirs[finite]).max(initial=0.0)) / scale


def mask_of(keras: Any, layer: Any, shapes: list[list[int]]) -> str:
    """Return what a layer does to the mask of its inputs: `dropped`, `passed`, `used`, or `refused` where it fails."""
    import numpy as np

    tensors = [keras.Input(shape=tuple(shape)) for shape in shapes]
    masked = [
        keras.layers.Masking()(tensor) if len(shape) > 1 else tensor
        for tensor, shape in zip(tensors, shapes, strict=True)
    ]
    one = len(shapes) == 1
    try:
        output = layer(masked[0] if one else masked)
        keras.Model(tensors, output)([np.ones((3, *shape), "float32") for shape in shapes])
    except ValueError:
        return "refused"
    plain = layer(tensors[0] if one else tensors)
    random = np.random.default_rng(0)
    inputs = [random.normal(size=(3, *shape)).astype("float32") for shape in shapes]
    for array in inputs:
        array[:, -1] = 0.0
    with_mask, without = (
        np.asarray(keras.Model(tensors, tensor)(inputs[0] if one else inputs)) for tensor in (output, plain)
    )
    if not np.array_equal(with_mask, without, equal_nan=True):
        return "used"
    return "dropped" if getattr(output, "_keras_mask", None) is None else "passed"


if __name__ == "__main__":
    main(sys.argv[1])
