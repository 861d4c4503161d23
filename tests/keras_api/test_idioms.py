"""The table of functions that Keras has a layer for: what it says is found, and is true of the installed Keras."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from harness import equality
from harness.model import sites_of

from keras_lambda_lint.keras_api.idioms import IDIOMS, Equal, Idiom, Masks
from keras_lambda_lint.sites.bodies.idioms import BuiltinUse

FLAT, STEPS, IMAGE = (6,), (5, 6), (6, 8, 3)

EXAMPLES: tuple[tuple[str, str, tuple[tuple[int, ...], ...], str], ...] = (
    # body of a row, function, shapes of the inputs, layer
    ("x", "lambda x: x", (STEPS,), "Identity()"),
    ("identity(x)", "lambda x: tf.identity(x)", (STEPS,), "Identity()"),
    ("x / a", "lambda x: x / 255", (STEPS,), "Rescaling(1 / 255)"),
    ("x * a", "lambda x: 0.1 * x", (STEPS,), "Rescaling(0.1)"),
    ("x * a + b", "lambda x: x * 2 + 1", (STEPS,), "Rescaling(2, offset=1)"),
    ("x * a - b", "lambda x: x * 2 - 1", (STEPS,), "Rescaling(2, offset=-1)"),
    ("x / a + b", "lambda x: x / 255 + 0.5", (STEPS,), "Rescaling(1 / 255, offset=0.5)"),
    ("x / a - b", "lambda x: x / 127.5 - 1", (STEPS,), "Rescaling(1 / 127.5, offset=-1)"),
    ("(x - a) / a", "lambda x: (x - 127.5) / 127.5", (STEPS,), "Rescaling(1 / 127.5, offset=-1)"),
    ("(x - a) / b", "lambda x: (x - 100.0) / 50.0", (STEPS,), "Rescaling(1 / 50.0, offset=-100.0 / 50.0)"),
    ("x + a", "lambda x: x + 1", (STEPS,), "Rescaling(1, offset=1)"),
    ("x - a", "lambda x: x - 1.5", (STEPS,), "Rescaling(1, offset=-1.5)"),
    ("a - x", "lambda x: 1 - x", (STEPS,), "Rescaling(-1, offset=1)"),
    ("-x", "lambda x: -x", (STEPS,), "Rescaling(-1)"),
    ("l2_normalize(x, a, 1e-12)", "lambda x: tf.nn.l2_normalize(x, axis=-1)", (STEPS,), "UnitNormalization(axis=-1)"),
    ("l2_normalize(x, a)", "lambda x: K.l2_normalize(x, axis=1)", (STEPS,), "UnitNormalization(axis=1)"),
    ("softmax(x, -1)", "lambda x: tf.nn.softmax(x)", (STEPS,), 'Activation("softmax")'),
    ("softmax(x, a)", "lambda x: tf.nn.softmax(x, axis=1)", (STEPS,), "Softmax(axis=1)"),
    ("relu(x)", "tf.nn.relu", (STEPS,), "ReLU()"),
    ("relu(x, 0.0, None, 0.0)", "lambda x: K.relu(x)", (STEPS,), "ReLU()"),
    ("relu(x, 0.0, a, 0.0)", "lambda x: K.relu(x, max_value=6)", (STEPS,), "ReLU(6)"),
    ("relu6(x)", "lambda x: tf.nn.relu6(x)", (STEPS,), "ReLU(6)"),
    ("clip(x, 0, a)", "lambda x: tf.clip_by_value(x, 0.0, 6.0)", (STEPS,), "ReLU(6.0)"),
    ("maximum(x, 0)", "lambda x: tf.maximum(x, 0.0)", (STEPS,), "ReLU()"),
    ("leaky_relu(x, a)", "lambda x: tf.nn.leaky_relu(x)", (STEPS,), "LeakyReLU(0.2)"),
    ("elu(x)", "lambda x: tf.nn.elu(x)", (STEPS,), "ELU()"),
    ("elu(x, a)", "lambda x: K.elu(x, 0.5)", (STEPS,), "ELU(0.5)"),
    ("selu(x)", "lambda x: tf.nn.selu(x)", (STEPS,), 'Activation("selu")'),
    ("tanh(x)", "lambda x: tf.tanh(x)", (STEPS,), 'Activation("tanh")'),
    ("sigmoid(x)", "lambda x: tf.sigmoid(x)", (STEPS,), 'Activation("sigmoid")'),
    ("swish(x)", "lambda x: keras.activations.swish(x)", (STEPS,), 'Activation("swish")'),
    ("swish(x, 1.0)", "lambda x: tf.nn.swish(x)", (STEPS,), 'Activation("swish")'),
    ("x * sigmoid(x)", "lambda x: tf.sigmoid(x) * x", (STEPS,), 'Activation("swish")'),
    ("gelu(x, False)", "lambda x: tf.nn.gelu(x)", (STEPS,), 'Activation("gelu")'),
    ("exp(x)", "lambda x: tf.exp(x)", (STEPS,), 'Activation("exponential")'),
    ("softplus(x)", "lambda x: tf.nn.softplus(x)", (STEPS,), 'Activation("softplus")'),
    ("softsign(x)", "lambda x: tf.nn.softsign(x)", (STEPS,), 'Activation("softsign")'),
    ("x * tanh(softplus(x))", "lambda x: x * tf.tanh(tf.nn.softplus(x))", (STEPS,), 'Activation("mish")'),
    ("hard_sigmoid(x)", "lambda x: K.hard_sigmoid(x)", (STEPS,), 'Activation("hard_sigmoid")'),
    ("expand_dims(x, a)", "lambda x: tf.expand_dims(x, -1)", (STEPS,), "Reshape((5, 6, 1))"),
    ("squeeze(x, a)", "lambda x: K.squeeze(x, 1)", ((1, 6),), "Reshape((6,))"),
    ("reshape(x, a)", "lambda x: tf.reshape(x, (-1, 10, 3))", (STEPS,), "Reshape((10, 3))"),
    ("batch_flatten(x)", "lambda x: K.batch_flatten(x)", (STEPS,), "Flatten()"),
    ("transpose(x, a)", "lambda x: K.permute_dimensions(x, (0, 2, 1))", (STEPS,), "Permute((2, 1))"),
    ("transpose(x, a, False)", "lambda x: tf.transpose(x, perm=[0, 2, 1])", (STEPS,), "Permute((2, 1))"),
    ("repeat(x, a)", "lambda x: K.repeat(x, 3)", (FLAT,), "RepeatVector(3)"),
    ("tile(expand_dims(x, 1), a)", "lambda x: tf.tile(tf.expand_dims(x, 1), [1, 3, 1])", (FLAT,), "RepeatVector(3)"),
    ("cut(x, a)", "lambda x: x[:, 1:-1]", (STEPS,), "Cropping1D((1, 1))"),
    ("cut(x, a)", "lambda x: x[:, 1:-1, 2:]", (IMAGE,), "Cropping2D(((1, 1), (2, 0)))"),
    ("pad(x, a, 'CONSTANT', 0)", "lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 0]])", (STEPS,), "ZeroPadding1D((1, 2))"),
    (
        "pad(x, a, 'CONSTANT', 0)",
        "lambda x: tf.pad(x, [[0, 0], [1, 2], [3, 4], [0, 0]])",
        (IMAGE,),
        "ZeroPadding2D(((1, 2), (3, 4)))",
    ),
    ("pad_steps(x, a)", "lambda x: K.temporal_padding(x, (1, 2))", (STEPS,), "ZeroPadding1D((1, 2))"),
    (
        "pad_images(x, a, None)",
        "lambda x: K.spatial_2d_padding(x, ((1, 1), (2, 0)))",
        (IMAGE,),
        "ZeroPadding2D(((1, 1), (2, 0)))",
    ),
    (
        "pad_images(x, a, b)",
        'lambda x: K.spatial_2d_padding(x, ((1, 1), (2, 0)), "channels_last")',
        (IMAGE,),
        'ZeroPadding2D(((1, 1), (2, 0)), data_format="channels_last")',
    ),
    ("resize(x, (a, b), m, False, False)", "lambda x: tf.image.resize(x, (12, 4))", (IMAGE,), "Resizing(12, 4)"),
    (
        "resize(x, (a, b), m, False, False)",
        'lambda x: tf.image.resize(x, (12, 4), method="nearest")',
        (IMAGE,),
        'Resizing(12, 4, interpolation="nearest")',
    ),
    (
        "resize_images(x, a, b, 'channels_last', 'nearest')",
        'lambda x: K.resize_images(x, 2, 3, "channels_last")',
        (IMAGE,),
        "UpSampling2D((2, 3))",
    ),
    ("mean(x, 1, False)", "lambda x: tf.reduce_mean(x, axis=1)", (STEPS,), "GlobalAveragePooling1D()"),
    ("mean(x, a, False)", "lambda x: K.mean(x, [1, 2])", (IMAGE,), "GlobalAveragePooling2D()"),
    (
        "mean(x, a, True)",
        "lambda x: tf.reduce_mean(x, [1, 2], keepdims=True)",
        (IMAGE,),
        "GlobalAveragePooling2D(keepdims=True)",
    ),
    ("max(x, 1, False)", "lambda x: tf.reduce_max(x, 1)", (STEPS,), "GlobalMaxPooling1D()"),
    ("max(x, a, False)", "lambda x: K.max(x, axis=(1, 2))", (IMAGE,), "GlobalMaxPooling2D()"),
    ("max(x, a, True)", "lambda x: K.max(x, (1, 2), True)", (IMAGE,), "GlobalMaxPooling2D(keepdims=True)"),
    ("x[0] + x[1]", "lambda x: x[0] + x[1]", (STEPS, STEPS), "Add()"),
    ("x[0] + x[1] + x[2]", "lambda x: x[0] + x[1] + x[2]", (STEPS, STEPS, STEPS), "Add()"),
    ("add_n(x)", "tf.add_n", (STEPS, STEPS), "Add()"),
    ("x[0] - x[1]", "lambda x: tf.subtract(x[0], x[1])", (STEPS, STEPS), "Subtract()"),
    ("x[0] * x[1]", "lambda x: x[1] * x[0]", (STEPS, STEPS), "Multiply()"),
    ("x[0] * x[1] * x[2]", "lambda x: x[0] * x[1] * x[2]", (STEPS, STEPS, STEPS), "Multiply()"),
    ("(x[0] + x[1]) / 2", "lambda x: (x[0] + x[1]) / 2", (STEPS, STEPS), "Average()"),
    ("maximum(x[0], x[1])", "lambda x: tf.maximum(x[0], x[1])", (STEPS, STEPS), "Maximum()"),
    ("minimum(x[0], x[1])", "lambda x: tf.minimum(x[0], x[1])", (STEPS, STEPS), "Minimum()"),
    ("concat(x, a)", "lambda x: tf.concat(x, axis=-1)", (STEPS, STEPS), "Concatenate(axis=-1)"),
    ("concat([x[0], x[1]], a)", "lambda x: K.concatenate([x[0], x[1]])", (STEPS, STEPS), "Concatenate(axis=-1)"),
    (
        "concat([x[0], x[1], x[2]], a)",
        "lambda x: tf.concat([x[0], x[1], x[2]], 1)",
        (STEPS, STEPS, STEPS),
        "Concatenate(axis=1)",
    ),
    ("batch_dot(x[0], x[1], a)", "lambda x: K.batch_dot(x[0], x[1], axes=(2, 2))", (STEPS, STEPS), "Dot(axes=(2, 2))"),
)
MASKS = {Masks.DROPPED: "dropped", Masks.PASSED: "passed", Masks.USED: "used", Masks.REFUSED: "refused"}
TOLERANCE = {Equal.EXACT: 0.0, Equal.WITHIN_1_ULP: 1.2e-7, Equal.ROUNDING: 5e-7, Equal.NOT_GRADIENTS: 0.0}


def row(body: str, layer: str) -> Idiom:
    return next(
        each for each in IDIOMS if each.body == body and each.layer.partition("(")[0] == layer.partition("(")[0]
    )


def found(function: str, shapes: tuple[tuple[int, ...], ...], version: int) -> tuple[BuiltinUse, ...]:
    inputs = ", ".join(f"keras.Input(shape={shape})" for shape in shapes)
    listed = f"[{inputs}]" if len(shapes) > 1 else inputs
    program = f"import tensorflow as tf\nimport keras\nfrom keras import backend as K\ny = keras.layers.Lambda({function})({listed})\n"
    return sites_of(program, str(version)).of(BuiltinUse)


def versions(body: str, layer: str) -> list[int]:
    idiom = row(body, layer)
    return [version for version, masks in ((2, idiom.keras_2), (3, idiom.keras_3)) if masks is not None]


ON_EACH = [(*example, version) for example in EXAMPLES for version in versions(example[0], example[3])]


def test_every_row_has_an_example() -> None:
    assert {id(row(body, layer)) for body, _, _, layer in EXAMPLES} >= {
        id(row(idiom.body, idiom.layer)) for idiom in IDIOMS
    }
    assert {idiom.body for idiom in IDIOMS} == {body for body, *_ in EXAMPLES}


@pytest.mark.parametrize(("body", "function", "shapes", "layer", "version"), ON_EACH)
def test_the_layer_is_found(
    body: str, function: str, shapes: tuple[tuple[int, ...], ...], layer: str, version: int
) -> None:
    (use,) = found(function, shapes, version)
    assert use.layer == layer
    assert use.equal is row(body, layer).equal


@pytest.mark.parametrize(("body", "function", "shapes", "layer"), EXAMPLES)
@pytest.mark.parametrize("version", [2, 3])
def test_nothing_is_found_where_they_differ(
    body: str, function: str, shapes: tuple[tuple[int, ...], ...], layer: str, version: int
) -> None:
    assert bool(found(function, shapes, version)) is (version in versions(body, layer))


@cache
def measured(flavour: str) -> list[dict[str, Any]]:
    cases = [{"function": function, "shapes": shapes, "layer": layer} for _, function, shapes, layer in EXAMPLES]
    ran = subprocess.run(
        [sys.executable, str(equality.__file__), flavour],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    outcome: list[dict[str, Any]] = json.loads(ran.stdout)
    return outcome


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
@pytest.mark.parametrize(("number", "version"), [(n, v) for n in range(len(EXAMPLES)) for v in (2, 3)])
def test_what_the_table_says_is_true_of_the_installed_keras(number: int, version: int) -> None:
    body, _, _, layer = EXAMPLES[number]
    idiom = row(body, layer)
    masks = idiom.keras_2 if version == 2 else idiom.keras_3
    outcome = measured("tf_keras" if version == 2 else "keras")[number]
    if masks is None:
        assert outcome.get("difference", 1.0) > 1e-6
        return
    assert "error" not in outcome, outcome["error"]
    assert outcome["difference"] <= TOLERANCE[idiom.equal]
    assert outcome["masks"] == ["dropped", MASKS[masks]]
