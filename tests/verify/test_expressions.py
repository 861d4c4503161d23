"""Layers that no run of the code around them gets to: their expressions are evaluated alone."""

from __future__ import annotations

import pytest

from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = """
import keras
from keras.layers import Dense, Lambda

@keras.utils.register_keras_serializable(package="test")
class Fixed(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}
"""
LOCAL = """
def build(strategy, parts):
    strategy.prepare()
    width = parts * 3
    for part in strategy.parts:
        factor = width + 1
        if part.is_last:
            features = {layer}(part.features)
    return features
"""
RECORD = """
def build(strategy, config):
    hidden = Dense(strategy)(strategy)
    return {layer}(hidden)
"""
METHOD = """
class Agent(Missing):
    def __init__(self, strategy):
        self.model = strategy.model

    def outputs(self):
        return {layer}(self.model.output)
"""
NESTED = """
def build(strategy):
    def head(x, factor=3):
        return [{layer}(each) for each in strategy.split(x)]
    return head(strategy.inputs)
"""
GUARDED = """
def build(strategy, start=None):
    if start is not None:
        scale = 1 if start is None else start
        return {layer}(strategy.inputs)
"""


def pair(program: str, value: str, fixed: str = "") -> tuple[str, str]:
    """Return a program that multiplies by a captured value, and the same with a layer that gets it."""
    return tuple(
        HEAD + program.replace("{layer}", layer)
        for layer in (f"Lambda(lambda x: x * {value})", f"Fixed({fixed or value})")
    )


@pytest.mark.parametrize(
    ("program", "value", "made"),
    [
        (LOCAL, "factor", "parts="),
        (RECORD, "config.SCALE", "(config=settings, SCALE=0."),
        (METHOD, "self.alpha", "alpha=0."),
        (NESTED, "factor", ""),
        (GUARDED, "scale", "(start="),
        ("layer = {layer}(features)\n", "factor", "factor="),
    ],
    ids=["local", "record", "method", "nested", "guarded", "module"],
)
def test_values_that_an_expression_needs_are_computed_or_made_up(verify, program, value, made):
    found = verify(*pair(program, value))

    assert str(found.sites[0].verdict) == "agree (12 cases, alone, arguments made up)"
    assert made in found.notes[-1]
    wrong = verify(*pair(program, value, f"{value} + 1")).sites[0].verdict
    assert wrong.kind is Kind.DIFFER, str(wrong)


def test_the_fixed_program_gets_the_values_of_the_original(verify):
    program = "def resized(strategy, scales):\n    return {layer}(strategy.image)\n"
    original, fixed = pair(program, "scales[1]", "scales")

    right, wrong = (fixed.replace("* self.factor", f"* self.factor[{index}]") for index in (1, 0))
    assert str(verify(original, right).sites[0].verdict) == "agree (12 cases, alone, arguments made up)"
    assert verify(original, wrong).sites[0].verdict.kind is Kind.DIFFER


def test_a_name_that_stands_for_what_the_layer_is_called_with(verify):
    program = """
def merged(towers, name):
    if not towers.ready:
        return None
    outputs = [tower.outputs[0] for tower in towers]
    return {layer}(outputs)
"""
    original, fixed = pair(program, "2")
    original = original.replace("lambda x: x * 2", "lambda o: (o[0] + o[1]) / len(outputs)")
    fixed = fixed.replace("inputs * self.factor", "(inputs[0] + inputs[1]) / len(inputs)")

    assert str(verify(original, fixed).sites[0].verdict) == "agree (12 cases, alone, arguments made up)"


def test_what_a_layer_fails_with_on_every_input_is_said(verify):
    original, fixed = (
        each.replace("* 2", "* keras.ops.no_such(x)").replace("* self.factor", "* keras.ops.no_such(inputs)")
        for each in pair("layer = {layer}\n", "2")
    )
    verdict = verify(original, fixed).sites[0].verdict

    assert verdict.kind is Kind.UNCOVERED
    assert "alone it fails with AttributeError: module 'keras.ops' has no attribute 'no_such'" in str(verdict)


def test_an_expression_whose_input_must_be_whole_numbers(verify):
    program = """
def build(strategy, classes):
    return {layer}(strategy.labels())
"""
    original, fixed = pair(program, "classes")
    original = original.replace("lambda x: x * classes", "lambda x: keras.ops.one_hot(x, classes)")
    fixed = fixed.replace("inputs * self.factor", "keras.ops.one_hot(inputs, self.factor)")

    verdict = verify(original, fixed).sites[0].verdict
    assert str(verdict) == "agree (12 cases, alone, arguments made up)"


def test_layers_on_the_way_to_a_failure_are_not_compared(verify):
    program = """
def scaled(x, factor):
    return {layer}(x)

def head(units):
    return scaled(units, missing)
"""
    assert str(verify(*pair(program, "factor")).sites[0].verdict) == "agree (12 cases, alone, arguments made up)"


def test_one_value_in_the_place_of_another_shows(verify):
    program = "def build(strategy, start, stop):\n    return {layer}(strategy.inputs)\n"
    original, fixed = pair(program, "(start - stop)")

    assert verify(original, fixed).sites[0].verdict.agrees
    wrong = verify(original, fixed.replace("start - stop", "stop - start")).sites[0].verdict
    assert wrong.kind is Kind.DIFFER


def test_a_fixed_program_that_does_not_get_there_is_not_helped(verify):
    original, fixed = pair("def build(strategy):\n    return {layer}(strategy.inputs)\n", "2")
    verdict = verify(
        original,
        fixed.replace("return Fixed(2)(", "return Fixed(no_such)(").replace("Fixed(no_such)", "Fixed(2 + {}[1])"),
    )
    verdict = verdict.sites[0].verdict

    assert verdict.kind is Kind.UNCOVERED
    assert "1 layer in the original and 0 in the fixed program" in str(verdict)


def test_a_value_that_cannot_be_computed_is_not_that_of_the_module(verify):
    program = """
scale = 1.0

def build(strategy, path):
    scale = strategy.load(path)
    return {layer}(strategy.inputs)
"""
    original, fixed = pair(program, "scale")

    assert verify(original, fixed).sites[0].verdict.agrees
    wrong = fixed.replace("inputs * self.factor", "inputs * scale")
    assert verify(original, wrong).sites[0].verdict.kind is Kind.DIFFER


def test_inputs_of_which_a_layer_returns_nothing_tell_nothing(verify):
    original, fixed = (
        each.replace("x * 2", "x[:, 20:30]").replace("inputs * self.factor", "inputs[:, 20:30] * 7")
        for each in pair("def build(strategy):\n    return {layer}(strategy.inputs[:, 70:])\n", "2")
    )
    assert verify(original, fixed).sites[0].verdict.kind is Kind.DIFFER


def test_a_layer_that_could_not_be_made_does_not_hide_the_others(verify):
    program = """
inputs = keras.Input((4,))
model = keras.Model(inputs, {layer}(inputs))
broken = Dense(3, no_such_option=True)
"""
    assert str(verify(*pair(program, "2")).sites[0].verdict) == "agree (12 cases)"


def test_a_layer_is_compared_alone_where_its_heavy_model_ends_the_process(verify):
    program = """
import os

class Fatal(keras.layers.Layer):
    def call(self, inputs):
        if hasattr(inputs, "numpy"):
            os.abort()
        return inputs

inputs = keras.Input((600,))
outputs = {layer}(Fatal()(Dense(600)(inputs)))
model = keras.Model(inputs, outputs)
"""
    found = verify(*pair(program, "2"))
    assert str(found.sites[0].verdict) == "agree (12 cases, alone)"
    assert "signal SIGABRT" in str(found.models[0].verdict)
    assert verify(*pair(program, "2", "3")).sites[0].verdict.kind is Kind.DIFFER
