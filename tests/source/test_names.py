"""What names mean. Each program ends with an expression; the words are its qualified names."""

from __future__ import annotations

import pytest
from harness.model import index_of, last_expression, qualified

from keras_lambda_lint.source.names import Names

CASES = {
    "import": ("import keras\nkeras.layers.Lambda", {"keras.layers.Lambda"}),
    "import of a submodule": ("import keras.layers\nkeras.layers.Lambda", {"keras.layers.Lambda"}),
    "import as": ("import keras as k\nk.layers.Lambda", {"keras.layers.Lambda"}),
    "import of a submodule as": ("import keras.layers as KL\nKL.Lambda", {"keras.layers.Lambda"}),
    "several imports": ("import os, keras as k\nk.Model", {"keras.Model"}),
    "from": ("from keras import layers\nlayers.Lambda", {"keras.layers.Lambda"}),
    "from as": ("from keras import layers as L\nL.Lambda", {"keras.layers.Lambda"}),
    "from, the class": ("from keras.layers import Lambda\nLambda", {"keras.layers.Lambda"}),
    "from, the class as": ("from keras.layers import Lambda as L\nL", {"keras.layers.Lambda"}),
    "from tensorflow": ("from tensorflow import keras\nkeras.layers.Lambda", {"tensorflow.keras.layers.Lambda"}),
    "tensorflow": ("import tensorflow as tf\ntf.keras.layers.Lambda", {"tensorflow.keras.layers.Lambda"}),
    "relative": ("from . import layers\nlayers.Lambda", {".layers.Lambda"}),
    "relative, two dots": ("from ..nn import layers\nlayers.Lambda", {"..nn.layers.Lambda"}),
    "star": ("from keras.layers import *\nLambda", {"keras.layers.Lambda"}),
    "two stars": ("from keras.layers import *\nfrom a import *\nLambda", {"keras.layers.Lambda", "a.Lambda"}),
    "relative star": ("from .layers import *\nLambda", {".layers.Lambda"}),
    "star, but bound": ("from a import *\nLambda = 1\nLambda", set()),
    "fallback": (
        "try:\n    from keras.layers import Lambda\nexcept ImportError:\n    from tf_keras.layers import Lambda\nLambda",
        {"keras.layers.Lambda", "tf_keras.layers.Lambda"},
    ),
    "either": (
        "if new:\n    import keras\nelse:\n    from tensorflow import keras\nkeras.Model",
        {"keras.Model", "tensorflow.keras.Model"},
    ),
    "alias by assignment": ("import keras\nL = keras.layers\nL.Lambda", {"keras.layers.Lambda"}),
    "alias of the class": ("import keras\nL = keras.layers.Lambda\nL", {"keras.layers.Lambda"}),
    "alias of an alias": ("import keras as k\na = k.layers\nb = a.Lambda\nb", {"keras.layers.Lambda"}),
    "aliases in a tuple": ("import keras\nL, M = keras.layers, keras.Model\nM", {"keras.Model"}),
    "bound to itself over and over": ("import a\nf = a.f\n" + "if c: f = f\n" * 60 + "f", {"a.f"}),
    "alias in an arm": ("import keras, a\nL = keras\nif c:\n    L = a\nL.Model", {"keras.Model", "a.Model"}),
    "conditional expression": ("import keras, a\n(keras if new else a).Model", {"keras.Model", "a.Model"}),
    "or": ("import keras, a\n(keras or a).Model", {"keras.Model", "a.Model"}),
    "walrus": ("import keras\n(L := keras.layers)\nL.Lambda", {"keras.layers.Lambda"}),
    "import_module": ("import importlib\nk = importlib.import_module('keras')\nk.Model", {"keras.Model"}),
    "__import__": ("k = __import__('keras')\nk.Model", {"keras.Model"}),
    "import_module of a variable": ("import importlib\nk = importlib.import_module(name)\nk.Model", {"?.Model"}),
    "builtin": ("Lambda", {"builtins.Lambda"}),
    "own class": ("class Lambda:\n    pass\nLambda", {"<here>.Lambda"}),
    "own function": ("def Lambda():\n    pass\nLambda", {"<here>.Lambda"}),
    "own class hides the import": (
        "from keras.layers import Lambda\nclass Lambda:\n    pass\nLambda",
        {"<here>.Lambda"},
    ),
    "parameter": ("def f(layers):\n    return layers.Lambda\nf", {"<here>.f"}),
    "subscript": ("kwargs['layers'].Lambda", {"?.Lambda"}),
    "result of a call": ("get_layers().Lambda", {"?.Lambda"}),
    "taken from a dict": ("layers = kwargs['layers']\nlayers.Lambda", {"?.Lambda"}),
    "loop variable": ("for k in ks:\n    pass\nk.Model", {"?.Model"}),
    "a literal": ("'keras'.layers", set()),
    "a literal with a name": ("keras = 'keras'\nkeras.layers", set()),
    "unpacked": ("a, b = f()\na.Model", {"?.Model"}),
    "bound to a builtin": ("a = b\nb = a\na.x", {"builtins.b.x"}),
    "a circle": ("while c:\n    a = b\n    b = a\na.x", set()),
}


@pytest.mark.parametrize(("program", "expected"), CASES.values(), ids=CASES)
def test_qualified_names(program: str, expected: set[str]) -> None:
    assert qualified(program) == expected


def test_inside_a_function_the_import_of_the_function_counts() -> None:
    index = index_of("import a as k\ndef f():\n    import keras as k\n    return k.Model\nk.Model")
    inner = index.tree.body[1].body[1].value
    assert Names(index).of(inner) == {"keras.Model"}
    assert Names(index).of(last_expression(index.tree)) == {"a.Model"}


def test_a_parameter_is_of_unknown_origin() -> None:
    index = index_of("import keras\ndef f(keras):\n    return keras.Model\n")
    assert Names(index).of(index.tree.body[1].body[0].value) == {"?.Model"}


def test_stars_are_listed_with_their_dots() -> None:
    names = Names(index_of("from a.b import *\nfrom ..c import *\nfrom . import *\n"))
    assert names.stars == ("a.b", "..c", ".")
