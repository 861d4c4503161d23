"""Compares functions of Keras 2 with what shall replace them on Keras 3, and tells which names the installed packages have.

Run as a program: reads a JSON object from stdin and writes one to stdout.
`pairs` maps a name to pairs of expressions, the first of them a call of TensorFlow (`tf.`) or of Keras 2's backend; the answer maps it to what differs, for each pair and input on which the first one works.
`modules` and `attributes` are lists of dotted names; the answer holds those that can be imported, and those that can be read.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import subprocess
import sys
import warnings
from typing import Any

INPUTS = ("normal", "wide", "unit", "float16", "int32", "edge", "zero", "tiny", "bool", "variable", "sparse")


def ask(**questions: Any) -> dict[str, Any]:
    """Return the answers of this program, run in a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def namespace(kind: str) -> dict[str, Any]:
    """Return the values that expressions read, the same ones at each call."""
    import numpy as np
    import tensorflow as tf

    random = np.random.default_rng(0)
    special = [
        0.0,
        -0.0,
        1,
        -1,
        math.nan,
        math.inf,
        -math.inf,
        1e-8,
        -1e-8,
        1e30,
        -1e30,
        0.5,
        1.5,
        2.5,
        -0.5,
        -1.5,
        1e-40,
    ]
    makers = {
        "normal": lambda shape: random.normal(size=shape).astype("float32"),
        "wide": lambda shape: (50 * random.normal(size=shape)).astype("float32"),
        "unit": lambda shape: random.uniform(0.01, 0.99, size=shape).astype("float32"),
        "float16": lambda shape: random.normal(size=shape).astype("float16"),
        "int32": lambda shape: random.integers(-5, 6, size=shape).astype("int32"),
        "edge": lambda shape: random.choice(np.array(special, "float32"), size=shape),
        "zero": lambda shape: np.zeros(shape, "float32"),
        "tiny": lambda shape: (1e-8 * random.normal(size=shape)).astype("float32"),
        "bool": lambda shape: random.integers(0, 2, size=shape).astype(bool),
    }

    def tensor(*shape: int) -> Any:
        return tf.constant(makers.get(kind, makers["normal"])(shape))

    x: Any = tensor(2, 3, 8)
    value: Any = [1, 2]
    if kind == "variable":
        x, value = tf.Variable(x), x + 1
    elif kind == "sparse":
        x = tf.sparse.from_dense(tf.eye(3))
    return {
        "x": x, "y": tensor(2, 3, 8), "z": tensor(2, 8, 3), "m": tensor(2, 3), "p": tensor(2, 3), "bias": tensor(8),
        "image": tensor(2, 4, 4, 3), "volume": tensor(2, 3, 3, 3, 2), "tensors": [tensor(2, 3), tensor(2, 3)],
        "kernel1": tensor(2, 8, 5), "kernel2": tensor(2, 2, 3, 5), "kernel3": tensor(2, 2, 2, 2, 5),
        "deep": tensor(2, 2, 3, 1), "point": tensor(1, 1, 3, 4), "back": tensor(2, 2, 5, 3),
        "mean": tensor(8), "var": tensor(8), "beta": tensor(8), "gamma": tensor(8),
        "b": tf.constant([[True, False, True], [False, True, True]]), "i": tf.constant([[0, 2, 1], [1, 1, 0]]),
        "indices": tf.constant([1, 0]), "targets": tf.constant([1, 2]), "predictions": tensor(2, 3), "value": value,
        "n": 3, "k": 2, "depth": 2, "height": 2, "width": 2, "pool_size": (2, 2), "shape": (4, 3),
        "labels": tf.constant([[1, 2], [1, 1]]), "steps": tf.nn.softmax(tf.ones((2, 4, 4))),
        "long": tf.constant([[4], [4]]), "short": tf.constant([[2], [2]]),
    }  # fmt: skip


def backend_of_keras_2() -> Any:
    """Return Keras 2's backend, with what versions before tf_keras had besides, as keras 2.3.1 defined it."""
    import tensorflow as tf
    import tf_keras

    class Backend:
        logsumexp = staticmethod(tf.reduce_logsumexp)
        is_tensor = staticmethod(tf.is_tensor)

        def image_dim_ordering(self) -> str:
            return "tf"

        def set_image_dim_ordering(self, order: str) -> None:
            assert order in ("tf", "th")

        def __getattr__(self, name: str) -> Any:
            return getattr(tf_keras.backend, name)

    return Backend()


def known(value: Any) -> Any:
    """Return what two results are compared by."""
    import keras
    import numpy as np
    import tensorflow as tf

    if isinstance(value, (list, tuple)):
        return [known(each) for each in value]
    if value is None or isinstance(value, str):
        return value
    if type(value).__name__ == "KerasTensor":
        return ["symbolic", tuple(value.shape)]
    if isinstance(value, (int, float, np.integer)):
        return float(value)
    if isinstance(value, tf.SparseTensor):
        return ["sparse", known(tf.sparse.to_dense(value))]
    if isinstance(value, (tf.Variable, keras.Variable)):
        return [type(value).__module__.partition(".")[0], known(tf.convert_to_tensor(value))]
    return np.asarray(value)


def difference(old: Any, new: Any) -> str:
    """Return how two results differ; empty where they are equal."""
    import numpy as np

    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            return f"{old.dtype}{old.shape}, {new.dtype}{new.shape}"
        equal = np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
        return "" if equal else "values"
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return next((found for found in map(difference, old, new) if found), "")
    return "" if type(old) is type(new) and not isinstance(old, np.ndarray) and old == new else "kind"


def compare(backend: Any, old: str, new: str) -> dict[str, str]:
    """Return what differs between two expressions, by the kind of input."""
    import keras
    import tensorflow as tf

    found: dict[str, str] = {}
    for kind in INPUTS:
        modules = {"keras": keras, "tf": tf, "math": math, "K": backend}
        expected, refused = result(old if old.startswith("tf.") else f"K.{old}", {**modules, **namespace(kind)})
        if not refused:
            got, error = result(new, {**modules, **namespace(kind)})
            found[kind] = error or difference(expected, got)
    return found


def result(expression: str, names: dict[str, Any]) -> tuple[Any, str]:
    """Return the value of an expression, or the error that it raises, as a text."""
    try:
        return known(eval(expression, names)), ""
    except Exception as error:  # noqa: BLE001 - every backend raises its own errors, and that it raises is the answer
        return None, repr(error)[:80]


def importable(name: str) -> bool:
    """Return whether a dotted name can be imported: as a module, or from the module that it stands below."""
    module, _, last = name.rpartition(".")
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module(name)
        return True
    with contextlib.suppress(ImportError, AttributeError):
        return hasattr(importlib.import_module(module), last)
    return False


def readable(name: str) -> bool:
    """Return whether a dotted name can be read once its first part is imported."""
    first, *rest = name.split(".")
    value: Any = importlib.import_module(first)
    for part in rest:
        if not hasattr(value, part):
            return False
        value = getattr(value, part)
    return True


def main() -> None:
    """Answer the questions on stdin."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    answer: dict[str, Any] = {"attributes": [name for name in asked.get("attributes", ()) if readable(name)]}
    backend = backend_of_keras_2() if "pairs" in asked else None
    answer["pairs"] = {
        name: [compare(backend, old, new) for old, new in pairs] for name, pairs in asked.get("pairs", {}).items()
    }
    answer["modules"] = [name for name in asked.get("modules", ()) if importable(name)]
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
