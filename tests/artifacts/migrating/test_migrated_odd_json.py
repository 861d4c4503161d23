"""A configuration of any shape is migrated or refused in one line."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from artifacts.saved import base64_text, keras_1_lambda, keras_2_lambda, keras_3_lambda, marshalled
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import Form, ModelFile, Part
from keras_lambda_lint.artifacts.functions import stored_functions
from keras_lambda_lint.artifacts.migrating import migrate

CODE = base64_text(marshalled("lambda x: x / 127.5 - 1.0"))
KEYS = (
    "class_name config layers layer name inbound_nodes output_layers function arguments output_shape mask kwargs args dtype "
    "batch_input_shape code defaults closure function_type module items nb_filter dim_ordering"
).split()
WORDS = ["Lambda", "Sequential", "Functional", "Model", "InputLayer", "Convolution2D", "__tuple__", "__numpy__", "same"]


def layers() -> st.SearchStrategy[Any]:
    return st.sampled_from([0, 1, 2]).map(
        lambda number: (
            keras_1_lambda("same", marshalled("lambda x: x / 127.5 - 1.0", "2.7")),
            keras_2_lambda("same", CODE),
            keras_3_lambda("same", CODE),
        )[number]
    )


def odd_layers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return Lambda layers of which some keys hold anything."""
    changed = st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)

    def put(layer: Any, entry: Any, config: Any) -> Any:
        return {**layer, **entry, "config": {**layer["config"], **config}}

    return st.builds(put, layers(), changed, changed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.sampled_from([*WORDS, CODE]) | layers(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6) | odd_layers(inner)
    ),
    max_leaves=30,
)


@settings(max_examples=150)
@given(
    config=JSON,
    keras=st.sampled_from(["1.2.1", "2.4.0", "3.15.1", None]),
    form=st.sampled_from([Form.HDF5, Form.KERAS]),
)
def test_any_json(config: Any, keras: str | None, form: Form) -> None:
    top = json.loads(json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": [config]}}))
    file = ModelFile("old", form, keras, (Part("config", top),), config)
    with pytest.MonkeyPatch.context() as patch, suppress(ModelError):
        patch.setattr(migrate, "read", lambda _path: file)
        planned = migrate.plan("old.h5", "new.keras", None)
        assert list(stored_functions(planned.config)) == []
        assert isinstance(json.dumps(planned.attributes), str)
