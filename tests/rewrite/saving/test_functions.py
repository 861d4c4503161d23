"""Where a function in a Keras slot keeps its form, and the reason that a person reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.linter import lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.rewrite.saving.factories import class_name
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.diagnostic import Fix

LOADS = 'model.save("m.keras")\nagain = keras.models.load_model("m.keras")\n'
START = "import keras\nimport tensorflow as tf\n\n"
USE = "\nlayer = keras.layers.Activation(f)\n"
TWICE = "def f(x):\n    return 2 * x\n"

REFUSED = {
    "a decorator that may do anything": (f"import functools\n@functools.lru_cache\n{TWICE}{USE}", "is decorated"),
    "a guard": (
        "if __name__ == '__main__':\n    def f(x):\n        return 2 * x\n    layer = keras.layers.Activation(f)\n",
        "only exists when the file is run as a script",
    ),
    "a value of the script": (
        f"def f(x):\n    return rate * x\nif __name__ == '__main__':\n    rate = input()\n{USE}",
        "reads `rate`, which the program sets only when it is run as a script",
    ),
    "a variable": (
        f"scale = tf.Variable(2.0)\ndef f(x):\n    return scale * x\n{USE}",
        "reads `scale`, a variable, which the model file would not hold",
    ),
    "a value that changes": (
        f"rate = 1\ndef f(x):\n    return rate * x\nrate = 2\n{USE}",
        "reads `rate`, which changes while the program runs",
    ),
    "two functions of one name": (f"{TWICE}g = f\n{TWICE}{USE}", "`f` is bound more than once in the module"),
    "a loop": (
        "for k in (1, 2):\n    def f(x):\n        return 2 * x\n    layer = keras.layers.Activation(f)\n",
        "`f` is made in a loop",
    ),
    "a class": (
        "class A:\n    def f(x):\n        return 2 * x\n    layer = keras.layers.Activation(f)\n",
        "`f` belongs to a class",
    ),
    "a default with a value of its own": (
        "def build(k):\n    return keras.layers.Activation(lambda x, k=k: k * x)\n",
        "the default `k` has its value from where the function is made",
    ),
    "a string over several lines": (
        'def build():\n    def f(x):\n        print("""a\n        b""")\n        return 2 * x\n'
        "    return keras.layers.Activation(f)\n",
        "the function holds a string over several lines",
    ),
    "an array in a factory": (
        "import numpy as np\ndef make(k):\n    def f(x):\n        return k * x\n    return f\n"
        "layer = keras.layers.Activation(make(np.ones(3)))\n",
        "`np.ones(3)` (array) is nothing that a config can hold",
    ),
    "a layer in a factory": (
        "def make(k):\n    inner = keras.layers.Dense(k)\n    def f(x):\n        return inner(x)\n    return f\n"
        "layer = keras.layers.Activation(make(3))\n",
        "which the model file would not hold",
    ),
    "a parameter of Keras' own": (
        "def make(name):\n    def f(x):\n        return len(name) * x\n    return f\n"
        'layer = keras.layers.Activation(make("a"))\n',
        "`make` has a parameter `name`, which Keras uses itself",
    ),
    "a captured value that changes": (
        "def build(k):\n    def f(x):\n        return k * x\n    k = 2\n    return keras.layers.Activation(f)\n",
        "`k` changes after the function is made",
    ),
    "a captured value of each turn": (
        "def build():\n    for k in (1, 2):\n        layer = keras.layers.Activation(lambda x: k * x)\n",
        "`k` changes after the function is made",
    ),
    "a function that is called elsewhere too": (
        "def build(k):\n    def f(x):\n        return k * x\n    return f(keras.layers.Activation(f)(k))\n",
        "`f` captures values and is read at several places",
    ),
    "an import inside the function around": (
        "def build():\n    import math\n    return keras.layers.Activation(lambda x: math.pi * x)\n",
        "`math` (import) only exists while this code runs",
    ),
    "a layer made in each run": (
        f"def f(x):\n    return keras.layers.Dense(4)(x)\n{USE}",
        "creates a layer or a variable each time it runs",
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_stays_for_a_person(text: str, reason: str) -> None:
    (finding,) = (each for each in findings(START + text) if each.code == "KLL110")
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


@pytest.mark.parametrize(
    ("name", "passed", "expected"),
    [
        ("a conditional", "(lambda x: 2 * x) if a else (lambda x: 3 * x)", "multiply_by_2 if a else multiply_by_3"),
        ("a list", "[lambda x: x + 1, lambda x: x - 1][a]", "[add_1, subtract_1][a]"),
        ("a name of Keras", "lambda x: tf.nn.gelu(2 * x)", "gelu_activation"),
        ("one that is taken", "lambda keras_: a(keras_)", "a_activation"),
    ],
)
def test_lambdas_get_names_by_what_they_do(name: str, passed: str, expected: str) -> None:
    text = fixed(f"{START}from there import a\n\nlayer = keras.layers.Activation({passed})\n").source.text
    assert f"keras.layers.Activation({expected})" in text, name


def test_a_metric_keeps_its_name_in_logs() -> None:
    text = fixed(
        f"{START}def make_close(size):\n    def close(y, p):\n        return tf.abs(y - p) < size\n\n    return close\n\n\n"
        f'model = keras.Sequential([keras.layers.Dense(3)])\nmodel.compile("sgd", "mse", metrics=[make_close(2)])\n{LOADS}'
    ).source.text
    assert (
        '@keras.utils.register_keras_serializable(package="example")\nclass CloseMetric(keras.metrics.MeanMetricWrapper):\n'
        '    def __init__(self, size, name="close", dtype=None):\n'
        "        super().__init__(make_close(size), name=name, dtype=dtype)\n        self.size = size\n\n"
        "    def get_config(self):\n"
        '        return {"name": self.name, "dtype": self.dtype, "size": self.size}\n'
    ) in text
    assert "metrics=[CloseMetric(2)]" in text


def test_a_tuple_is_one_again_after_loading() -> None:
    text = fixed(
        f"{START}def make(size):\n    def f(x):\n        return tf.reshape(x, size)\n\n    return f\n\n\n"
        "layer = keras.layers.Activation(make((-1, 2)))\n"
    ).source.text
    assert "        self.size = tuple(size)\n" in text
    assert "keras.layers.Activation(MakeActivation((-1, 2)))" in text


@pytest.mark.parametrize(
    ("imported", "called", "expected"),
    [
        (
            "from there import make",
            "make",
            "from there import MakeActivation\n\nlayer = keras.layers.Activation(MakeActivation(2))",
        ),
        ("import there", "there.make", "import there\n\nlayer = keras.layers.Activation(there.MakeActivation(2))"),
    ],
)
def test_the_factory_of_another_file_gets_its_class_there(
    tmp_path: Path, imported: str, called: str, expected: str
) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n", encoding="utf-8")
    factory = "import keras\n\n\ndef make(k):\n    def f(x):\n        return k * x\n\n    return f\n"
    (tmp_path / "there.py").write_text(factory, encoding="utf-8")
    here = Source(
        str(tmp_path / "here.py"), f"import keras\n{imported}\n\nlayer = keras.layers.Activation({called}(2))\n"
    )
    codes = frozenset({"KLL110"})
    outcome = engine.fix(here, lambda text, others: lint(text, codes, fixes=True, others=others), lambda *_: True)
    assert outcome.source.text == f"import keras\n{expected}\n"
    ((before, after),) = outcome.others
    assert before.text == factory
    assert after.text == (
        f'{factory}\n\n@keras.utils.register_keras_serializable(package="demo")\nclass MakeActivation(keras.layers.Layer):\n'
        "    def __init__(self, k, **kwargs):\n        super().__init__(**kwargs)\n        self.k = k\n"
        "        self.function = make(self.k)\n\n"
        "    def call(self, x):\n        return self.function(x)\n\n"
        '    def get_config(self):\n        return {**super().get_config(), "k": self.k}\n'
    )


def project(folder: Path, there: str, here: str) -> dict[str, Fix | None]:
    """Return the fix of the only finding in `here.py` of a project of two files."""
    (folder / "setup.cfg").write_text("[metadata]\nname = demo\n", encoding="utf-8")
    (folder / "there.py").write_text(there, encoding="utf-8")
    source = Source(str(folder / "here.py"), here)
    return {finding.message: finding.fix for finding in lint(source, frozenset({"KLL110"}), fixes=True)}


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        ("", "import keras", "import keras\n\n\n"),
        ('"""Doc."""\n\n\n', "import keras", '"""Doc."""\n\nimport keras\n\n\n'),
        ("import os\n\n\n", "import keras", "import os\n\nimport keras\n\n\n"),
        ("import os\n\nfrom . import a\n\n\n", "import keras", "import os\n\nimport keras\n\nfrom . import a\n\n\n"),
        ("import numpy as np\n\n\n", "import keras", "import keras\nimport numpy as np\n\n\n"),
        ("import tensorflow as tf\n\n\n", "from tensorflow import keras", "import tensorflow as tf\n\n\n"),
        ("import os\n\nimport torch\n\n\n", "import keras", "import os\n\nimport keras\nimport torch\n\n\n"),
        ("import h5py\nimport torch\n\n\n", "import keras", "import h5py\nimport keras\nimport torch\n\n\n"),
        ("import numpy\n\n\n", "from tensorflow import keras", "import numpy\nfrom tensorflow import keras\n\n\n"),
    ],
)
def test_the_file_of_the_function_imports_keras_where_isort_would(
    tmp_path: Path, there: str, here: str, expected: str
) -> None:
    use = f"{here}\n\nfrom there import f\n\nlayer = keras.layers.Activation(f)\n"
    (fix,) = project(tmp_path, there + TWICE, use).values()
    assert fix is not None
    assert fix.edits == ()
    (elsewhere,) = fix.elsewhere
    assert isinstance(elsewhere.source, Source)
    text = elsewhere.source.applied(elsewhere.edits).text
    alias = "tf.keras" if " as tf\n" in expected else "keras"
    assert text == f'{expected}@{alias}.utils.register_keras_serializable(package="demo")\n{TWICE}'


def test_a_lambda_of_another_file_becomes_a_function_there(tmp_path: Path) -> None:
    use = "import keras\n\nfrom there import f\n\nlayer = keras.layers.Activation(f)\n"
    (fix,) = project(tmp_path, "import keras\n\nf = lambda x: 2 * x\n", use).values()
    assert fix is not None
    assert isinstance(fix.elsewhere[0].source, Source)
    assert fix.elsewhere[0].source.applied(fix.elsewhere[0].edits).text == (
        'import keras\n\n\n@keras.utils.register_keras_serializable(package="demo")\ndef f(x):\n    return 2 * x\n'
    )


def test_a_lambda_whose_name_another_file_has_registered(tmp_path: Path) -> None:
    there = 'import keras\n\n\n@keras.utils.register_keras_serializable(package="demo")\ndef multiply_by_2(x):\n    return x\n'
    use = "import keras\n\nlayer = keras.layers.Activation(lambda x: 2 * x)\n"
    (fix,) = project(tmp_path, there, use).values()
    assert fix is not None
    assert Source("here.py", use).applied(fix.edits).text == (
        'import keras\n\n\n@keras.utils.register_keras_serializable(package="demo", name="here.multiply_by_2")\n'
        "def multiply_by_2(x):\n    return 2 * x\n\n\nlayer = keras.layers.Activation(multiply_by_2)\n"
    )


def test_one_function_in_several_places_is_registered_once() -> None:
    text = fixed(START + TWICE + USE + USE).source.text
    assert text.count("register_keras_serializable") == 1


@pytest.mark.parametrize(
    ("factory", "role", "name"),
    [
        ("make_focal", Role.LOSS, "FocalLoss"),
        ("focal_loss", Role.LOSS, "FocalLoss"),
        ("make_loss", Role.LOSS, "CustomLoss"),
        ("loss", Role.LOSS, "CustomLoss"),
        ("get_act", Role.ACTIVATION, "CustomActivation"),
        ("leaky_act", Role.ACTIVATION, "LeakyActivation"),
    ],
)
def test_a_class_is_called_after_what_its_factory_makes(factory: str, role: Role, name: str) -> None:
    assert class_name(factory, role) == name


@pytest.mark.parametrize(
    ("name", "before"),
    [("sum", ""), ("log", "from math import *\n"), ("later", "")],
    ids=["builtin", "star", "unbound"],
)
@pytest.mark.parametrize(
    "made", ["{0} = lambda x: x * 2", "def {0}(x):\n        return x * 2"], ids=["lambda", "nested"]
)
def test_a_function_that_moves_takes_no_name_that_the_file_reads(name: str, before: str, made: str) -> None:
    read = f"def read(values):\n    return {name}(values)\n\n\n"
    build = f"def build():\n    {made.format(name)}\n    return keras.layers.Activation({name})\n"
    tree = ast.parse(fixed(f"{before}import keras\n\n\n{read}{build}").source.text)
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert len(defined) == 3
    assert name not in defined


def test_what_a_loss_captures_hides_nothing_of_a_loss() -> None:
    made = "def build(reduction):\n    model.compile(loss=lambda y, p: reduction * (y - p))\n\n\nbuild(2)\n"
    text = fixed(f"{START}model = keras.Sequential([keras.layers.Dense(1)])\n\n\n{made}{LOADS}").source.text
    assert "model.compile(loss=RescaleLoss(reduction))" in text
    assert "return self.reduction_value * (y - p)" in text
    assert "self.reduction =" not in text


def test_a_factory_without_parameters_runs_once() -> None:
    factory = "def make():\n    seen = []\n\n    def f(x):\n        return x * len(seen)\n\n    return f\n"
    text = fixed(f"{START}{factory}\n\nlayer = keras.layers.Activation(make())\n").source.text
    assert text.count("make()") == 2
    assert "        super().__init__(**kwargs)\n        self.function = make()\n" in text
    assert "get_config" not in text
