"""What agrees, what differs, and what the verdict names."""

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = """
import keras
import tensorflow as tf
from keras.layers import Dense, Input, Lambda

"""

LAYER = """
@keras.utils.register_keras_serializable(package="test")
class Fixed(keras.layers.Layer):
    def call(self, inputs):
        return {body}

"""

MODEL = """
inputs = Input((4,))
hidden = Dense(3, name="first")(inputs)
hidden = {layer}(hidden)
model = keras.Model(inputs, Dense(2, name="last")(hidden))
model.compile("sgd", "mse")
model.fit([[1.0, 2.0, 3.0, 4.0]], [[1.0, 2.0]], epochs=2, verbose=0)
model.save("model.keras")
"""

LAMBDA = r"Lambda\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"


def program(layer: str, body: str | None = None) -> str:
    return HEAD + (LAYER.format(body=body) if body else "") + MODEL.format(layer=layer)


def test_equal_programs_agree_and_the_report_shows_what_was_broken(verify, keras):
    found = verify(program("Lambda(lambda x: x ** 2)"), program("Fixed()", "inputs ** 2"), keras=keras)

    [site], [model] = found.sites, found.models
    assert str(site.verdict) == "agree (12 cases)"
    assert site.verdict.promotes
    assert "Requested the deserialization of a" in site.verdict.before
    assert site.verdict.after == "reloads and agrees"
    assert site.layers == ("fixed",)
    assert model.verdict.kind is Kind.AGREE
    assert found.holds
    assert found.device == "CPU"
    assert found.keras.startswith("tf_keras 2." if keras == "2" else "keras 3.")


def test_a_wrong_constant_differs_and_names_the_first_layer_that_does(verify, keras):
    found = verify(program("Lambda(lambda x: x * 2)"), program("Fixed()", "inputs * 2.001"), keras=keras)

    [site], [model] = found.sites, found.models
    assert site.verdict.kind is Kind.DIFFER
    assert site.verdict.detail.startswith("fixed, input normal, batch 1, error ")
    assert "would pass with tolerance" in site.verdict.detail
    assert model.verdict.detail.startswith("layer fixed, input normal, batch 1")
    assert not found.holds


def test_a_gradient_that_is_cut_differs_although_outputs_agree(verify, keras):
    found = verify(program("Lambda(lambda x: x * 2)"), program("Fixed()", "tf.stop_gradient(inputs) * 2"), keras=keras)

    assert found.sites[0].verdict.kind is Kind.DIFFER
    assert "gradient of input 0" in found.sites[0].verdict.detail


SELDOM = {
    "wide values": ("tf.nn.relu6(x)", "tf.nn.relu(inputs)"),
    "negative values": ("abs(x)", "inputs"),
    "tiny values": ("x / (abs(x) + 1e-7)", "inputs / (abs(inputs) + 1e-5)"),
    "zeros": ("x + 1e-7", "inputs"),
    "very large values": ("x", "tf.clip_by_value(inputs, -1e30, 1e30)"),
    "NaN": ("x * 2", "tf.where(tf.math.is_nan(inputs), 0.0, inputs) * 2"),
    "infinity": ("x", "tf.where(tf.math.is_inf(inputs), 0.0, inputs)"),
    "negative infinity": ("x", "tf.maximum(inputs, -3e38)"),
    "training": ("x * 2", "inputs * 3 if training else inputs * 2"),
    "gradients in training": ("x * 2", "(tf.stop_gradient(inputs) if training else inputs) * 2"),
}
"""What shows a difference, and the two functions: all in one model, behind noise that hides what training does."""


def test_differences_that_only_some_inputs_or_modes_show(verify, keras):
    layer = LAYER.replace("self, inputs", "self, inputs, training=None")
    head = "x = Input((4,))\nnoisy = keras.layers.Dropout(0.5)(x)\n"
    original = fixed = HEAD
    for number, (_, body) in enumerate(SELDOM.values()):
        fixed += layer.format(body=body).replace("Fixed", f"Fixed{number}")
    fixed, original = fixed + head + "outputs = [", original + head + "outputs = ["
    for number, (function, _) in enumerate(SELDOM.values()):
        original += f"\n    Lambda(lambda x: {function})(noisy),"
        fixed += f"\n    Fixed{number}()(noisy),"
    end = "\n]\nmodel = keras.Model(x, outputs)\n"
    found = verify(original + end, fixed + end, (LAMBDA, r"Fixed\d+\(\)"), keras=keras)

    verdicts = dict(zip(SELDOM, (site.verdict for site in found.sites), strict=True))
    assert {name: verdict.kind for name, verdict in verdicts.items()} == dict.fromkeys(SELDOM, Kind.DIFFER)
    assert ", input not finite, batch " in verdicts["NaN"].detail
    assert " with training=True, input normal, batch 3, error " in verdicts["training"].detail
    assert " gradient of input 0 with training=True" in verdicts["gradients in training"].detail


def test_a_gradient_that_only_a_graph_cuts(verify):
    body = "(inputs if tf.executing_eagerly() else tf.stop_gradient(inputs)) * 2"
    verdict = verify(program("Lambda(lambda x: x * 2)"), program("Fixed()", body)).sites[0].verdict

    assert str(verdict) == "differ (gradient of input 0 in tf.function, does not exist)"


def test_a_difference_is_blamed_on_the_site_that_makes_it(verify):
    layers = "{0}({1}({0}(hidden)))"
    original = program(layers.format("Lambda(lambda x: x + 1)", "Lambda(lambda x: x * 2)"))
    fixed = program(layers.format("Fixed()", "Fixed(factor=3)").replace("(hidden)(hidden)", "(hidden)"), "inputs")
    original, fixed = (text.replace("))(hidden)\nmodel", "))\nmodel") for text in (original, fixed))
    fixed = fixed.replace(
        "    def call(self, inputs):\n        return inputs\n",
        "    def __init__(self, factor=1, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        "        self.factor = factor\n\n"
        "    def call(self, inputs):\n"
        "        return inputs * self.factor if self.factor > 1 else inputs + 1\n\n"
        "    def get_config(self):\n"
        "        return {**super().get_config(), 'factor': self.factor}\n",
    )

    found = verify(original, fixed)

    assert [site.verdict.kind for site in found.sites] == [Kind.AGREE, Kind.DIFFER, Kind.AGREE]


def test_several_inputs(verify, keras):
    model = """
    a, b = Input((4,)), Input((4,))
    model = keras.Model([a, b], {layer}([Dense(3)(a), Dense(3)(b)]))
    """
    original = HEAD + model.replace("\n    ", "\n").format(layer="Lambda(lambda t: t[0] - t[1])")
    fixed = HEAD + LAYER.format(body="inputs[0] - inputs[1]") + model.replace("\n    ", "\n").format(layer="Fixed()")
    swapped = fixed.replace("inputs[0] - inputs[1]", "inputs[1] - inputs[0]")

    assert verify(original, fixed, keras=keras).sites[0].verdict.kind is Kind.AGREE
    assert verify(original, swapped, keras=keras).sites[0].verdict.kind is Kind.DIFFER


def test_submodels_before_and_after_the_layer(verify, keras):
    """The network of CASES row 10: the layer between two sub-models that were made to look at it."""
    model = """
inputs = Input((28, 28, 1))
x = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
x = keras.layers.MaxPooling2D()(x)
before = keras.layers.Flatten()(x)
after = {layer}(before)
outputs = Dense(10, activation="softmax")(after)
model = keras.Model(inputs, outputs)
probe_before = keras.Model(inputs, before)
probe_after = keras.Model(inputs, after)
(x_train, y_train), _ = keras.datasets.mnist.load_data()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train[..., None] / 255.0, y_train)
loss, accuracy = model.evaluate(x_train[:100, ..., None], y_train[:100])
print((probe_after.predict(x_train[:2, ..., None]) - probe_before.predict(x_train[:2, ..., None])).max())
"""
    function = "def custom_layer(tensor):\n    return tensor + 2\n\n"
    found = verify(
        HEAD + function + model.format(layer="Lambda(custom_layer)"),
        HEAD + LAYER.format(body="inputs + 2") + model.format(layer="Fixed()"),
        keras=keras,
    )

    assert [model.verdict.kind for model in found.models] == [Kind.AGREE] * 3
    assert found.sites[0].verdict.kind is Kind.AGREE


def test_integer_inputs_stay_within_the_embedding(verify, keras):
    model = """
inputs = Input((None,), dtype="int32")
x = keras.layers.Embedding(5, 3)(inputs)
model = keras.Model(inputs, {layer}(x))
"""
    found = verify(
        HEAD + model.format(layer="Lambda(lambda t: tf.reduce_mean(t, axis=1))"),
        HEAD + LAYER.format(body="tf.reduce_mean(inputs, axis=1)") + model.format(layer="Fixed()"),
        keras=keras,
    )

    assert str(found.sites[0].verdict) == "agree (12 cases)"


def test_a_name_that_was_given_must_stay(verify):
    original = program("Lambda(lambda x: x ** 2, name='squared')")

    kept = verify(original, program("Fixed(name='squared')", "inputs ** 2")).sites[0].verdict
    lost = verify(original, program("Fixed()", "inputs ** 2")).sites[0].verdict

    assert kept.kind is Kind.AGREE
    assert str(lost) == "differ (name squared became fixed)"


def test_masks_are_compared(verify):
    model = """
inputs = Input((5, 4))
x = keras.layers.Masking()(inputs)
model = keras.Model(inputs, keras.layers.LSTM(2)({layer}(x)))
"""
    passes = (
        LAYER.format(body="inputs * 2").rstrip()
        + """

    def compute_mask(self, inputs, mask=None):
        return mask
"""
    )
    original = HEAD + model.format(layer="Lambda(lambda x: x * 2)")
    same = verify(original, HEAD + LAYER.format(body="inputs * 2") + model.format(layer="Fixed()"))
    other = verify(original, HEAD + passes + model.format(layer="Fixed()"))

    assert same.sites[0].verdict.kind is Kind.AGREE
    assert other.sites[0].verdict.kind is Kind.DIFFER


def test_a_model_without_a_replaced_layer_must_stay_as_it_was(verify):
    other = "other = keras.Model(inputs, Dense(2, activation='{0}', name='only')(inputs))\n"
    verdict = (
        verify(
            program("Lambda(lambda x: x * 2)") + other.format("relu"),
            program("Fixed()", "inputs * 2") + other.format("tanh"),
        )
        .sites[0]
        .verdict
    )

    assert verdict.kind is Kind.ERROR
    assert "which no fix touches: differ (layer only, input normal, batch 1, error" in verdict.detail


def test_a_layer_that_captures_a_tensor_is_repaired(verify):
    model = """
a, b = Input((4,)), Input((4,))
model = keras.Model([a, b], Dense(2)({layer}))
"""
    found = verify(
        HEAD + model.format(layer="Lambda(lambda x: x + b)(a)"),
        HEAD + LAYER.format(body="inputs[0] + inputs[1]") + model.format(layer="Fixed()([a, b])"),
    )

    assert found.sites[0].verdict.kind is Kind.REPAIRED
    assert found.models[0].verdict.kind is Kind.REPAIRED


def test_a_declared_shape_must_not_be_a_lie(verify):
    lie = "    def compute_output_shape(self, input_shape):\n        return (None, 7)\n\n"
    original = program("Lambda(lambda x: x[:, :2])").replace(', name="last")(hidden)', ")(inputs)")
    original = original.replace("Dense(2)(inputs)", "hidden")
    fixed = original.replace("Lambda(lambda x: x[:, :2])", "Fixed()").replace(
        "\ninputs =", LAYER.format(body="inputs[:, :2]").rstrip() + "\n\n" + lie + "\ninputs =", 1
    )

    verdict = verify(original, fixed).sites[0].verdict

    assert verdict.kind is Kind.DIFFER
    assert verdict.detail == "its compute_output_shape says (None, 7), and output 0 has (3, 2)"


def test_a_loop_value_is_compared_with_the_original_that_binds_it_early(verify, keras):
    model = """
x = Input((4,))
inputs = x
for k in (1, 2, 3):
    x = {layer}(x)
model = keras.Model(inputs, x)
"""
    layer = """
@keras.utils.register_keras_serializable(package="test")
class Fixed(keras.layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k

    def call(self, inputs):
        return inputs * self.k

    def get_config(self):
        return {**super().get_config(), "k": self.k}
"""
    original = HEAD + model.format(layer="Lambda(lambda t: t * k)")
    bound = (IntendedChange.BINDS_LOOP_VALUE,)
    right = verify(original, HEAD + layer + model.format(layer="Fixed(k)"), intended=bound, keras=keras)
    wrong = verify(original, HEAD + layer + model.format(layer="Fixed(k + 1)"), intended=bound, keras=keras)
    unintended = verify(original, HEAD + layer + model.format(layer="Fixed(k)"), keras=keras)

    verdict = right.sites[0].verdict
    assert str(verdict) == "agree except intended (binds-loop-value)"
    assert verdict.holds
    assert not verdict.promotes
    assert len(right.sites[0].layers) == 3
    assert wrong.sites[0].verdict.kind is Kind.DIFFER
    assert unintended.sites[0].verdict.kind is Kind.DIFFER


def test_both_versions_of_keras(verify):
    found = verify(program("Lambda(lambda x: x ** 2)"), program("Fixed()", "inputs ** 2"), keras="2,3")

    assert found.keras.startswith("tf_keras")
    assert [other.keras.split()[0] for other in found.also] == ["keras"]
    assert found.promotes(0)


def test_repaired_where_the_original_never_worked(verify):
    found = verify(
        program("Lambda(lambda x: keras.backend.square(x))"),
        program("Fixed()", "keras.ops.square(inputs)"),
        intended=(IntendedChange.REPAIRS_CRASH,),
    )

    verdict = found.sites[0].verdict
    assert verdict.kind is Kind.REPAIRED
    assert str(verdict).startswith("repaired (original fails: ")
    assert "square" in verdict.detail
    assert verdict.holds
    assert not verdict.promotes
    assert not verdict.agrees
