"""What a layer is where it is made once more, under another policy or from its config: its outputs do not show it."""

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = "import keras\nimport tensorflow as tf\nfrom keras.layers import Input, Lambda\n"
LAMBDA = r"Lambda\((?:[^()]|\([^()]*\))*\)"
CLASS = """
@keras.utils.register_keras_serializable(package="test")
class {name}(keras.layers.Layer):
    def __init__(self, factor=2, **kwargs):
        {first}
        super().__init__(**kwargs)
        self.factor = factor
        self.held = self.add_weight(
            name="held", shape=(), trainable=False, initializer=keras.initializers.Constant(factor)
        )

    def call(self, inputs):
        return inputs * tf.cast(self.held, inputs.dtype)

    def get_config(self):
        return {config}
"""
KEPT = '{**super().get_config(), "factor": self.factor}'
WRONG = {
    "a dtype of its own": ("", "Own()", " made under mixed_float16 computes in float32, the original in float16"),
    "a dtype that is lost": (
        "dtype='float32'",
        "Right()",
        "computes in float16 with variables of float32, the original in float32",
    ),
    "not frozen": ("trainable=False", "Right()", "trainable=False of right"),
    "a name that the config leaves out": (
        "name='twice'",
        "Nameless(name='twice')",
        "the config of twice leaves out `name`",
    ),
    "a name like that which Keras makes up": (
        "name='made_up'",
        "MadeUp(name='made_up')",
        "the config of made_up leaves out `name`",
    ),
    "an entry that a weight hides": ("", "Other()", "the config of other does not keep `factor`"),
    "right": ("dtype='float32', trainable=False", "Right(dtype='float32', trainable=False)", ""),
}
"""Options of the `Lambda`, what takes its place, and what is said of it: all in one model."""


def test_what_no_output_shows(verify, keras):
    intended = (IntendedChange.DECLARED_DTYPE,)
    fixed = HEAD
    for name, first, config in (
        ("Right", "", KEPT),
        ("Own", 'kwargs.setdefault("dtype", "float32")', KEPT),
        ("Nameless", "", '{"factor": self.factor}'),
        ("MadeUp", "", '{"factor": self.factor}'),
        ("Other", "", KEPT.replace("self.factor", "5")),
    ):
        fixed += CLASS.format(name=name, first=first or "pass", config=config)
    original, fixed = (f"{text}inputs = Input((4,))\nmodel = keras.Model(inputs, [\n" for text in (HEAD, fixed))
    for options, layer, _ in WRONG.values():
        original += f"    Lambda(lambda x: x * 2.0, {options})(inputs),\n"
        fixed += f"    {layer}(inputs),\n"
    found = verify(
        f"{original}])\n",
        f"{fixed}])\n",
        (LAMBDA, r"(?:Right|Own|Nameless|MadeUp|Other)\([^()]*\)"),
        intended=intended,
        keras=keras,
    )

    said = dict(zip(WRONG, (site.verdict for site in found.sites), strict=True))
    for name, (_, _, words) in WRONG.items():
        assert said[name].kind is (Kind.DIFFER if words else Kind.AGREE_EXCEPT_INTENDED), f"{name}: {said[name]}"
        assert words in said[name].detail, name
