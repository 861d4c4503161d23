"""Replaced expressions that choose between layers: each of these is compared, or the verdict says which is not."""

import pytest

from keras_lambda_lint.verify import Kind

pytestmark = pytest.mark.execution

HEAD = "import keras\nfrom keras.layers import Input, Lambda\n"
CLASSES = """
@keras.utils.register_keras_serializable(package="test")
class Fixed0(keras.layers.Layer):
    def call(self, inputs):
        return inputs + 1

@keras.utils.register_keras_serializable(package="test")
class Fixed1(keras.layers.Layer):
    def call(self, inputs):
        return inputs - {number}
"""
PROGRAMS = {
    "a function": """
def build(fast):
    inputs = Input((4,))
    return keras.Model(inputs, {layer}(inputs))

model = build(True)
""",
    "a layer": """
class Shifted(keras.layers.Layer):
    def call(self, inputs, fast=True):
        return {layer}(inputs)
""",
}
BEFORE = "Lambda((lambda x: x + 1) if fast else (lambda x: x - 1))"
AFTER = "(Fixed0() if fast else Fixed1())"
CALLS = (r"Lambda\(\(lambda x: x \+ 1\) if fast else \(lambda x: x - 1\)\)", r"\(Fixed0\(\) if fast else Fixed1\(\)\)")


def site(verify, program, number=1, after=AFTER, calls=CALLS):
    fixed = HEAD + CLASSES.format(number=number) + program.format(layer=after)
    return verify(HEAD + program.format(layer=BEFORE), fixed, calls).sites[0].verdict


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_layer_that_the_program_does_not_choose_is_compared_too(verify, program):
    assert "arguments made up" in str(site(verify, program))
    assert site(verify, program).kind is Kind.AGREE
    assert site(verify, program, number=2).kind is Kind.DIFFER


def test_a_layer_that_nothing_can_choose_is_not_verified(verify):
    program = "fast = True\ninputs = Input((4,))\nmodel = keras.Model(inputs, {layer}(inputs))\n"

    assert str(site(verify, program)) == "uncovered (`Fixed1()` did not run)"
    table = "dict(fast=Fixed0, slow=Fixed1)['fast' if fast else 'slow']()"
    calls = (CALLS[0], r"dict\(fast=Fixed0, slow=Fixed1\)\['fast' if fast else 'slow'\]\(\)")
    assert str(site(verify, program, 2, table, calls)) == "uncovered (`'slow'` did not run)"
    made = "dict(fast=Fixed0(), slow=Fixed1())[str('fast')]"
    calls = (CALLS[0], r"dict\(fast=Fixed0\(\), slow=Fixed1\(\)\)\[str\('fast'\)\]")
    assert str(site(verify, program, 1, made, calls)) == "error: 1 layer became 2"
