"""Ways to run a model in which only some rewrites show that they are wrong."""

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = "import keras\nimport tensorflow as tf\nfrom keras.layers import Embedding, Input, Lambda\n"
CLASS = """
@keras.utils.register_keras_serializable(package="test")
class Fixed{number}(keras.layers.Layer):
    def call(self, x, training=None, mask=None):
        return {body}
{more}
"""
LAMBDA = r"Lambda\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
PASSES_MASKS = """
    def compute_mask(self, inputs, mask=None):
        return mask
"""
LIES = """
    def compute_output_shape(self, input_shape):
        return (None, 7)
"""

WRONG = {
    "mixed precision": ("tf.nn.tanh(x)", "tf.cast(tf.nn.tanh(tf.cast(x, 'float32')), 'float32')", ""),
    "masked inputs": ("tf.nn.relu(x)", "tf.nn.relu(x)", PASSES_MASKS),
    "declared shape": ("x * 3", "x * 3", LIES),
    "a mask that only training makes": ("x * 1.0 if training else x", "x * 1.0 if training else x", PASSES_MASKS),
    "what a mask hides": ("x * 2", "x * (2 if mask is None else 3)", ""),
    "a mask of what comes back as it is": ("x", "tf.identity(x)", ""),
    "a graph": ("x * 2", "x * (2 if tf.executing_eagerly() else 3)", ""),
    "a graph in training": ("x * 2", "x * (3 if training and not tf.executing_eagerly() else 2)", ""),
    "a larger batch": ("x * 2", "x * (2 if x.shape[0] in (None, 1, 3) else 3)", ""),
    "a list for a tensor": ("x * 2", "[x * 2]", ""),
    "other names": ("{'a': x, 'b': x * 2}", "{'a': x, 'c': x * 2}", ""),
}
"""What shows it, the two functions, and more methods of the layer: all beside layers that are right."""


def test_modes_that_run_layers_alone(verify, keras):
    original = HEAD + "inputs = Input((4,))\nmodel = keras.Model(inputs, [\n"
    fixed = HEAD
    for number, (_, body, more) in enumerate(WRONG.values()):
        fixed += CLASS.format(number=number, body=body, more=more)
    fixed += CLASS.format(number=99, body="tf.nn.tanh(x) * 2", more="")
    fixed += "inputs = Input((4,))\nmodel = keras.Model(inputs, [\n"
    for number, (body, _, _) in enumerate(WRONG.values()):
        original += f"    Lambda(lambda x, training=None: {body})(inputs),\n"
        fixed += f"    Fixed{number}()(inputs),\n"
    end = "])\n"
    original += "    Lambda(lambda x: tf.nn.tanh(x) * 2)(inputs),\n" + end
    fixed += "    Fixed99()(inputs),\n" + end
    found = verify(original, fixed, (LAMBDA, r"Fixed\d+\(\)"), keras=keras)

    *wrong, right = [site.verdict for site in found.sites]
    assert dict(zip(WRONG, [each.kind for each in wrong], strict=True)) == dict.fromkeys(WRONG, Kind.DIFFER)
    assert " in mixed precision, input normal, batch 3, dtype float16 became float32" in wrong[0].detail
    assert " mask of output 0 with masked inputs, " in wrong[1].detail
    assert wrong[2].detail == "its compute_output_shape says (None, 7), and output 0 has (3, 4)" or keras == "3"
    assert wrong[5].detail == "fixed5 mask of output 0 with masked inputs, input normal, batch 3, does not exist"
    assert wrong[7].detail.startswith("fixed7 in tf.function with training=True, input normal, batch 3, error ")
    assert wrong[8].detail.startswith("fixed8 with a larger batch, ")
    assert wrong[9].detail == "fixed9 returns 1 tensors in a list, the original a tensor"
    assert wrong[10].detail == "fixed10 returns a dictionary of `a`, `c`, the original a dictionary of `a`, `b`"
    assert str(right) == "agree (12 cases)"


def test_a_model_that_xla_compiled_and_does_not_any_more(verify):
    model = "inputs = Input((4,))\nmodel = keras.Model(inputs, {0}(inputs))\n"
    body = "tf.ensure_shape(tf.py_function(lambda a: a * 2, [x], x.dtype), (None, 4))"
    original = HEAD + model.format("Lambda(lambda x: x * 2)")
    fixed = HEAD + CLASS.format(number=0, body=body, more="") + model.format("Fixed0()")
    verdict = verify(original, fixed, (LAMBDA, r"Fixed0\(\)")).sites[0].verdict

    assert verdict.kind is Kind.DIFFER
    assert verdict.detail.startswith("compiled by XLA it fails: ")


def test_whole_numbers_stay_within_the_range_that_is_given(verify):
    table = "table = tf.constant([[1.0], [2.0], [3.0]])\n"
    model = 'inputs = Input((4,), dtype="int32")\nmodel = keras.Model(inputs, {0}(inputs))\n'
    original = HEAD + table + model.format("Lambda(lambda x: tf.gather(table, x), output_shape=(4, 1))")
    fixed = HEAD + table + CLASS.format(number=0, body="tf.gather(table, x)", more="") + model.format("Fixed0()")
    calls = (LAMBDA, r"Fixed0\(\)")

    assert verify(original, fixed, calls).sites[0].verdict.kind is Kind.UNCOVERED
    assert verify(original, fixed, calls, int_range=(0, 3)).sites[0].verdict.agrees


def test_whole_numbers_that_half_precision_cannot_count_to(verify):
    model = 'inputs = Input((4,), dtype="int32")\nmodel = keras.Model(inputs, {0}(inputs))\n'
    body = 'tf.cast(tf.cast(x, "float16"), "int32")'
    original = HEAD + model.format("Lambda(lambda x: x + 0)")
    fixed = HEAD + CLASS.format(number=0, body=body, more="") + model.format("Fixed0()")

    verdict = verify(original, fixed, (LAMBDA, r"Fixed0\(\)")).sites[0].verdict
    assert verdict.kind is Kind.DIFFER
    assert "input wide, batch 1" in verdict.detail


def test_padded_sequences_are_tried_where_masks_are_made(verify):
    model = """
tokens = Input((5,), dtype="int32")
x = Embedding(9, 4, mask_zero=True)(tokens)
model = keras.Model(tokens, keras.layers.LSTM(2)({0}(x)))
"""
    right = CLASS.format(number=0, body="x * 2", more="")
    found = verify(
        HEAD + model.format("Lambda(lambda x: x * 2)"), HEAD + right + model.format("Fixed0()"), (LAMBDA, r"Fixed0\(\)")
    )

    assert str(found.sites[0].verdict) == "agree (14 cases)"


def test_a_weight_of_tf_keras_is_cast_in_mixed_precision_as_the_array_was(verify):
    program = """
import numpy as np
import tensorflow as tf
from tf_keras.layers import Dense, Input, Lambda
import tf_keras as keras

table = np.array([1, 2, 3])

@keras.utils.register_keras_serializable(package="test")
class Fixed(keras.layers.Layer):
    def __init__(self, table=None, **kwargs):
        super().__init__(**kwargs)
        start = 0.0 if table is None else table
        self.table = self.add_weight(
            name="table", shape=(3,), initializer=keras.initializers.Constant(start), trainable=False
        )

    def call(self, inputs):
        return inputs + self.table

    def get_config(self):
        return super().get_config()

inputs = Input((3,))
model = keras.Model(inputs, Dense(2)({layer}(inputs)))
"""
    original, fixed = (program.replace("{layer}", each) for each in ("Lambda(lambda x: x + table)", "Fixed(table)"))
    intended = (IntendedChange.TRAINS_WEIGHT,)
    verdict = verify(original, fixed, intended=intended, keras="2").sites[0].verdict

    assert verdict.agrees, str(verdict)
