"""Which files are parsed at all."""

from __future__ import annotations

import pytest

from keras_lambda_lint.source.gate import names_our_codes, passes

TRIGGERS = [
    "keras.layers.Lambda(f)",
    "from keras.layers import *\nLambda(f)",
    "import tensorflow as tf\ntf.keras.layers.Lambda(f)",
    "from tf_keras.layers import Lambda as L",
    "class Mine(keras.layers.Layer): pass",
    "class Mine(keras.Model): pass",
    "keras.models.load_model('m.h5', objects)",
    "keras.models.load_model(\n    os.path.join(folder, 'm.h5'),\n    objects,\n)",
    "from keras.models import load_model as load\nload('m.h5', objects)",
    "keras.models.load_model(path, custom_objects={})",
    "keras.utils.get_custom_objects()['f'] = f",
    "custom_objects = {'f': f}  # keras",
    "with keras.utils.custom_object_scope({}): pass",
    "@keras.saving.register_keras_serializable()",
    "keras.config.enable_unsafe_deserialization()",
    "keras.models.load_model(path, safe_mode=False)",
    "keras.layers.Dense(3, activation=f)",
    "keras.layers.Dense(3, kernel_initializer = f)",
    "keras.layers.Dense(3, kernel_regularizer=f)",
    "keras.layers.Dense(3, kernel_constraint=f)",
    "model.compile(loss=f)  # keras",
    "model.compile(metrics=[f])  # keras",
    "from keras import backend as K",
    "model.compile(metrics=['mae', f])  # keras",
    "keras.layers.Dense(3, activation = f)",
    "from keras.layers.core import Dense",
    "from keras.layers import merge",
    "from tensorflow.keras.saving import get_custom_objects",
    "from keras.utils.visualize_util import plot",
    "K = importlib.import_module('keras.backend')",
    "from keras.layers import Layer as Base\nclass Mine(Base): pass",
    "from keras.layers import Layer\nBase = Layer\nclass Mine(Mixin(int), Base): pass",
    "keras.layers.Dense(3,  # wide\n    kernel_initializer=f)",
    '"""Uses keras."""\nLambda(f)\n"""The end."""',
    '# keras: open with """\nkeras.layers.Lambda(f)\n# and close with """',
    'text = \'"""\'\nkeras.layers.Lambda(f)\ntext = \'"""\'',
    "text = '''\n\"\"\"'''\nkeras.layers.Lambda(f)\ntext = '''\n\"\"\"'''",
]


@pytest.mark.parametrize("text", TRIGGERS)
def test_what_a_rule_may_start_from_passes(text: str) -> None:
    assert passes(text.encode())
    assert passes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import os\n",
        "from torchvision.transforms import Lambda\nLambda(lambda x: x)\n",
        "class Mine(Layer):\n    pass\n",
        "import keras\nprint(keras.__version__)\n",
        "import tensorflow as tf\nprint(tf.constant(1.0))\n",
        "loss = f(activation=g)\n",
        "keras.layers.Dense(3, activation='relu', kernel_initializer=None)\n",
        "model.compile(loss='mse', metrics=['mae', \"acc\"])  # keras\n",
        "import tensorflow as tf\ntf.Variable(1.0)\n",
        "keras.models.load_model('m.h5')",
        "def load(path, custom_objects=None): keras.build(path, custom_objects=custom_objects)",
        "from keras import layers\nself.kernel_initializer = f",
        "from keras.engine_room import Layer\nclass TestLayer(unittest.TestCase): pass",
        '@keras_export("keras.backend.abs", "keras.layers.core.Dense")\ndef abs(x): pass\n',
        "keras.random.uniform((3,))",
        'def f(x):\n    """Calls keras.layers.Lambda(f) for you."""\n',
        'text = """keras.layers.Lambda(f)\n"""\nprint(text)\n',
    ],
)
def test_what_no_rule_starts_from_does_not(text: str) -> None:
    assert not passes(text.encode())


def test_undecodable_bytes_are_no_obstacle() -> None:
    assert passes(b"# \xff\xfe\nimport keras\nkeras.layers.Lambda(f)\n")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"x = 1  # noqa: KLL101", True),
        (b"x = 1  # NOQA:E501,kll2", True),
        (b"x = 1  # noqa", False),
        (b"x = 1  # noqa: E501\n# KLL101", False),
    ],
)
def test_comments_that_name_our_codes(data: bytes, named: bool) -> None:
    assert names_our_codes(data) is named
