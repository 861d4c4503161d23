"""The forms in which a model is kept: what was broken before the rewrite and is whole now, and what must not get lost."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.verify import Kind, as_json, table
from keras_lambda_lint.verify.kept import NOT_IMPORTED, lost_forms
from keras_lambda_lint.verify.verdict import Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify import Verification

    Verify = Callable[..., Verification]

pytestmark = [pytest.mark.execution, pytest.mark.slow]

VARIABLE = """
import tensorflow as tf
import keras
from keras.layers import Dense, Input, Lambda

scale = tf.Variable(2.0)
model = keras.Sequential([Input((3,)), Dense(2), Lambda(lambda x: x * scale)])
"""
WEIGHT = """
import keras
from keras.layers import Dense, Input

@keras.utils.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = self.add_weight(name="scale", shape=(), initializer=keras.initializers.Constant(2.0))

    def call(self, x):
        return x * self.scale

model = keras.Sequential([Input((3,)), Dense(2), Fixed()])
"""
DOUBLE = """
import keras
from keras.layers import Dense, Input, Lambda

model = keras.Sequential([Input((3,)), Dense(2), Lambda(lambda x: x * 2)])
"""
TWINS = """
import keras
from keras.layers import Dense, Input

@keras.utils.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def build(self, shape):
        self.one = self.add_weight(name="same", shape=(), initializer="zeros", trainable=False)
        self.other = self.add_weight(name="same", shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        return x * 2

model = keras.Sequential([Input((3,)), Dense(2), Fixed()])
"""
WHOLE = "reloads and agrees"


@pytest.mark.parametrize(
    ("was_whole", "after", "is_lost"),
    [
        (True, "reload refused: TypeError: Could not locate class 'Fixed'. Make sure that", False),
        (True, "reload refused: ValueError: Unknown layer: 'p>Fixed'. Please ensure", False),
        (False, "reload refused: TypeError: Could not locate function 'f'. Make sure that", False),
        (True, "reload refused: OSError: the disk is full", True),
        (False, "reload refused: OSError: the disk is full", False),
        (True, "reloads, then fails when called: NameError: name 'scale' is not defined", True),
        (False, "reloads, but differs: output 0, largest error 3", True),
    ],
)
def test_error_of_a_module_that_was_not_imported(was_whole: bool, after: str, is_lost: bool) -> None:
    """A missing class is what must be; another error counts where the original had none, another model always."""
    form = Form(NOT_IMPORTED, "", after, was_whole, is_whole=False)
    assert list(lost_forms((form,))) == [form] * is_lost


def test_captured_variable_becomes_a_weight(verify: Verify) -> None:
    found = verify(VARIABLE, WEIGHT, intended=(IntendedChange.TRAINS_WEIGHT,))
    forms = {form.name: form for form in found.models[0].verdict.forms}
    everywhere = (".keras", ".h5", ".weights.h5", "SavedModel", "to_json", "clone_model", "pickle", "deepcopy")
    assert {name: forms[name].after for name in everywhere} == dict.fromkeys(everywhere, WHOLE)
    assert "deserialization of a `Lambda` layer" in forms[".keras"].before
    assert forms[".weights.h5"].before.startswith("reloads, but differs"), "the variable is in no checkpoint"
    assert not forms["pickle"].was_whole
    assert "Could not locate class 'Fixed'" in forms[".keras, module not imported"].after
    assert forms["old .weights.h5"].after == "loads with skip_mismatch=True"
    text = StringIO()
    table([found], text)
    assert "whole now: .keras, .h5, to_json, pickle, " in text.getvalue()
    assert "old .weights.h5 loads with skip_mismatch=True" in " ".join(text.getvalue().split())
    json = as_json([found])[0]["models"][0]["forms"]
    assert json[".keras"]["whole_after"]
    assert not json[".keras"]["whole_before"]


def test_form_that_is_lost_is_no_agreement(verify: Verify) -> None:
    found = verify(DOUBLE, TWINS, keras="2")
    verdict = found.models[0].verdict
    assert verdict.kind is Kind.ERROR
    assert verdict.detail.startswith(".h5, which kept the original: save refused")
    assert not found.promotes(0)
    assert {form.name: form.after for form in verdict.forms}["tf checkpoint"] == WHOLE
