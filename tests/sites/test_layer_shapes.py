"""The table of layer shapes: what is inferred for each row is the symbolic shape that keras and tf_keras give."""

from __future__ import annotations

import importlib
import importlib.util
import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from harness.model import site_of

from keras_lambda_lint.keras_api.layer_shapes import FUNCTIONS, LAYER_SHAPES

if TYPE_CHECKING:
    from types import ModuleType

pytestmark = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

FLAT = ("(6,)", "(1,)")
STEPS = ("(5, 6)", "(None, 6)", "(12, 1)")
IMAGES = ("(9, 8, 3)", "(None, 8, 3)", "(None, None, 2)", "(13, 7, 1)")
VOLUMES = ("(6, 9, 8, 3)", "(None, 6, None, 2)")
SAME = (*FLAT, *STEPS, *IMAGES, *VOLUMES, "(None,)")
PAIRS = (
    "(4, 3)|(4, 3)",
    "(4, 3)|(4, 1)",
    "(4, 3)|(1, 3)",
    "(None, 3)|(4, 3)",
    "(None, 3)|(None, 3)",
    "(6,)|(6,)",
    "(6,)|(6,)|(6,)",
)

_WINDOWS_1 = (
    "3",
    "3, 2",
    "3, strides=2",
    "3, padding='same'",
    "3, strides=2, padding='same'",
    "(2,), strides=(2,)",
    "1",
    "20",
)
_WINDOWS_2 = (
    "3", "(3, 2)", "3, (2, 1)", "3, strides=2", "3, 1, 'same'", "3, strides=(2, 3), padding='same'", "(1, 1)", "2, strides=3", "[3, 3]",
)  # fmt: skip
_WINDOWS_3 = ("3", "(3, 2, 1)", "2, strides=2", "3, 1, 'same'", "3, strides=(2, 3, 1), padding='same'")
_DILATED_1 = tuple(f"4, {window}" for window in (*_WINDOWS_1, "3, dilation_rate=2", "3, padding='causal'"))
_DILATED_2 = tuple(
    f"4, {window}" for window in (*_WINDOWS_2, "3, dilation_rate=2", "3, padding='same', dilation_rate=(1, 2)")
)
_DILATED_3 = tuple(f"4, {window}" for window in (*_WINDOWS_3, "2, dilation_rate=2"))
_POOLS_1 = ("", *_WINDOWS_1, "pool_size=3", "strides=1", "padding='same'", "3, strides=None")
_POOLS_2 = ("", *_WINDOWS_2, "pool_size=3", "strides=1", "padding='same'", "(3, 3), strides=None")
_POOLS_3 = ("", *_WINDOWS_3, "strides=1", "padding='same'")

RULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # rule of a row: constructor arguments, shapes of the input
    "same": (("",), SAME),
    "merge": (("",), PAIRS),
    "concatenate": (("", "axis=1", "-1", "2"), (*PAIRS, "(4, 3)|(4, 5)", "(None, 3)|(None, 5)", "(4, 3)|(7, 3)")),
    "conv1": (_DILATED_1, STEPS),
    "conv2": (_DILATED_2, IMAGES),
    "conv3": (_DILATED_3, VOLUMES),
    "crop1": (("", "1", "(1, 2)", "cropping=(0, 1)"), STEPS),
    "crop2": (("", "1", "(1, 2)", "((1, 0), (2, 1))", "cropping=((1, 1), (0, 1))"), IMAGES),
    "dense": (("4", "units=7", "1, 'relu'", "1, use_bias=False"), (*FLAT, *STEPS, *IMAGES)),
    "embedding": (("10, 4", "input_dim=10, output_dim=3", "10, 4, mask_zero=True"), (*FLAT, "(5, 6)", "(None,)")),
    "flatten": (("",), SAME),
    "recurrent": (
        ("4", "4, return_sequences=True", "units=3, return_sequences=False", "4, go_backwards=True", "4, return_state=True",
         "4, return_sequences=True, stateful=False"),
        STEPS,
    ),
    "global_pool1": (("", "keepdims=True", "keepdims=False"), STEPS),
    "global_pool2": (("", "keepdims=True"), IMAGES),
    "global_pool3": (("", "keepdims=True"), VOLUMES),
    "pool1": (_POOLS_1, STEPS),
    "pool2": (_POOLS_2, IMAGES),
    "pool3": (_POOLS_3, VOLUMES),
    "permute": (("(2, 1)", "dims=(1, 2)", "(2, 3, 1)", "(3, 1, 2)"), (*STEPS, *IMAGES)),
    "repeat_vector": (("3", "n=1"), (*FLAT, "(None,)")),
    "reshape": (
        ("(-1,)", "(2, -1)", "(-1, 3)", "target_shape=(3, 2)", "(6,)", "(1, 6)", "(-1, 1)", "[-1, 6]", "(5, 2, 3)", "()"),
        (*FLAT, *STEPS, *IMAGES),
    ),
    "up1": (("", "3", "size=1"), STEPS),
    "up2": (("", "3", "(2, 3)", "size=(1, 2)", "2, interpolation='bilinear'"), IMAGES),
    "pad1": (("", "2", "(1, 2)", "padding=(0, 1)"), STEPS),
    "pad2": (("", "2", "(1, 2)", "((1, 0), (2, 1))", "padding=((0, 0), (0, 1))"), IMAGES),
}  # fmt: skip

ARGUMENTS = {
    "Activation": ("'relu'", "activation='softmax'"),
    "AlphaDropout": ("0.5",), "Dropout": ("0.5", "rate=0.1"), "GaussianDropout": ("0.5",), "GaussianNoise": ("0.1",),
    "SpatialDropout1D": ("0.5",), "SpatialDropout2D": ("0.5",), "Rescaling": ("0.5", "1 / 255, 1"), "ReLU": ("", "6"),
    "BatchNormalization": ("", "axis=1"), "LayerNormalization": ("", "axis=1"), "PReLU": ("", "shared_axes=[1]"), "Softmax": ("", "axis=1"),
}  # fmt: skip
"""Rows whose constructor wants others than their rule."""

INPUTS = {"SpatialDropout1D": STEPS, "SpatialDropout2D": IMAGES, "Masking": STEPS}


@cache
def module(name: str) -> ModuleType:
    """Return a Keras, imported once."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    return importlib.import_module(name)


def inferred(layer: str, given: str) -> str | None:
    """Return the inferred shape, as the messages write it; None where it is unknown."""
    shapes = [f"keras.Input({shape})" for shape in given.split("|")]
    argument = shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]"
    return site_of(f"import keras\nkeras.layers.Lambda(lambda x: x)(keras.layers.{layer}({argument}))\n").shape.shape


def real(keras: Any, layer: str, given: str) -> tuple[int | None, ...] | None:
    """Return the symbolic shape of a layer's output; None where it cannot be built, or has several outputs."""
    inputs = [keras.Input(eval(shape)) for shape in given.split("|")]
    scope = {"keras": keras, "inputs": inputs[0] if len(inputs) == 1 else inputs}
    try:
        output = eval(f"keras.layers.{layer}(inputs)", scope)
    except (ValueError, TypeError, AttributeError, IndexError):
        return None
    return None if isinstance(output, (list, tuple)) else tuple(output.shape)


def agrees(stated: str, shape: tuple[int | None, ...], keras: str) -> bool:
    """Return whether each length that is stated is the real one; Keras 2 may know less, since only Keras 3 tries functions."""
    lengths = [length.rstrip(",") for length in stated.strip("()").split(", ") if length]
    blind = ("None",) if keras == "tf_keras" else ()
    return len(lengths) == len(shape) and all(
        one == "?" or str(length) in (one, *blind) for one, length in zip(lengths, shape, strict=True)
    )


def cases(name: str) -> list[tuple[str, str]]:
    """Return the layers of a row, and the inputs that each is called on."""
    arguments, shapes = RULES[LAYER_SHAPES[name].split()[0]]
    arguments, shapes = ARGUMENTS.get(name, arguments), INPUTS.get(name, shapes)
    return [(f"{name}({written})", shape) for written in arguments for shape in shapes]


@pytest.mark.parametrize("name", LAYER_SHAPES)
@pytest.mark.parametrize("keras", ["keras", "tf_keras"])
def test_a_layer_has_the_shape_that_is_stated(keras: str, name: str) -> None:
    api = module(keras)
    if not hasattr(api.layers, name):
        pytest.skip(f"{keras} has no {name}")
    wrong, stated = [], 0
    for layer, given in cases(name):
        shape, found = real(api, layer, given), inferred(layer, given)
        if shape is None or found is None:
            continue
        stated += 1
        if not agrees(found, shape, keras):
            wrong.append(f"{layer} of {given} is {shape}, stated {found}")
    assert not wrong, "\n".join(wrong)
    assert stated


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("keras", ["keras", "tf_keras"])
def test_a_function_has_the_shape_of_its_layer(keras: str, name: str) -> None:
    api = module(keras)
    stated = 0
    for given in PAIRS:
        found = inferred(name, given)
        try:
            output = getattr(api.layers, name)([api.Input(eval(shape)) for shape in given.split("|")])
        except ValueError:
            continue
        stated += found is not None
        assert found is None or agrees(found, tuple(output.shape), keras), given
    assert stated


def test_every_row_is_in_some_keras() -> None:
    layers = [module(name).layers for name in ("keras", "tf_keras")]
    assert [name for name in LAYER_SHAPES if not any(hasattr(each, name) for each in layers)] == []
