"""Other backends of Keras 3, other devices, and what is said where a file cannot run there."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import Kind, VerifyError, as_json, keras_3_use, tensorflow_use
from keras_lambda_lint.verify.child.host import in_child
from keras_lambda_lint.verify.flavour import Flavour
from keras_lambda_lint.verify.platform import Platform
from keras_lambda_lint.verify.sandbox import environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keras_lambda_lint.verify import Sandbox, Verification

    Verify = Callable[..., Verification]

BACKENDS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{title} is not installed"),
    )
    for name, title in (("jax", "JAX"), ("torch", "PyTorch"))
]
ORIGINAL = """
import keras
from keras import ops
from keras.layers import Dense, Input, Lambda

model = keras.Sequential([Input((4,)), Dense(3), Lambda(lambda x: ops.exp(x / 2)), Dense(2)])
"""
FIXED = """
import keras
from keras import ops
from keras.layers import Dense, Input

@keras.saving.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def call(self, x):
        return ops.exp(x / 2)

model = keras.Sequential([Input((4,)), Dense(3), Fixed(), Dense(2)])
"""
VARIABLE = """
import keras
from keras.layers import Dense, Input, Lambda

scale = keras.Variable(2.0)
model = keras.Sequential([Input((4,)), Dense(3), Lambda(lambda x: x * scale), Dense(2)])
"""
WEIGHT = """
import keras
from keras.layers import Dense, Input

@keras.saving.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = self.add_weight(name="scale", shape=(), initializer=keras.initializers.Constant(2.0))

    def call(self, x):
        return x * self.scale

model = keras.Sequential([Input((4,)), Dense(3), Fixed(), Dense(2)])
"""
RECURRENT = """
import keras
from keras import ops
from keras.layers import LSTM, Dense, Dropout, Input, Lambda

model = keras.Sequential([
    Input((4, 3)), LSTM(2, return_sequences=True), Dropout(0.5),
    Lambda(lambda x: x[:, 2] + keras.random.normal(ops.shape(x[:, 2]))), Dense(2),
])
"""
STEP = """
import keras
from keras import ops
from keras.layers import LSTM, Dense, Dropout, Input

@keras.saving.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, x):
        return x[:, 2] + keras.random.normal(ops.shape(x[:, 2]), seed=self.seed_generator)

model = keras.Sequential([
    Input((4, 3)), LSTM(2, return_sequences=True), Dropout(0.5), Fixed(), Dense(2),
])
"""


@pytest.fixture
def gpus(sandbox: Sandbox) -> int:
    """How many GPUs TensorFlow sees."""
    return sandbox.gpus(Platform(Flavour.KERAS_3, "tensorflow", "gpu"))


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
class TestBackend:
    """Each process runs one backend: outputs, gradients, training steps, save and load are compared there too."""

    def test_right_and_wrong_rewrites_are_told_apart(self, verify: Verify, backend: str) -> None:
        right = verify(ORIGINAL, FIXED, backend=backend)
        assert backend in right.keras
        assert str(right.sites[0].verdict) == "agree (12 cases)"
        wrong = verify(ORIGINAL, FIXED.replace("x / 2", "x"), backend=backend)
        assert wrong.sites[0].verdict.kind is Kind.DIFFER

    def test_lost_gradient(self, verify: Verify, backend: str) -> None:
        found = verify(ORIGINAL, FIXED.replace("ops.exp(x / 2)", "ops.stop_gradient(ops.exp(x / 2))"), backend=backend)
        assert found.sites[0].verdict.kind is Kind.DIFFER
        assert "gradient" in found.sites[0].verdict.detail

    def test_weight_in_place_of_a_variable(self, verify: Verify, backend: str) -> None:
        from keras_lambda_lint.diagnostic import IntendedChange

        trains = (IntendedChange.TRAINS_WEIGHT,)
        found = verify(VARIABLE, WEIGHT, intended=trains, backend=backend)
        assert str(found.sites[0].verdict) == "agree except intended (trains-weight)"
        lost = verify(VARIABLE, WEIGHT.replace("Constant(2.0)", "Constant(1.0)"), intended=trains, backend=backend)
        assert "initial value" in lost.sites[0].verdict.detail

    def test_random_layer_behind_a_recurrent_one(self, verify: Verify, backend: str) -> None:
        """A loop that is traced calls the cell of the `LSTM`; seeds are variables of whole numbers."""
        right = verify(RECURRENT, STEP, backend=backend)
        assert right.sites[0].verdict.kind is Kind.AGREE
        wrong = verify(RECURRENT, STEP.replace("x[:, 2] +", "x[:, 1] +"), backend=backend)
        assert wrong.sites[0].verdict.kind is Kind.DIFFER


@pytest.mark.execution
class TestPlaces:
    """What cannot run somewhere is said once; what was skipped counts for nothing."""

    def test_missing_backend_says_what_to_install(self, verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
        find = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jax" else find(name))
        with pytest.raises(VerifyError, match=r"^JAX is not installed: pip install jax$"):
            verify(ORIGINAL, FIXED, backend="tensorflow,jax")

    def test_unknown_backend_and_device(self, verify: Verify) -> None:
        with pytest.raises(VerifyError, match="unknown backend 'theano': choose from tensorflow, jax, torch"):
            verify(ORIGINAL, FIXED, backend="theano")
        with pytest.raises(VerifyError, match="unknown device 'tpu': choose from cpu, gpu, all"):
            verify(ORIGINAL, FIXED, device="tpu")

    def test_logical_device_holds_the_variables(self, verify: Verify) -> None:
        check = 'assert "CPU:1" in model.layers[0].kernel.value.device, model.layers[0].kernel.value.device\n'
        found = verify(ORIGINAL + check, FIXED + check, device="cpu:1")
        assert found.device == "CPU:1"
        assert str(found.sites[0].verdict) == "agree (12 cases)"

    def test_random_operations_have_the_seed_that_deterministic_ones_ask_for(self, verify: Verify) -> None:
        """As on a GPU, where TensorFlow refuses random numbers without a seed: also to the loaded model."""
        noisy = [
            "import tensorflow as tf\n" + text.replace("ops.exp(x / 2)", "x + tf.random.normal(tf.shape(x))")
            for text in (ORIGINAL, FIXED)
        ]
        noisy = [text.replace("from keras import ops\n", "").replace("saving", "utils") for text in noisy]
        verdict = verify(*noisy, keras="2", device="cpu:1").sites[0].verdict
        assert str(verdict) == "agree (12 cases)"
        assert verdict.after == "reloads and agrees"

    def test_all_devices_without_a_gpu(self, verify: Verify, gpus: int) -> None:
        if gpus:
            pytest.skip("a GPU is visible: test_gpu runs instead")
        found = verify(ORIGINAL, FIXED, device="all")
        assert found.holds
        assert found.promotes(0)
        assert [str(each.instead) for each in found.also] == ["no GPU: skipped"]
        assert as_json([found])[1]["instead"]["text"] == "no GPU: skipped"
        with pytest.raises(VerifyError, match="no GPU is visible to TensorFlow"):
            verify(ORIGINAL, FIXED, device="gpu")


@pytest.mark.gpu
@pytest.mark.execution
@pytest.mark.parametrize("keras", ["3", "2"])
def test_gpu(verify: Verify, gpus: int, keras: str) -> None:
    """The models agree on each GPU, and the fixed model with its run on the CPU."""
    if not gpus:
        pytest.skip("no GPU is visible to TensorFlow")
    texts = [
        text.replace("ops.exp(x / 2)", "x / 2").replace("from keras import ops\n", "") for text in (ORIGINAL, FIXED)
    ]
    found = verify(*(text.replace("saving", "utils") for text in texts), keras=keras, device="all")
    assert_agrees_on_each_gpu(found, gpus)


@pytest.mark.gpu
@pytest.mark.execution
@pytest.mark.parametrize("backend", BACKENDS)
def test_gpu_of_another_backend(verify: Verify, sandbox: Sandbox, backend: str) -> None:
    count = sandbox.gpus(Platform(Flavour.KERAS_3, backend, "gpu"))
    if not count:
        pytest.skip(f"no GPU is visible to {backend}")
    assert_agrees_on_each_gpu(verify(ORIGINAL, FIXED, backend=backend, device="all"), count)


def assert_agrees_on_each_gpu(found: Verification, count: int) -> None:
    assert len(found.also) == count
    assert all("GPU" in each.device for each in found.also)
    assert {str(site.verdict) for each in (found, *found.also) for site in each.sites} == {"agree (12 cases)"}
    assert found.holds


class TestEnvironment:
    """What a process is told before it imports anything."""

    def test_the_flags_of_a_person_stay(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_cuda_data_dir=/opt/cuda")
        for device, own in (("gpu:0", "--xla_gpu_deterministic_ops=true"), ("cpu:1", "device_count=2")):
            flags = environment(Platform(Flavour.KERAS_3, "jax", device), tmp_path)["XLA_FLAGS"]
            assert flags.startswith("--xla_gpu_cuda_data_dir=/opt/cuda --xla")
            assert flags.endswith(own)

    def test_the_cpu_sees_no_gpu(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
        on_cpu, on_gpu = (environment(Platform(Flavour.KERAS_3, "torch", each), tmp_path) for each in ("cpu", "gpu:0"))
        assert (on_cpu["CUDA_VISIBLE_DEVICES"], on_gpu["CUDA_VISIBLE_DEVICES"]) == ("", "3")

    def test_importing_keras_starts_no_gpu(self, tmp_path: Path) -> None:
        """Keras on PyTorch asks for a GPU when it is imported: a process forked from one where CUDA runs cannot use it."""
        on_gpu = environment(Platform(Flavour.KERAS_3, "torch", "gpu:0"), tmp_path)
        assert on_gpu["PYTORCH_NVML_BASED_CUDA_CHECK"] == "1"


def test_a_backend_that_cannot_look_for_gpus_has_none(tmp_path: Path) -> None:
    def fails() -> int:
        raise RuntimeError("the driver is too old")

    assert in_child(lambda: 3) == 3
    assert in_child(fails) == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import tensorflow as tf\nf = lambda x: tf.square(x)", "tf.square"),
        ("import tensorflow\ndef f(x):\n    return tensorflow.math.exp(x)", "tensorflow.math.exp"),
        ("from tensorflow import math as m\ndef f(x):\n    return m.exp(x)", "m.exp"),
        ("import tensorflow as tf\nscale = tf.Variable(1.0)", "tf.Variable"),
        ("import tensorflow.compat.v1 as tf\nf = lambda x: tf.exp(x)", "tf.exp"),
        ("import tensorflow as tf\nx = tf.ones((1, 4))", None),
        (
            "import tensorflow as tf\ndef f():\n    tf.random.set_seed(0)\n    return tf.keras.Input((1,), dtype=tf.int32)",
            None,
        ),
        ("from tensorflow.keras.layers import Lambda\nf = lambda x: Lambda(x)", None),
        ("tf = 1\nf = lambda x: tf.square(x)", None),
        ("from tensorflow.keras import backend as K\nf = lambda x: K.sum(x)", "K.sum"),
        ("import tensorflow as tf\nscale = tf.keras.backend.variable(1.0)", "tf.keras.backend.variable"),
        ("from tensorflow.keras import backend as K\nf = lambda x: x.shape[-1] / K.epsilon() ** K.ndim(x)", None),
        ("from keras import backend as K\nf = lambda x: K.sum(x)", None),
    ],
)
def test_use_of_tensorflow(text: str, name: str | None) -> None:
    found = tensorflow_use.first_use(Source("f.py", text))
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import keras\nfrom keras import layers, ops", "keras.ops"),
        ("from keras.ops import mean as m", "keras.ops.mean"),
        ("import keras.random", "keras.random"),
        ("import tensorflow as tf\ndef f(x):\n    return tf.keras.ops.mean(x)", "tf.keras.ops.mean"),
        ("import tf_keras as k\nlayer = k.layers.RMSNormalization()", "k.layers.RMSNormalization"),
        ("from tensorflow import keras\nvariable = keras.Variable(1.0).value", "keras.Variable"),
        ("from tensorflow.keras.layers import Dense, RMSNormalization", "tensorflow.keras.layers.RMSNormalization"),
        ("import keras\nkeras.layers.Dense(1)(keras.random.normal((1,)))", "keras.random.normal"),
        ("try:\n    from keras import ops\nexcept ImportError:\n    from keras import backend as ops", None),
        (
            "import keras\nif hasattr(keras, 'ops'):\n    mean = keras.ops.mean\nelse:\n    mean = keras.backend.mean",
            None,
        ),
        ("import keras\nmean = keras.ops.mean if hasattr(keras, 'ops') else keras.backend.mean", None),
        ("from keras.layers import Lambda\nfrom ops import mean\nLambda(lambda x: x.ops)", None),
        ("import keras\nkeras.saving.get_custom_objects()\nkeras.optimizers.Muon()", None),
    ],
)
def test_need_of_keras_3(text: str, name: str | None) -> None:
    found = keras_3_use.first_use(Source("f.py", text))
    assert (found and found.name) == name
