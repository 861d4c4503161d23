"""How models are found: scripts that train, end early, raise, wait, write; functions that build."""

import os
import time

import pytest

from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = """
import keras
import tensorflow as tf
from keras.layers import Dense, Input, Lambda

{definition}
"""
LAYER = """
@keras.utils.register_keras_serializable(package="test")
class Fixed(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2
"""
MODEL = """
inputs = Input((4,))
model = keras.Model(inputs, Dense(2)({layer}(inputs)))
"""


def pair(program: str) -> tuple[str, str]:
    """Return a program that has `{layer}` once with the original call and with its replacement."""
    return (
        HEAD.format(definition="") + program.replace("{layer}", "Lambda(lambda x: x * 2)"),
        HEAD.format(definition=LAYER) + program.replace("{layer}", "Fixed()"),
    )


@pytest.mark.parametrize(
    "program",
    [
        "import sys\n" + MODEL + "sys.exit(3)\n",
        "import os\n" + MODEL + "os._exit(3)\n",
        MODEL + "raise RuntimeError('no data')\n",
        MODEL + "other = keras.models.load_model('trained.keras')\nother.summary()\n",
        MODEL + "import socket\nsocket.create_connection(('127.0.0.1', 80))\n",
        MODEL + "answer = input('which file? ')\n",
        "try:\n    import matplotlib.pyplot as plt\nexcept ImportError:\n    plt = None\n" + MODEL,
    ],
    ids=["sys.exit", "os._exit", "raises", "load_model", "network", "input", "unavailable module"],
)
def test_models_built_before_a_script_ends_count(verify, program):
    assert verify(*pair(program)).sites[0].verdict.kind is Kind.AGREE


@pytest.mark.parametrize(
    "data",
    [
        "np.zeros((8, 4), 'float32'), np.zeros((8, 2))",
        "tf.data.Dataset.from_tensor_slices((np.zeros((8, 4), 'float32'), np.zeros((8, 2)))).batch(4)",
        "((np.zeros((2, 4), 'float32'), np.zeros((2, 2))) for _ in range(3))",
        "[[0.0, 1.0, 2.0, 3.0]] * 8, [[0.0, 1.0]] * 8",
    ],
    ids=["arrays", "dataset", "generator", "lists"],
)
def test_data_given_to_fit_tells_the_input_shape(verify, keras, data):
    program = f"""
import numpy as np
model = keras.Sequential([Dense(3), {{layer}}, Dense(2)])
model.compile("sgd", "mse", metrics=["mae"])
history = model.fit({data}, epochs=3)
print(history.history["val_mae"][-1], model.evaluate(np.zeros((2, 4)), np.zeros((2, 2)))[1])
print(model.predict(np.zeros((5, 4))).shape[0] + 1, model.count_params())
"""
    assert str(verify(*pair(program), keras=keras).sites[0].verdict) == "agree (12 cases)"


def test_a_model_whose_input_is_unknown_is_uncovered(verify):
    verdict = verify(*pair("model = keras.Sequential([Dense(3), {layer}])")).sites[0].verdict

    assert verdict.kind is Kind.UNCOVERED
    assert "its input shape is unknown" in verdict.detail
    assert not verdict.holds


def test_subclassed_models(verify, keras):
    program = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Dense(3)
        self.middle = {layer}
        self.last = Dense(2)

    def call(self, inputs):
        return self.last(self.middle(self.first(inputs)))


net = Net()
net(tf.zeros((2, 4)))
"""
    found = verify(*pair(program), keras=keras)

    assert found.sites[0].verdict.kind is Kind.AGREE
    assert [model.name for model in found.models] == ["net"]


def test_functions_that_build_models_are_called(verify, keras):
    program = """
def build(units=3):
    inputs = Input((4,))
    return keras.Model(inputs, Dense(units)({layer}(inputs)))


def train(data):
    build().fit(data)


if __name__ == "__main__":
    raise SystemExit("usage: program DATA")
"""
    found = verify(*pair(program), keras=keras)

    assert found.sites[0].verdict.kind is Kind.AGREE
    assert len(found.models) == 1


def test_a_function_called_twice_makes_two_layers_of_one_site(verify):
    program = """
def build(units):
    inputs = Input((4,))
    return keras.Model(inputs, Dense(units)({layer}(inputs)))


first, second = build(2), build(3)
"""
    found = verify(*pair(program))

    assert len(found.sites[0].layers) == 2
    assert [model.verdict.kind for model in found.models] == [Kind.AGREE, Kind.AGREE]
    assert found.sites[0].verdict.kind is Kind.AGREE


def test_two_calls_on_one_line_are_told_apart(verify):
    line = "model = keras.Model(inputs, {0}({1}(inputs)))\n"
    head = HEAD.format(definition=LAYER.replace("inputs * 2", "inputs * 2") + "\nWrong = Fixed")
    original = head + "inputs = Input((4,))\n" + line.format("Lambda(lambda x: x + 3)", "Lambda(lambda x: x * 2)")
    fixed = head + "inputs = Input((4,))\n" + line.format("Fixed()", "Fixed()")

    first, second = verify(original, fixed).sites

    assert first.verdict.kind is Kind.DIFFER
    assert second.verdict.kind is Kind.AGREE


def with_a_module_that_is_not_installed(program: str) -> tuple[str, str]:
    """Return the pair of a program whose layer cannot be compared alone either."""
    original, fixed = pair("import no_such_plots\n" + program)
    return original.replace("x * 2", "no_such_plots.f(x)"), fixed.replace("inputs * 2", "no_such_plots.f(inputs)")


def test_code_that_does_not_run_is_uncovered(verify):
    program = MODEL.replace("{layer}", "Dense(3)") + "if model is None:\n    layer = {layer}\n"
    verdict = verify(*with_a_module_that_is_not_installed(program)).sites[0].verdict

    assert str(verdict) == "uncovered (the code at line 12 did not run)"
    assert str(verify(*pair(program)).sites[0].verdict) == "agree (12 cases, alone, arguments made up)"


def test_what_depends_on_a_statement_that_fails_is_uncovered_with_the_line(verify):
    program = "units = int(open('units.txt').read())\n" + MODEL.replace("Input((4,))", "Input((units,))")
    verdict = verify(*with_a_module_that_is_not_installed(program)).sites[0].verdict

    assert verdict.kind is Kind.UNCOVERED
    assert "did not run: the program fails with FileNotFoundError: " in verdict.detail
    assert verdict.detail.endswith("(line 8)")


def test_a_fixed_file_that_fails_is_an_error(verify):
    original, fixed = pair(MODEL)
    verdict = verify(original, fixed.replace("Dense, Input, Lambda", "Dense, Input, Lambda, Missing")).sites[0].verdict

    assert verdict.kind is Kind.ERROR
    assert "ImportError" in verdict.detail


@pytest.mark.parametrize("end", ["", "raise RuntimeError('no data')\n"], ids=["to the end", "until it stops"])
def test_a_fixed_script_that_fails_where_the_original_goes_on_is_an_error(verify, end):
    verdict = verify(*pair(MODEL + "print(model.layers[1].function)\n" + end)).sites[0].verdict

    assert verdict.kind is Kind.ERROR
    assert verdict.detail.startswith("the fixed script ends with AttributeError: 'Fixed' object has no attribute")
    assert verdict.shared


def test_a_fixed_function_that_fails_where_the_original_does_not_is_an_error(verify):
    original, fixed = pair(MODEL + "def other():\n    return helper()\n\n\ndef helper():\n    return 1\n")
    verdict = verify(original, fixed.replace("def helper", "def renamed")).sites[0].verdict

    assert str(verdict).startswith("error: the fixed function other ends with NameError: name 'helper'")


def test_a_script_that_does_not_end_is_ended_and_what_it_built_counts(verify):
    started = time.monotonic()
    verdict = verify(*pair(MODEL + "if __name__ == '__main__':\n    while True: pass\n"), timeout=9.0).sites[0].verdict

    assert verdict.kind is Kind.AGREE
    assert time.monotonic() - started < 40


def test_a_script_that_cannot_be_ended_is_killed(verify):
    program = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass\n"
    verdict = verify(*pair(program + MODEL), timeout=2.0).sites[0].verdict

    assert str(verdict) == "uncovered (did not end within 2 s)"


def test_a_script_that_kills_its_process_is_uncovered(verify):
    verdict = verify(*pair("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n" + MODEL)).sites[0].verdict

    assert verdict.kind is Kind.UNCOVERED
    assert "signal SIGSEGV" in verdict.detail


def test_what_a_script_prints_does_no_harm(verify, capfd):
    program = """
import os, sys
print('{"code": 0, "timeout": false}' * 1000)
sys.stderr.write("\\x1b[2J\\udc80" * 100)
for descriptor in range(3, 30):
    try:
        os.write(descriptor, b'{"code": 0}\\n')
    except OSError:
        pass
sys.stdout.close()
"""
    assert verify(*pair(program + MODEL)).sites[0].verdict.kind is Kind.AGREE
    assert capfd.readouterr().out == ""


def test_what_a_script_writes_lands_in_the_scratch_directory(verify, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = """
import os, pathlib, tempfile
pathlib.Path("here.txt").write_text("x")
pathlib.Path("~/home.txt").expanduser().write_text("x")
pathlib.Path(tempfile.gettempdir(), "kll-temporary.txt").write_text("x")
model_file = "model.keras"
"""
    verify(*pair(program + MODEL + "model.save(model_file)\n"))

    assert sorted(os.listdir(tmp_path)) == ["program.py"]
    assert not os.path.exists(os.path.expanduser("~/home.txt"))
    assert not os.path.exists("/tmp/kll-temporary.txt")


def test_local_modules_are_found(verify, tmp_path):
    (tmp_path / "settings.py").write_text("UNITS = 3\n", encoding="utf-8")
    program = "import settings\n" + MODEL.replace("Dense(2)", "Dense(settings.UNITS)")

    assert verify(*pair(program)).sites[0].verdict.kind is Kind.AGREE


def test_tf_keras_and_legacy_files_run_on_tf_keras(verify):
    for spelling in (
        "import tf_keras as keras\n",
        "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nfrom tensorflow import keras\n",
    ):
        texts = (
            text.replace("import keras\n", spelling).replace("from keras.layers", "from tf_keras.layers")
            for text in pair(MODEL)
        )
        found = verify(*texts)
        assert found.keras.startswith("tf_keras ")
        assert found.sites[0].verdict.kind is Kind.AGREE


@pytest.mark.parametrize("keras", ["2", "3"])
def test_tf_dot_keras(verify, keras):
    texts = (
        text.replace("import keras\n", "").replace("from keras.layers", "from tensorflow.keras.layers")
        .replace("keras.Model", "tf.keras.Model").replace("keras.layers.Layer", "tf.keras.layers.Layer")
        .replace("@keras", "@tf.keras")
        for text in pair(MODEL)
    )  # fmt: skip
    found = verify(*texts, keras=keras)

    assert found.keras.startswith("tf_keras " if keras == "2" else "keras ")
    assert found.sites[0].verdict.kind is Kind.AGREE
