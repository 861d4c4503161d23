"""Models of Keras 2 and Keras 3 that were migrated load in safe mode, give what the originals give, and train on."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

pytestmark = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

MAKE = """\
import importlib, sys
import numpy as np
import tensorflow as tf

def shifted(k):
    return lambda t: t + k

for name in sys.argv[1:]:
    keras = importlib.import_module("tf_keras" if name.startswith("k2") else "keras")
    layers = keras.layers
    half = layers.Lambda(lambda t: t * 0.5, name="half")
    inner = keras.Sequential([keras.Input((4, 2)), layers.TimeDistributed(half, name="each"), layers.Dense(2)], name="inner")
    a, b = keras.Input((4, 2)), keras.Input((4, 2))
    shared = layers.Lambda(lambda t, k: t - k, arguments={"k": 2}, name="shared")
    y = layers.Add()([shared(inner(a)), shared(inner(b))])
    y = layers.Lambda(shifted(1.5), name="half")(layers.Masking()(y))
    y = layers.Lambda(lambda ts: tf.concat(ts, axis=-1), output_shape=(4, 4), name="joined")([y, a])
    y = layers.Dense(3, activation=None if name.startswith("k3") else lambda t: tf.nn.relu(t) * 2)(y)
    model = keras.Model([a, b], y, name="outer")
    model.compile("adam", "mse")
    model.fit([np.ones((4, 4, 2)), np.ones((4, 4, 2))], np.ones((4, 4, 3)), verbose=0)
    model.save(name)
"""
USE = """\
import importlib, json, sys
import numpy as np
import keras

found = {}
a, b = np.random.default_rng(1).normal(size=(2, 3, 4, 2)).astype("float32")
for name in sys.argv[1:]:
    importlib.import_module(f"{name}_layers")
    model = keras.models.load_model(f"{name}.keras", safe_mode=True)
    inner_kernel, inner_bias, kernel, bias = model.get_weights()
    y = sum(x * 0.5 @ inner_kernel + inner_bias - 2 for x in (a, b)) + 1.5
    y = np.concatenate([y, a], -1) @ kernel + bias
    truth = y if name == "a" else np.maximum(y, 0) * 2
    equal = bool(np.allclose(model.predict([a, b], verbose=0), truth, atol=1e-5))
    before = int(model.optimizer.iterations), float(np.abs(model.optimizer.variables[2]).max()) > 0
    model.fit([a, b], np.ones((3, 4, 3)), verbose=0)
    found[name] = [equal, *before, int(model.optimizer.iterations), type(model.optimizer).__name__]
print(json.dumps(found))
"""


def run(project: Path, program: str, *arguments: str) -> str:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(project)}
    (project / "program.py").write_text(program, encoding="utf-8")
    command = [sys.executable, "program.py", *arguments]
    ran = subprocess.run(
        command,
        cwd=project,
        env=environment,
        check=True,
        timeout=300,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return ran.stdout.decode()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a model of Keras 3 and one of Keras 2."""
    folder = tmp_path_factory.mktemp("models")
    run(folder, MAKE, "k3.keras", "k2.h5")
    return folder


def test_from_keras_3_and_from_keras_2(cli: Run, project: Path, models: Path) -> None:
    # No Keras 2 loads its own lambdas as activations.
    ends = {
        "a": "; equal to the original (12 cases)",
        "b": "; the original cannot be loaded and called here: TypeError: ",
    }
    for old, new in (("k3.keras", "a"), ("k2.h5", "b")):
        before = (models / old).read_bytes()
        code, out, err = cli("migrate", str(models / old), "-o", f"{new}.keras")
        assert (code, err) == (0, ""), out
        assert out.splitlines()[-1].startswith(f"{new}.keras: loads and predicts on keras 3")
        assert ends[new] in out.splitlines()[-1]
        assert (models / old).read_bytes() == before
    found = json.loads(run(project, USE, "a", "b").splitlines()[-1])
    assert found == {name: [True, 1, True, 2, "Adam"] for name in ("a", "b")}


MAKE_MANY = """\
import sys
import tf_keras
from tf_keras import layers

x = y = tf_keras.Input((6, 6, 2))
for layer in (
    layers.DepthwiseConv2D(2), layers.SeparableConv2D(2, 2), layers.SpatialDropout2D(0.1), layers.Conv2DTranspose(1, 2),
    layers.Reshape((5, 5)), layers.Lambda(lambda t: t * 0.5), layers.LSTM(2, return_sequences=True),
    layers.Bidirectional(layers.GRU(2)),
):
    y = layer(y)
tf_keras.Model(x, y).save(sys.argv[1])
"""


def test_layers_of_keras_2_whose_settings_changed(cli: Run, project: Path) -> None:
    run(project, MAKE_MANY, "k2.h5")
    code, out, err = cli("migrate", "k2.h5", "-o", "new.keras")
    assert (code, err) == (0, ""), out
    assert out.endswith("equal to the original (12 cases)\n")


def test_a_module_that_computes_something_else_is_found_out(cli: Run, project: Path, models: Path) -> None:
    text = cli("recover", str(models / "k3.keras")).out
    (project / "wrong.py").write_text(text.replace("* 0.5", "* 0.6"), encoding="utf-8")
    code, out, _ = cli("migrate", str(models / "k3.keras"), "-o", "new.keras", "--module", "wrong.py")
    assert code == 1
    assert "new.keras: loads and predicts on keras 3" in out
    assert "; differs from the original: error " in out
