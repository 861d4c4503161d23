"""What a run keeps of the files that it has looked at."""

from __future__ import annotations

import ast
import gc
import weakref

import pytest

from keras_lambda_lint.linter import lint
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.text import Source

PROGRAM = """\
import keras
from keras import backend as K

class Scaled(keras.layers.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = function

def make(k):
    return keras.layers.Lambda(lambda x: K.sum(x, axis=1) * k)

inputs = keras.Input(shape=(4,))
model = keras.Model(inputs, make(3)(Scaled(K.abs)(inputs)))
model.compile(loss=lambda a, b: a - b)
model.save("m.h5")
"""


@pytest.mark.parametrize("fixes", [False, True])
def test_the_tree_of_a_file_is_gone_without_looking_for_garbage(fixes: bool) -> None:
    tree = ast.parse(PROGRAM)
    statements = [weakref.ref(statement) for statement in tree.body]
    gc.collect()
    gc.disable()
    try:
        assert lint(Source("m.py", PROGRAM), select(extend_select=["KLL"]), tree=tree, fixes=fixes)
        del tree
        assert [each() for each in statements] == [None] * len(statements)
    finally:
        gc.enable()
