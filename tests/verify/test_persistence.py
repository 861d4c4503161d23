"""What must survive save and load, and weights that take the place of captured variables."""

import re

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

LAMBDA = r"Lambda\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
TRAINS = (IntendedChange.TRAINS_WEIGHT,)

HEAD = """
import keras
import tensorflow as tf
from keras.layers import Dense, Input, Lambda

"""
REGISTER = '@keras.utils.register_keras_serializable(package="test")\n'
MODEL = """

inputs = Input((4,))
model = keras.Model(inputs, Dense(2)({layer}(Dense(3)(inputs))))
"""
GUARDED = """

def build():
    inputs = Input((4,))
    return keras.Model(inputs, Dense(2)({layer}(Dense(3)(inputs))))


if __name__ == "__main__":
    model = build()
    model.save("here.keras")
"""
SCALE = """
class Fixed(keras.layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return {config}
"""
WEIGHT = """
class Fixed(keras.layers.Layer):
    def __init__(self, initial_value=1.0, **kwargs):
        super().__init__(**kwargs)
        self.initial_value = initial_value
        self.scale = self.add_weight(
            name="scale", shape=(), {dtype}trainable={trainable}, initializer=keras.initializers.Constant(initial_value)
        )

    def call(self, inputs):
        return inputs * {scale}

    def get_config(self):
        return {{**super().get_config(), "initial_value": self.initial_value}}
"""


def weight(*, trainable: bool = True, dtype: str = "", scale: str = "self.scale") -> str:
    return WEIGHT.format(trainable=trainable, dtype=f'dtype="{dtype}", ' if dtype else "", scale=scale)


@pytest.mark.parametrize("form", [MODEL, GUARDED], ids=["plain", "guarded"])
def test_a_registered_layer_with_a_config_comes_back(verify, keras, form):
    config = '{**super().get_config(), "factor": self.factor}'
    found = verify(
        HEAD + form.format(layer="Lambda(lambda x: x * 3.0)"),
        HEAD + REGISTER + SCALE.format(config=config).lstrip() + form.format(layer="Fixed(3.0)"),
        keras=keras,
    )

    assert found.sites[0].verdict.kind is Kind.AGREE
    assert found.sites[0].verdict.after == "reloads and agrees"


def test_an_unregistered_layer_does_not_come_back(verify, keras):
    config = '{**super().get_config(), "factor": self.factor}'
    found = verify(
        HEAD + GUARDED.format(layer="Lambda(lambda x: x * 3.0)"),
        HEAD + SCALE.format(config=config) + GUARDED.format(layer="Fixed(3.0)"),
        keras=keras,
    )

    verdict = found.sites[0].verdict
    assert verdict.kind is Kind.ERROR
    assert verdict.detail.startswith("reload refused: ")
    assert "Fixed" in verdict.detail


def test_a_config_that_forgets_a_parameter(verify, keras):
    """Also where the model comes back as it was because the value is the default."""
    found = verify(
        HEAD + MODEL.format(layer="Lambda(lambda x: x * 1.0)"),
        HEAD + REGISTER + SCALE.format(config="super().get_config()").lstrip() + MODEL.format(layer="Fixed(1.0)"),
        keras=keras,
    )

    verdict = found.sites[0].verdict
    assert str(verdict) == "differ (the config of fixed leaves out `factor`)"
    assert verdict.after == "reloads and agrees"


@pytest.mark.parametrize(
    ("function", "call", "value", "detail"),
    [
        ("x * 3.0", "inputs * self.factor", "3.0, self.factor + 1", "the config of fixed does not keep `factor`"),
        (
            "x / (abs(x) + 1e-9)",
            "inputs / (abs(inputs) + self.factor)",
            "1e-9, round(self.factor, 8)",
            "the config of fixed does not keep `factor`",
        ),
    ],
    ids=["every input shows it", "zeros show it"],
)
def test_a_config_that_holds_another_value_differs_after_reload(verify, function, call, value, detail):
    value, kept = value.split(", ", 1)
    layer = SCALE.format(config='{**super().get_config(), "factor": ' + kept + "}").replace(
        "inputs * self.factor", call
    )
    found = verify(
        HEAD + MODEL.format(layer=f"Lambda(lambda x: {function})"),
        HEAD + REGISTER + layer.lstrip() + MODEL.format(layer=f"Fixed({value})"),
    )

    assert found.sites[0].verdict.kind is Kind.DIFFER
    assert found.sites[0].verdict.detail == detail
    assert "reloads, but differs: output 0, " in found.sites[0].verdict.after


def test_an_initial_value_that_its_config_does_not_keep(verify, keras):
    """A saved model hides it: the weight itself is saved too."""
    kept = weight().replace("self.initial_value = initial_value", "self.initial_value = initial_value + 1.0")
    found = verify(
        HEAD + "scale = tf.Variable(1.0)\n" + MODEL.format(layer="Lambda(lambda x: x * scale)"),
        HEAD + REGISTER + kept.lstrip() + MODEL.format(layer="Fixed()"),
        intended=TRAINS,
        keras=keras,
    )

    verdict = found.sites[0].verdict
    assert str(verdict) == "differ (the config of fixed does not keep `initial_value`)"
    assert verdict.after == "reloads and agrees"


def test_a_captured_variable_becomes_a_weight(verify, keras):
    found = verify(
        HEAD + "scale = tf.Variable(1.0)\n" + MODEL.format(layer="Lambda(lambda x: x * scale)"),
        HEAD + REGISTER + weight().lstrip() + MODEL.format(layer="Fixed()"),
        intended=TRAINS,
        keras=keras,
    )

    verdict = found.sites[0].verdict
    assert str(verdict) == "agree except intended (trains-weight)"
    assert verdict.promotes
    assert verdict.after == "reloads and agrees"
    assert found.models[0].verdict.kind is Kind.AGREE_EXCEPT_INTENDED


NOT_THE_VARIABLE = {
    "initial value": (
        "1.0",
        weight().replace("initial_value=1.0", "initial_value=2.0"),
        "initial value of scale: error 1",
    ),
    "frozen": ("1.0", weight(trainable=False), "scale does not train"),
    "thawed": ("1.0, trainable=False", weight(), "scale trains"),
    "dtype": ("1.0, dtype=tf.float64", weight(), "dtype of scale: float64 became float32"),
    "shape": ("1.0", weight().replace("shape=()", "shape=(3,)"), "no weight takes the place of"),
    "constraint": ("1.0, constraint=keras.constraints.NonNeg()", weight(), "scale has a constraint, the weight has no"),
    "gradient": ("1.0", weight(scale="tf.stop_gradient(self.scale)"), "gradient of the captured"),
}
"""The variable's arguments, the layer with a weight in its place, and what is wrong with that; all in one model."""


def test_a_weight_that_every_call_changes_comes_back(verify, keras):
    counts = """
class Counts(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = {steps}

    def call(self, inputs):
        self.steps.assign_add(1.0)
        return inputs * 2.0
"""
    variable = "tf.Variable(0.0, trainable=False)"
    added = "self.add_weight(name='steps', shape=(), initializer='zeros', trainable=False)"
    found = verify(
        HEAD + REGISTER + counts.format(steps=variable).lstrip() + MODEL.format(layer="Counts()"),
        HEAD + REGISTER + counts.format(steps=added).lstrip() + MODEL.format(layer="Counts()"),
        (r"tf\.Variable\(0\.0, trainable=False\)", r"self\.add_weight\(.*?\)(?=\n)"),
        replaces=False,
        keras=keras,
    )

    assert str(found.sites[0].verdict) == "agree (12 cases)"
    assert found.sites[0].verdict.after == "reloads and agrees"


def test_a_weight_that_is_not_the_variable(verify, keras):
    original, fixed = HEAD, HEAD
    for number, (variable, layer, _) in enumerate(NOT_THE_VARIABLE.values()):
        original += f"scale{number} = tf.Variable({variable})\n"
        fixed += REGISTER + layer.lstrip().replace("Fixed", f"Fixed{number}")
    calls = [
        [f"Lambda(lambda x: x * tf.cast(scale{number}, x.dtype))", f"Fixed{number}()"]
        for number in range(len(NOT_THE_VARIABLE))
    ]
    model = "inputs = Input((3,))\nmodel = keras.Model(inputs, [{outputs}])\n"
    original, fixed = (
        text + model.format(outputs=", ".join(f"{call}(inputs)" for call in each))
        for text, each in zip((original, fixed), zip(*calls, strict=True), strict=True)
    )
    found = verify(original, fixed, (LAMBDA, r"Fixed\d+\(\)"), intended=TRAINS, keras=keras)

    for site, (_, _, detail) in zip(found.sites, NOT_THE_VARIABLE.values(), strict=True):
        assert site.verdict.kind is Kind.DIFFER
        assert detail in re.sub(r"scale\d", "scale", site.verdict.detail)


def test_a_new_trainable_weight_must_be_intended(verify):
    found = verify(
        HEAD + MODEL.format(layer="Lambda(lambda x: x * 1.0)"),
        HEAD + REGISTER + weight().lstrip() + MODEL.format(layer="Fixed()"),
    )

    assert found.sites[0].verdict.kind is Kind.DIFFER
    assert "trainable weight" in found.sites[0].verdict.detail
    assert "is new" in found.sites[0].verdict.detail


def test_a_loss_must_not_be_added(verify, keras):
    regularized = weight().replace("trainable=True", "trainable=True, regularizer='l2'")
    found = verify(
        HEAD + "scale = tf.Variable(1.0)\n" + MODEL.format(layer="Lambda(lambda x: x * scale)"),
        HEAD + REGISTER + regularized.lstrip() + MODEL.format(layer="Fixed()"),
        intended=TRAINS,
        keras=keras,
    )

    assert found.sites[0].verdict.kind is Kind.DIFFER
    assert found.sites[0].verdict.detail.startswith("sum of the losses that layers and weights add, input normal, ")


def test_an_attribute_that_keras_3_does_not_track_loses_its_value(verify, keras):
    attribute = """
class Fixed(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = tf.Variable(1.0)

    def call(self, inputs):
        return inputs * self.scale
"""
    found = verify(
        HEAD + "scale = tf.Variable(1.0)\n" + MODEL.format(layer="Lambda(lambda x: x * scale)"),
        HEAD + REGISTER + attribute.lstrip() + MODEL.format(layer="Fixed()"),
        intended=TRAINS,
        keras=keras,
    )

    verdict = found.sites[0].verdict
    if keras == "2":
        assert verdict.kind is Kind.AGREE_EXCEPT_INTENDED
    else:
        assert str(verdict) == "differ (scale is still no weight of the model)"
        assert verdict.after.startswith("reloads, but differs")


def test_a_site_is_not_blamed_for_what_keeps_its_model_from_loading(verify, keras):
    model = """

inputs = Input((4,))
hidden = {layer}(inputs)
model = keras.Model(inputs, keras.layers.Lambda(lambda x: x + 1)(hidden))
"""
    found = verify(
        HEAD + model.format(layer="Lambda(lambda x: x * 2)"),
        HEAD
        + REGISTER
        + "class Fixed(keras.layers.Layer):\n    def call(self, inputs):\n        return inputs * 2\n"
        + model.format(layer="Fixed()"),
        keras=keras,
    )

    assert found.sites[0].verdict.kind is Kind.AGREE
    assert found.sites[0].verdict.after.startswith("alone it reloads and agrees; the model: reload refused")
    assert found.models[0].verdict.kind is Kind.ERROR


def test_a_site_whose_class_its_model_does_not_find_is_blamed(verify):
    """Keras 2 does not find a registered class inside a wrapper; there it calls the layer once per step."""
    model = """

inputs = Input((5, 4))
model = keras.Model(inputs, keras.layers.TimeDistributed({layer})(inputs))
"""
    found = verify(
        HEAD + model.format(layer="Lambda(lambda x: x * 2)"),
        HEAD
        + REGISTER
        + "class Fixed(keras.layers.Layer):\n    def call(self, inputs):\n        return inputs * 2\n"
        + model.format(layer="Fixed()"),
        keras="2",
    )

    assert str(found.sites[0].verdict).startswith("error: reload refused: ValueError: Unknown layer: 'Fixed'.")
    assert found.models[0].verdict.kind is Kind.ERROR


def test_a_loaded_model_is_run_on_what_the_original_does_not_fail_on(verify):
    checked = """
def checked(x):
    tf.debugging.assert_less(tf.shape(x)[0], 3)
    return x * 2
"""
    model = MODEL.replace("{layer}", "Lambda(lambda x: checked(x))")
    layer = REGISTER + "class Fixed(keras.layers.Layer):\n    def call(self, inputs):\n        return checked(inputs)\n"
    fixed = HEAD + checked + layer + MODEL.replace("{layer}", "Fixed()")

    assert str(verify(HEAD + checked + model, fixed, keras="2").sites[0].verdict) == "agree (6 cases)"
