"""What loading does, as it was measured."""

from __future__ import annotations

from typing import Any

import pytest
from artifacts.saved import base64_text, bytecode, keras_2_lambda, keras_3_lambda, marshalled, sequential

from keras_lambda_lint.artifacts.bytecode import recover, stored_bytes
from keras_lambda_lint.artifacts.consequences import consequences
from keras_lambda_lint.artifacts.formats import Form, ModelFile, Part
from keras_lambda_lint.artifacts.functions import contents

PLAIN = base64_text(marshalled("lambda x: x / 127.5 - 1.0"))
READS_K = base64_text(marshalled("lambda x: K.squeeze(x, 1)"))
SAFE = "unless safe_mode=False"


def said(layer: dict[str, Any], form: Form, *, index: int = 0, here: tuple[int, int] = (3, 11)) -> dict[str, str]:
    file = ModelFile("m", form, None, (Part("the file", sequential(layer)),))
    stored = contents(file)[0][index]
    found = consequences(stored, file, recover(stored_bytes(stored.code)[0]), here)
    return {each.where: each.what for each in found}


@pytest.mark.parametrize(
    ("layer", "form", "keras_2", "keras_3"),
    [
        (keras_2_lambda("l", PLAIN), Form.HDF5, "runs the bytecode unasked", f"{SAFE}, then runs"),
        (keras_2_lambda("l", PLAIN), Form.KERAS, SAFE, "Unrecognized keyword arguments"),
        (keras_2_lambda("l", PLAIN), Form.SAVED_MODEL, "runs the bytecode unasked", "File format not supported"),
        (keras_2_lambda("l", PLAIN), Form.JSON, SAFE, "Could not locate class"),
        (keras_2_lambda("l", PLAIN), Form.YAML, "RuntimeError", "no `model_from_yaml`"),
        (
            keras_2_lambda("l", READS_K),
            Form.HDF5,
            "name 'K' is not defined",
            f"{SAFE}; when it is called, NameError: name 'K'",
        ),
        (
            keras_2_lambda("l", PLAIN, function=[PLAIN, [3], None]),
            Form.HDF5,
            "runs",
            "arg 4 (defaults) must be None or tuple",
        ),
        (keras_2_lambda("l", PLAIN, mask=[PLAIN, None, None], mask_type="lambda"), Form.HDF5, "runs", "with a mask"),
        (keras_3_lambda("l", PLAIN), Form.KERAS, "does not read files of Keras 3", f"{SAFE}, then runs"),
    ],
)
def test_keras(layer: dict[str, Any], form: Form, keras_2: str, keras_3: str) -> None:
    found = said(layer, form)
    assert keras_2 in found["Keras 2"]
    assert keras_3 in found["Keras 3"]


def test_other_roles() -> None:
    assert (
        "becomes the stored configuration"
        in said(keras_3_lambda("l", PLAIN, mask=bytecode(PLAIN)), Form.KERAS, index=1)["Keras 3"]
    )
    shape = keras_2_lambda("l", PLAIN, output_shape=[PLAIN, None, None], output_shape_type="lambda")
    assert "for a shape" in said(shape, Form.HDF5, index=1)["Keras 3"]


@pytest.mark.parametrize(
    ("writer", "here", "words"),
    [
        ("3.8", (3, 8), "reads it"),
        ("3.8", (3, 10), "may misread"),
        ("3.8", (3, 11), "bad marshal data"),
        ("3.6", (3, 12), "EOFError"),
        ("2.7", (3, 12), "bad marshal data"),
        ("3.11", (3, 13), "crashes"),
        ("3.13", (3, 7), "bad argument to internal function"),
        ("3.5", (3, 4), "reads it"),
        ("3.5", (3, 6), "raises SystemError: unknown opcode"),
        ("3.6", (3, 5), "crashes or raises SystemError (unknown opcode)"),
        ("3.5", (3, 12), "EOFError"),
        ("3.14", (3, 13), "crashes or raises SystemError"),
        ("3.13", (3, 14), "crashes or raises SystemError"),
    ],
)
def test_pythons(writer: str, here: tuple[int, int], words: str) -> None:
    layer = keras_3_lambda("l", base64_text(marshalled("lambda x: K.squeeze(x, 1)", writer)))
    assert words in said(layer, Form.KERAS, here=here)[f"this Python ({here[0]}.{here[1]})"]
