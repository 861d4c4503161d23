"""Other names that a file gives to what it imports."""

from __future__ import annotations

import ast

import pytest

from keras_lambda_lint.sites.aliases import aliases
from keras_lambda_lint.source.indexing import index_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from keras.layers import Conv2D as C", {"C": "Conv2D"}),
        ("from keras.layers import Conv2D", {}),
        ("import keras\nC = keras.layers.Conv2D\nD = C", {"C": "Conv2D", "D": "Conv2D"}),
        ("from keras.layers import Dense as C", {}),
        ("import keras\nc = keras.layers.Conv2D(3, 3)", {}),
    ],
)
def test_aliases(text: str, found: dict[str, str]) -> None:
    assert aliases(index_of(ast.parse(text)), frozenset({"Conv2D"})) == found
