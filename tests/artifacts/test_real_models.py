"""Models that real Keras 2 and Keras 3 have saved are read."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.artifacts.bytecode import recover, stored_bytes
from keras_lambda_lint.artifacts.formats import read
from keras_lambda_lint.artifacts.functions import contents

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.execution,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

PROGRAM = """\
import sys
keras = __import__(sys.argv[1])
layers = keras.layers
k = 3.0
def shift(k):
    return lambda t: t + k
inner = keras.Sequential([keras.Input((4, 2)), layers.TimeDistributed(layers.Lambda(lambda t: t * 2.0, name="twice"), name="each")], name="inner")
x = keras.Input((4, 2))
y = layers.Lambda(
    lambda t, k=2: t - k, output_shape=lambda s: s, mask=lambda i, m: m, name="all"
)(inner(x))
y = layers.Lambda(shift(1.5), name="shifted")(y)
model = keras.Model(x, y, name="outer")
for path in sys.argv[2:]:
    if path.endswith(".json"):
        open(path, "w").write(model.to_json())
    elif "." in path:
        model.save(path)
    else:
        model.save(path, save_format="tf")
"""


@pytest.mark.parametrize(
    ("package", "names"), [("tf_keras", ["m.h5", "m.keras", "m.json", "m"]), ("keras", ["m.h5", "m.keras", "m.json"])]
)
def test_every_container(tmp_path: Path, package: str, names: list[str]) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    subprocess.run(
        [sys.executable, "program.py", package, *names],
        cwd=tmp_path,
        check=True,
        timeout=300,
        capture_output=True,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    for name in names:
        stored, needed = contents(read(str(tmp_path / name)))
        rows = sorted(
            (each.layer, each.role, recover(stored_bytes(each.code)[0]).source, each.defaults, each.closure)
            for each in stored
        )
        assert rows == [
            ("outer/all", "function", "lambda t, k: t - k", [2], None),
            ("outer/all", "mask", "lambda i, m: m", None, None),
            ("outer/all", "output_shape", "lambda s: s", None, None),
            ("outer/inner/each/twice", "function", "lambda t: t * 2.0", None, None),
            ("outer/shifted", "function", "lambda t: t + k", None, [1.5]),
        ], name
        assert needed == [], name
