"""Which mutants compute the same as the right text: they are no mistakes, and are not counted.

The rule: the mistake is one in what a layer computes (not in its config, registration, mask, shape or weights), and every model
that is left in a global name, or returned by a function that needs no arguments, has bit for bit the same outputs, of the same
dtypes, and the same gradients for its inputs on `INPUTS` inputs of all magnitudes, in training and out of it. Nothing of the
verifier takes part.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewrites import Rewrite

INPUTS = 200
COMPUTED = frozenset(
    {
        "constant off", "result off by a thousandth", "axis off", "keepdims", "exp(v) for exp(v / 2)", "another function",
        "another operator", "inputs swapped", "half precision inside", "epsilon", "NaN hidden", "other in training",
        "limit off",
    }
)  # fmt: skip
_PROGRAM = f"""
import inspect, pathlib, sys
import numpy as np
import tensorflow as tf
if sys.argv[1] == "2":
    import tf_keras
    tf.keras = sys.modules["keras"] = sys.modules["tensorflow.keras"] = keras = tf_keras
else:
    import keras

def models(path):
    keras.utils.set_random_seed(1)
    names = {{"__name__": "__main__", "__file__": path}}
    exec(compile(pathlib.Path(path).read_text(), path, "exec"), names)
    found = list(names.values())
    for each in list(found):
        if inspect.isfunction(each) and each.__code__.co_filename == path:
            needed = [one for one in inspect.signature(each).parameters.values() if one.default is one.empty]
            found += [] if needed else tf.nest.flatten(each())
    kinds = tuple(sys.modules[each].Model for each in ("keras", "tf_keras") if each in sys.modules)
    return list({{id(each): each for each in found if isinstance(each, kinds)}}.values())

def values(model, given, training):
    keras.utils.set_random_seed(2)
    try:
        with tf.GradientTape() as tape:
            tensors = [tf.constant(each) for each in given]
            tape.watch([each for each in tensors if each.dtype.is_floating])
            outputs = tf.nest.flatten(model(tensors if len(tensors) > 1 else tensors[0], training=training))
        floats = [each for each in outputs if each.dtype.is_floating]
        watched = [each for each in tensors if each.dtype.is_floating]
        slopes = tape.gradient(floats, watched) if floats and watched else []
        found = [*outputs, *(each for each in slopes if each is not None)]
        return [(str(each.dtype), each.numpy().tobytes()) for each in found]
    except (ValueError, TypeError, tf.errors.OpError) as error:
        return type(error)

pairs = list(zip(models(sys.argv[2]), models(sys.argv[3]), strict=True))
assert pairs, "no models"
random = np.random.default_rng(3)
for right, wrong in pairs:
    wrong.set_weights(right.get_weights())
    ran = 0
    for number in range({INPUTS}):
        given = []
        for each in right.inputs:
            shape = [size or 1 + number % 3 for size in each.shape]
            array = random.normal(size=shape) * 10.0 ** random.integers(-6, 7)
            if number % 20 == 1:
                array = random.choice([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0], size=shape)
            dtype = tf.as_dtype(each.dtype)
            array = random.integers(0, 5, shape) if dtype.is_integer else array
            given.append(array.astype(dtype.as_numpy_dtype))
        for training in (False, True):
            expected = values(right, given, training)
            ran += isinstance(expected, list)
            assert expected == values(wrong, given, training), "another value"
    assert ran, "it computes nothing"
"""


def are_equivalent(right: Rewrite, mutant: Rewrite, kind: str) -> bool:
    """Return whether the mistake makes no difference by the rule above."""
    if kind not in COMPUTED:
        return False
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, rewrite in (("right", right), ("wrong", mutant)):
            path = Path(directory) / name / "program.py"
            path.parent.mkdir()
            path.write_bytes(rewrite.fixed.to_bytes())
            paths.append(str(path))
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if right.keras == "2" else {}
        ended = subprocess.run(
            [sys.executable, "-c", _PROGRAM, right.keras, *paths],
            env={**os.environ, **legacy, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
    return ended.returncode == 0
