"""What calls that load models say."""

from __future__ import annotations

import pytest
from harness.model import sites_of

from keras_lambda_lint.sites.saving.loads import LoadCall

START = "import keras\nfrom keras.layers import Lambda\nfrom keras.models import load_model\n\n\ndef f(x):\n    return x\n\n\n"


@pytest.mark.parametrize(
    ("call", "unsafe"),
    [
        ("load_model(p, safe_mode=False)", "safe_mode=False"),
        ("load_model(p, None, True, False)", "False"),
        ("keras.config.enable_unsafe_deserialization()", "keras.config.enable_unsafe_deserialization()"),
        ("keras.layers.Lambda.from_config(c, safe_mode=False)", "safe_mode=False"),
    ],
)
def test_safe_mode_is_off(call: str, unsafe: str) -> None:
    file = sites_of(START + call)
    (load,) = file.of(LoadCall)
    assert load.unsafe is not None
    assert file.text(load.unsafe) == unsafe


@pytest.mark.parametrize(
    "call",
    ["load_model(p)", "load_model(p, safe_mode=flag)", "load_model(p, safe_mode=True)", "load(p, safe_mode=False)"],
)
def test_safe_mode_is_on_or_not_known(call: str) -> None:
    assert sites_of(START + call).of(LoadCall) == ()


def test_entries_in_the_order_of_the_map() -> None:
    (load,) = sites_of(f"{START}load_model(p, custom_objects={{'f': f, 'g': Lambda, f: f}})").of(LoadCall)
    assert [entry.key for entry in load.objects] == ["f", "g", None]
    assert [entry.is_lambda_class for entry in load.objects] == [False, True, False]
    assert [entry.object_as_key for entry in load.objects] == [None, None, "f"]
