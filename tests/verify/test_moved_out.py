"""Rewrites that move something out of the layer: what it captured becomes an input, a weight or a layer before it."""

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

TRAINS = (IntendedChange.TRAINS_WEIGHT,)
HEAD = "import keras\nimport numpy as np\nimport tensorflow as tf\nfrom keras.layers import Dense, Input, Lambda\n"
REGISTERED = '@keras.utils.register_keras_serializable(package="test")\n'
FIXED = r"Fixed\((?:[^()]|\([^()]*\))*\)"
LAMBDA = r"Lambda\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"


def layer(name, body, of="inputs"):
    return f"{REGISTERED}class {name}(keras.layers.Layer):\n    def call(self, {of}):\n        {body}\n\n"


HOLDER = (
    REGISTERED
    + """class Gain(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.gain = self.add_weight(
            name="gain", shape=(), initializer=keras.initializers.Constant({initial}), trainable={trainable}
        )

    def call(self, inputs):
        return self.gain

"""
)


def holder(body="return inputs[0] * inputs[1]", initial=3.0, trainable=True):
    return (
        HEAD
        + HOLDER.format(initial=initial, trainable=trainable)
        + layer("Fixed", body)
        + """
inputs = Input((4,))
gain = Gain()(inputs)
x = Fixed(name="first")([inputs, gain])
model = keras.Model(inputs, Fixed(name="second")([Dense(3)(x), gain]))
"""
    )


SHARED = (
    HEAD
    + """
gain = tf.Variable(3.0)
inputs = Input((4,))
x = Lambda(lambda x: x * gain, name="first")(inputs)
model = keras.Model(inputs, Lambda(lambda x: x * gain, name="second")(Dense(3)(x)))
"""
)


def test_a_variable_of_two_layers_becomes_the_weight_of_one_that_feeds_both(verify, keras):
    found = verify(SHARED, holder(), intended=TRAINS, keras=keras)

    assert [str(site.verdict) for site in found.sites] == ["agree except intended (trains-weight)"] * 2
    assert found.sites[0].verdict.promotes


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"body": "return inputs[0] * inputs[1] * 1.001"}, "layer first, input normal, batch 1, error"),
        ({"initial": 2.0}, "initial value of gain"),
        ({"trainable": False}, "gain does not train"),
    ],
)
def test_a_holder_that_is_wrong_differs(verify, wrong, says):
    site = verify(SHARED, holder(**wrong), intended=TRAINS).sites[0]

    assert site.verdict.kind is Kind.DIFFER
    assert says in site.verdict.detail


CAPTURES = (
    HEAD
    + """
dense = Dense(4)
inputs = Input((4,))
model = keras.Model(inputs, Lambda(lambda x: tf.nn.relu6(dense(x)) * 0.5)(inputs))
"""
)


def moved_out(body, given="dense(inputs)"):
    end = f"\ndense = Dense(4)\ninputs = Input((4,))\nmodel = keras.Model(inputs, Fixed()({given}))\n"
    return HEAD + layer("Fixed", f"return {body}") + end


def test_a_captured_layer_that_is_called_before(verify):
    right = verify(CAPTURES, moved_out("tf.nn.relu6(inputs) * 0.5"), (LAMBDA, r"Fixed\(\)"), TRAINS).sites[0].verdict
    wrong = verify(CAPTURES, moved_out("tf.nn.relu(inputs) * 0.5"), (LAMBDA, r"Fixed\(\)"), TRAINS).sites[0].verdict
    without = moved_out("tf.nn.relu6(inputs) * 0.5", "inputs")
    lost = verify(CAPTURES, without, (LAMBDA, r"Fixed\(\)"), TRAINS).sites[0].verdict

    assert str(right) == "agree except intended (trains-weight)"
    assert wrong.kind is lost.kind is Kind.DIFFER
    assert "layer fixed, input wide" in wrong.detail
    assert "no weight takes the place of the variable dense.kernel" in lost.detail


def test_a_large_array_that_becomes_a_weight(verify):
    table = "table = np.arange(4.0) / 3\ninputs = Input((4,))\nmodel = keras.Model(inputs, {0}(inputs))\n"
    fixed = (
        HEAD
        + REGISTERED
        + """class Fixed(keras.layers.Layer):
    def __init__(self, table=None, size=None, **kwargs):
        super().__init__(**kwargs)
        self.size = len(table) if size is None else size
        self.table = self.add_weight(
            name="table", shape=(self.size,), trainable=False,
            initializer=keras.initializers.Constant(0.0 if table is None else table),
        )

    def call(self, inputs):
        return inputs * self.table

    def get_config(self):
        return {**super().get_config(), "size": self.size}

"""
    )
    original = HEAD + table.format("Lambda(lambda x: x * table)")
    right = verify(original, fixed + table.format("Fixed(table=table)")).sites[0].verdict
    wrong = verify(original, fixed + table.format("Fixed(size=4)")).sites[0].verdict

    assert str(right) == "agree (12 cases)"
    assert wrong.kind is Kind.DIFFER


def test_layers_that_are_made_elsewhere_and_called_at_the_site(verify):
    original = HEAD + "x = inputs = Input((4,))\nfor f in (lambda t: t + 1, lambda t: t * 2):\n    x = Lambda(f)(x)\n"
    fixed = HEAD + layer("One", "return inputs + 1") + layer("Two", "return inputs * {0}")
    fixed += "x = inputs = Input((4,))\nfor f in (One(), Two()):\n    x = f(x)\n"
    end = "model = keras.Model(inputs, x)\n"
    right = verify(original + end, fixed.replace("{0}", "2") + end, (r"Lambda\(f\)", r"f(?=\(x\))")).sites[0]
    wrong = verify(original + end, fixed.replace("{0}", "3") + end, (r"Lambda\(f\)", r"f(?=\(x\))")).sites[0]

    assert right.layers == ("one", "two")
    assert str(right.verdict) == "agree (12 cases)"
    assert wrong.verdict.detail.startswith("two, input normal, batch 1, error")


def test_the_mask_of_a_layer_that_is_given_what_another_makes(verify, keras):
    """Alone it cannot be compared: its original calls the other layer itself."""
    model = "dense = Dense(4)\ninputs = Input((6, 4))\nmodel = keras.Model(inputs, {0})\n"
    original = HEAD + model.format("Lambda(lambda x: dense(x) * 0.5, name='half')(dense(inputs))")
    moved = model.format("Fixed(name='half')(dense(dense(inputs)))")
    right = layer("Fixed", "return inputs * 0.5")
    passes_on = f"{right.rstrip()}\n\n    def compute_mask(self, inputs, mask=None):\n        return mask\n\n"
    [same] = verify(original, HEAD + right + moved, (LAMBDA, FIXED), keras=keras).sites
    [other] = verify(original, HEAD + passes_on + moved, (LAMBDA, FIXED), keras=keras).sites

    assert same.verdict.kind is Kind.AGREE
    assert str(other.verdict).startswith("differ (half mask of output 0 with masked inputs, ")
