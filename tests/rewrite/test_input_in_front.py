"""What an `Input` in front of a `Lambda` layer looks like; it is shown, and never applied."""

from __future__ import annotations

import pytest
from harness.tool import findings, fixed, source_of

from keras_lambda_lint.diagnostic import Applicability, Fix

LAYER = 'keras.layers.Lambda(keras.activations.relu, input_shape=(4,), name="relu")'
WITHOUT = 'keras.layers.Lambda(keras.activations.relu, name="relu")'
START = "import keras\n\n"


def shown(text: str) -> Fix | str:
    """Return the fix of the only finding, or the reason why there is none."""
    (finding,) = (each for each in findings(START + text) if each.code == "KLL303")
    assert finding.fix is not None or finding.no_fix is not None
    return finding.fix or finding.no_fix or ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"m = keras.Sequential([{LAYER}])\n", f"m = keras.Sequential([keras.Input(shape=(4,)), {WITHOUT}])\n"),
        (f"m.add({LAYER})\n", f"m.add(keras.Input(shape=(4,)))\nm.add({WITHOUT})\n"),
        (
            f"m = keras.Sequential(\n    [\n        {LAYER},\n        a,\n    ]\n)\n",
            f"m = keras.Sequential(\n    [\n        keras.Input(shape=(4,)),\n        {WITHOUT},\n        a,\n    ]\n)\n",
        ),
        (
            'm.add(keras.layers.Lambda(keras.activations.relu, name="a", batch_input_shape=(None, 4)))\n',
            'm.add(keras.Input(batch_shape=(None, 4)))\nm.add(keras.layers.Lambda(keras.activations.relu, name="a"))\n',
        ),
        (
            "from keras.layers import Lambda\nm.add(Lambda(keras.activations.relu, input_shape=s))\n",
            "from keras.layers import Lambda\nm.add(keras.Input(shape=s))\nm.add(Lambda(keras.activations.relu))\n",
        ),
    ],
)
def test_says_the_shape_in_front(text: str, expected: str) -> None:
    fix = shown(text)
    assert isinstance(fix, Fix)
    assert fix.applicability is Applicability.DISPLAY
    assert source_of(START + text).applied(fix.edits).text == START + expected
    assert fixed(START + text).source.text == START + text


@pytest.mark.parametrize(
    "text",
    [f"m = keras.Sequential([a, {LAYER}])\n", f"x = {LAYER}(y)\n", f"layers = [{LAYER}]\n"],
)
def test_not_where_nothing_tells_what_is_in_front(text: str) -> None:
    assert "which one is in front is not known" in str(shown(text))
