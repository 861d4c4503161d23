"""Which calls make a Keras `Lambda` layer, which function they take, and which Keras they run on."""

from __future__ import annotations

import pytest
from harness.model import site_of, sites_of

from keras_lambda_lint.sites.model import FunctionForm

FOUND = {
    "import keras": "import keras\nkeras.layers.Lambda(f)",
    "import keras.layers": "import keras.layers\nkeras.layers.Lambda(f)",
    "as": "import keras.layers as KL\nKL.Lambda(f)",
    "from": "from keras.layers import Lambda\nLambda(f)",
    "from as": "from keras.layers import Lambda as L\nL(f)",
    "core": "from keras.layers.core import Lambda\nLambda(f)",
    "core, tensorflow": "from tensorflow.python.keras.layers.core import Lambda\nLambda(f)",
    "tf_keras": "import tf_keras\ntf_keras.layers.Lambda(f)",
    "tf.keras": "import tensorflow as tf\ntf.keras.layers.Lambda(f)",
    "tf.compat.v1": "import tensorflow.compat.v1 as tf\ntf.keras.layers.Lambda(f)",
    "contrib": "from tensorflow.contrib.keras.api.keras.layers import Lambda\nLambda(f)",
    "star": "from keras.layers import *\nLambda(f)",
    "star of keras": "from keras import *\nlayers.Lambda(f)",
    "star of an unknown module": "import keras\nfrom models import *\nLambda(f)",
    "relative star": "import keras\nfrom .common import *\nLambda(f)",
    "injected": "import keras\nlayers = kwargs['layers']\nlayers.Lambda(f)",
    "parameter": "import keras\ndef build(layers):\n    layers.Lambda(f)",
    "assigned": "import keras\nlam = keras.layers.Lambda\nlam(f)",
    "assigned twice": "import keras\na = keras.layers.Lambda\nb = a\nb(f)",
    "fallback": "try:\n    from keras.layers import Lambda\nexcept ImportError:\n    from other import Lambda\nLambda(f)",
    "in a function": "def f():\n    from keras.layers import Lambda\n    return Lambda(g)",
    "source of keras": "from keras.src.layers import Lambda\nLambda(f)",
    "importlib": "import importlib\nKL = importlib.import_module('keras.layers')\nKL.Lambda(f)",
}
NOT_FOUND = {
    "sympy": "import keras\nfrom sympy import Lambda\nLambda(x, y)",
    "sympy star": "import keras\nfrom sympy import *\nLambda(x, y)",
    "torchvision": "import keras\nfrom torchvision import transforms\ntransforms.Lambda(f)",
    "imgaug": "import keras\nimport imgaug.augmenters as iaa\niaa.Lambda(f)",
    "ast": "import keras\nimport ast\nast.Lambda(a, b)",
    "own class": "import keras\nclass Lambda: pass\nLambda(f)",
    "own class hides the import": "from keras.layers import Lambda\nclass Lambda: pass\nLambda(f)",
    "own function": "import keras\ndef Lambda(f): pass\nLambda(f)",
    "unbound": "import keras\nLambda(f)",
    "from another library": "import keras\nfrom other import Lambda\nLambda(f)",
    "method": "import keras\nclass C:\n    def Lambda(self): pass\nC().x",
    "not called": "import keras\nx = isinstance(y, keras.layers.Lambda)",
    "the name in a string": "import keras\nx = 'Lambda(f)'",
    "numpy star": "import keras\nfrom numpy import *\nLambda(f)",
    "LambdaCallback": "import keras\nkeras.callbacks.LambdaCallback(f)",
}


@pytest.mark.parametrize("program", FOUND.values(), ids=FOUND)
def test_lambda_layers_are_found(program: str) -> None:
    assert len(sites_of(program).lambdas) == 1


@pytest.mark.parametrize("program", NOT_FOUND.values(), ids=NOT_FOUND)
def test_other_lambdas_are_not(program: str) -> None:
    assert sites_of(program).lambdas == ()


def test_sites_come_in_the_order_of_the_text() -> None:
    sites = sites_of("from keras.layers import Lambda as L, Lambda\nL(a)\nLambda(b)\nL(c)\nLambda(Lambda(d))\n")
    assert [sites.text(site.span) for site in sites.lambdas] == [
        "L(a)",
        "Lambda(b)",
        "L(c)",
        "Lambda(Lambda(d))",
        "Lambda(d)",
    ]


def test_arguments_have_the_names_of_the_signature() -> None:
    site = site_of("from keras.layers import Lambda\nLambda(f, (3,), None, {'a': 1}, name='n', dtype=d)\n")
    assert list(site.arguments) == ["output_shape", "mask", "arguments", "name", "dtype"]
    assert (site.layer_name, site.is_named, site.unknown_arguments) == ("n", True, False)


@pytest.mark.parametrize(
    ("call", "layer_name", "is_named", "unknown"),
    [
        ("Lambda(f)", None, False, False),
        ("Lambda(f, name=n)", None, True, False),
        ("Lambda(f, name=None)", None, False, False),
        ("Lambda(f, **kwargs)", None, False, True),
        ("Lambda(*args)", None, False, True),
        ("Lambda(function=f, name='a')", "a", True, False),
    ],
)
def test_names_of_layers(call: str, layer_name: str | None, is_named: bool, unknown: bool) -> None:
    site = site_of(f"from keras.layers import Lambda\n{call}\n")
    assert (site.layer_name, site.is_named, site.unknown_arguments) == (layer_name, is_named, unknown)


FORMS = {
    "lambda": ("Lambda(lambda x: x)", [FunctionForm.LAMBDA]),
    "by keyword": ("Lambda(function=lambda x: x)", [FunctionForm.LAMBDA]),
    "name of a lambda": ("f = lambda x: x\nLambda(f)", [FunctionForm.LAMBDA]),
    "name of a name": ("f = lambda x: x\ng = f\nLambda(g)", [FunctionForm.LAMBDA]),
    "walrus": ("Lambda((f := lambda x: x))", [FunctionForm.LAMBDA]),
    "function": ("def f(x): pass\nLambda(f)", [FunctionForm.FUNCTION]),
    "function below": ("def b():\n    Lambda(f)\ndef f(x): pass", [FunctionForm.FUNCTION]),
    "nested": ("def b():\n    def f(x): pass\n    Lambda(f)", [FunctionForm.NESTED]),
    "of a class body": ("class C:\n    def f(x): pass\n    Lambda(f)", [FunctionForm.NESTED]),
    "bound method": (
        "class C:\n    def f(self, x): pass\n    def b(self):\n        Lambda(self.f)",
        [FunctionForm.METHOD],
    ),
    "attribute of self": ("class C:\n    def b(self):\n        Lambda(self.f)", [FunctionForm.OTHER]),
    "imported": ("from a import f\nLambda(f)", [FunctionForm.OTHER]),
    "call": ("Lambda(partial(f, 1))", [FunctionForm.OTHER]),
    "parameter": ("def b(f):\n    Lambda(f)", [FunctionForm.OTHER]),
    "conditional": ("Lambda((lambda x: x) if a else (lambda x: -x))", [FunctionForm.LAMBDA] * 2),
    "loop": ("for f in [lambda x: x, lambda x: -x]:\n    Lambda(f)", [FunctionForm.LAMBDA] * 2),
    "comprehension": ("[Lambda(f) for f in (lambda x: x, g)]", [FunctionForm.LAMBDA, FunctionForm.OTHER]),
    "bound in two arms": (
        "if a:\n    f = lambda x: x\nelse:\n    def f(x): pass\nLambda(f)",
        [FunctionForm.LAMBDA, FunctionForm.FUNCTION],
    ),
    "none": ("Lambda()", []),
}


@pytest.mark.parametrize(("program", "forms"), FORMS.values(), ids=FORMS)
def test_functions_that_reach_a_layer(program: str, forms: list[FunctionForm]) -> None:
    site = site_of(f"from keras.layers import Lambda\n{program}\n")
    assert [function.form for function in site.functions] == forms
    assert (site.function is not None) == (len(forms) == 1)


@pytest.mark.parametrize(
    ("decorator", "registered"),
    [
        ("@keras.saving.register_keras_serializable()", True),
        ("@keras.saving.register_keras_serializable", True),
        ("@keras.utils.register_keras_serializable(package='a', name='b')", True),
        ("@register", True),
        ("@register('a')", True),
        ("@other", False),
        ("@other\n@keras.utils.register_keras_serializable()", True),
    ],
)
def test_registered_functions(decorator: str, registered: bool) -> None:
    head = "import keras\nfrom keras.utils import register_keras_serializable as register\n"
    function = site_of(f"{head}{decorator}\ndef f(x): pass\nkeras.layers.Lambda(f)\n").function
    assert function is not None
    assert function.registered is registered


TARGETS = {
    "import keras": {2, 3},
    "import tensorflow as tf": {2, 3},
    "from tensorflow import keras": {2, 3},
    "import tf_keras": {2},
    "import tf_keras as keras": {2},
    "from tf_keras.layers import Dense": {2},
    "from tensorflow.python.keras import layers": {2},
    "from keras.layers.core import Dense": {2},
    "from keras.layers.merge import concatenate": {2},
    "from keras.engine.topology import Layer": {2},
    "from keras.utils import np_utils": {2},
    "from keras import ops": {3},
    "import keras.ops as K": {3},
    "from keras.saving import register_keras_serializable": {3},
    "import keras\nkeras.ops.sum(x)": {3},
    "import keras as k\nk.ops.sum(x)": {3},
    "import keras\nkeras.random.normal(x)": {3},
    "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport keras": {2},
    "import os\nos.environ.setdefault('TF_USE_LEGACY_KERAS', 'True')\nimport keras": {2},
    "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '0'\nimport keras": {2, 3},
    "from keras.layers import *": {2, 3},
    "from keras.layers.core import *": {2},
    "try:\n    from keras import ops\nexcept ImportError:\n    import tf_keras": {2, 3},
    "import keras_ops": {2, 3},
}


@pytest.mark.parametrize(("program", "expected"), TARGETS.items())
def test_target_keras(program: str, expected: set[int]) -> None:
    program += "\nimport keras.layers as KL\nKL.Lambda(f)\n"
    assert site_of(program).target == expected
    assert sites_of(program, "2").lambdas[0].target == {2}
    assert sites_of(program, "3").lambdas[0].target == {3}


FEEDS = {
    "output": ("x = Lambda(f)(i)\nmodel = Model(i, x)", False),
    "into a layer": ("x = Lambda(f)(i)\ny = Dense(1)(x)", True),
    "into a nested call": ("y = Dense(1)(Lambda(f)(i))", True),
    "into a layer with several inputs": ("y = Add()([Lambda(f)(i), i])", True),
    "into a layer and out": ("x = Lambda(f)(i)\ny = Dense(1)(x)\nreturned = x", False),
    "read by nobody": ("x = Lambda(f)(i)", False),
    "the layer is kept": ("layer = Lambda(f)\nx = layer(i)\ny = Dense(1)(x)", False),
    "in the middle of a Sequential": ("Sequential([Lambda(f), Dense(1)])", True),
    "at the end of a Sequential": ("Sequential([Dense(1), Lambda(f)])", False),
    "in another list": ("steps = [Lambda(f), Dense(1)]", False),
    "into something unknown": ("y = g(Lambda(f)(i))", False),
}


@pytest.mark.parametrize(("program", "expected"), FEEDS.values(), ids=FEEDS)
def test_whether_the_output_only_feeds_layers(program: str, expected: bool) -> None:
    from keras_lambda_lint.sites.usage import feeds_layers_only

    sites = sites_of(
        f"from keras import Input, Model, Sequential\nfrom keras.layers import *\ni = Input((3,))\n{program}\n"
    )
    (site,) = sites.lambdas
    assert feeds_layers_only(site.node, sites.index, sites.values) is expected


CALLED = "keras.layers.Lambda(f)(x)"
AT_ONCE = {
    "call": f"class Own(keras.layers.Layer):\n    def call(self, x):\n        return {CALLED}",
    "in a loop": f"class Own(keras.Model):\n    def call(self, x):\n        for k in range(3):\n            x = {CALLED}",
    "in a comprehension": f"class Own(keras.layers.Layer):\n    def call(self, xs):\n        return [{CALLED} for x in xs]",
    "a step": f"class Own(keras.Model):\n    def train_step(self, x):\n        return {CALLED}",
    "a metric": f"class Own(keras.metrics.Metric):\n    def update_state(self, x, y):\n        {CALLED}",
    "an own base": f"class Base(keras.layers.Layer): pass\nclass Own(Base):\n    def call(self, x):\n        return {CALLED}",
    "an unknown base": f"class Own(unknown.Base):\n    def call(self, x):\n        return {CALLED}",
    "a loss": f"def error(y_true, y_pred):\n    x = y_pred\n    return {CALLED}",
    "a loss class": f"class Own:\n    def call(self, y_true, y_pred):\n        x = y_pred\n        return {CALLED}",
}
LATER = {
    "not called": "class Own(keras.layers.Layer):\n    def call(self, x):\n        layer = keras.layers.Lambda(f)\n        return layer(x)",
    "the constructor": f"class Own(keras.Model):\n    def __init__(self, x):\n        {CALLED}",
    "an object": f"class Own(object):\n    def call(self, x):\n        return {CALLED}",
    "no class of Keras": f"class Own:\n    def call(self, x):\n        return {CALLED}",
    "__call__ on symbolic tensors": f"class Own(keras.layers.Layer):\n    def __call__(self, x):\n        return {CALLED}",
    "the module": CALLED,
    "a builder": f"def build(x):\n    return {CALLED}",
}


@pytest.mark.parametrize("text", AT_ONCE.values(), ids=AT_ONCE)
def test_runs_at_once(text: str) -> None:
    assert site_of("import keras\n" + text).runs_at_once


@pytest.mark.parametrize("text", LATER.values(), ids=LATER)
def test_runs_when_the_model_runs(text: str) -> None:
    assert not site_of("import keras\n" + text).runs_at_once
