"""What a configuration says of stored functions and own classes, in the form of every Keras that has written one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from artifacts.saved import (
    base64_text,
    bytecode,
    keras_1_lambda,
    keras_2_lambda,
    keras_3_lambda,
    marshalled,
    sequential,
    write_saved_model,
)
from hypothesis import given
from hypothesis import strategies as st

from keras_lambda_lint.artifacts.bytecode import recover, stored_bytes
from keras_lambda_lint.artifacts.formats import Form, ModelFile, Part, read
from keras_lambda_lint.artifacts.functions import Needed, StoredFunction, contents

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "lambda x: x / 127.5 - 1.0"
CODE = base64_text(marshalled(SOURCE))


def found(config: Any) -> tuple[list[StoredFunction], list[Needed]]:
    return contents(ModelFile("model", Form.JSON, None, (Part("the file", config),)))


def rows(config: Any) -> list[tuple[str, str, str]]:
    """Return layer, role and recovered source of each stored function."""
    stored = found(config)[0]
    return [(each.layer, each.role, str(recover(stored_bytes(each.code)[0]).source)) for each in stored]


def test_keras_1_2() -> None:
    layer = keras_1_lambda("lambda_1", marshalled(SOURCE, "2.7"))
    assert rows({"class_name": "Sequential", "config": [layer]}) == [("lambda_1", "function", SOURCE)]


def test_keras_2() -> None:
    layer = keras_2_lambda(
        "half",
        CODE,
        output_shape=[CODE, None, None],
        output_shape_type="lambda",
        mask=[CODE, [1], [2]],
        mask_type="lambda",
    )
    assert rows(sequential(layer)) == [
        ("model/half", "function", SOURCE),
        ("model/half", "output_shape", SOURCE),
        ("model/half", "mask", SOURCE),
    ]
    stored, needed = found(sequential(layer))
    assert [(each.module, each.defaults, each.closure) for each in stored] == [
        ("__main__", None, None),
        (None, None, None),
        (None, [1], [2]),
    ]
    assert needed == []


def test_keras_3() -> None:
    layer = keras_3_lambda("half", CODE, output_shape=bytecode(CODE), mask=bytecode(CODE, [3], [4]))
    assert [role for _, role, _ in rows(sequential(layer))] == ["function", "output_shape", "mask"]
    assert (found(sequential(layer))[0][2].defaults, found(sequential(layer))[0][2].closure) == ([3], [4])


def test_saved_model_writes_tuples_and_says_each_layer_twice(tmp_path: Path) -> None:
    pair = {"class_name": "__tuple__", "items": [3, 4]}
    layer = keras_2_lambda("half", CODE)
    layer["config"]["function"] = {"class_name": "__tuple__", "items": [CODE, pair, None]}
    path = write_saved_model(
        tmp_path / "model",
        ("root", "_tf_keras_sequential", sequential(layer)),
        ("root.layer-0", "_tf_keras_layer", layer),
    )
    (stored,) = contents(read(path))[0]
    assert (stored.layer, stored.code, stored.defaults) == ("model/half", CODE, [3, 4])


def test_models_in_models_and_layers_in_wrappers() -> None:
    wrapped = {"class_name": "TimeDistributed", "config": {"name": "each", "layer": keras_2_lambda("half", CODE)}}
    inner = sequential(wrapped, name="inner")
    functional = {
        "class_name": "Functional",
        "config": {"name": "outer", "layers": [inner, keras_2_lambda("last", CODE)]},
    }
    assert [layer for layer, _, _ in rows(functional)] == ["outer/inner/each/half", "outer/last"]


def test_two_layers_with_the_same_code_are_two() -> None:
    assert len(rows(sequential(keras_2_lambda("a", CODE), keras_2_lambda("b", CODE)))) == 2


def test_bytecode_outside_of_lambda_layers() -> None:
    activation = {"class_name": "__lambda__", "config": {"value": [CODE, None, None]}}
    dense = {"class_name": "Dense", "config": {"name": "dense", "activation": activation}}
    assert rows(sequential(dense)) == [("model/dense", "activation", SOURCE)]


def test_an_activation_as_a_layer_of_keras_3_writes_it() -> None:
    dense = {
        "class_name": "Dense",
        "config": {"name": "dense", "activation": {"value": [CODE, None, None]}, "other": {"value": ["text"]}},
    }
    assert rows(sequential(dense)) == [("model/dense", "activation", SOURCE)]


def test_a_function_by_name_is_needed() -> None:
    of_keras_2 = keras_2_lambda("l", CODE, function="scale", function_type="function", module="train")
    named = {"module": "builtins", "class_name": "function", "config": "scale", "registered_name": "function"}
    registered = {"module": "pkg.ops", "class_name": "function", "config": "scale", "registered_name": "pkg>scale"}
    relu = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}

    def needed(function: Any) -> list[Needed]:
        return found(sequential(keras_3_lambda("l", CODE, function=function)))[1]

    assert found(sequential(of_keras_2)) == ([], [Needed("model/l", "function", "scale", "train")])
    assert needed(named) == [Needed("model/l", "function", "scale", None)]
    assert needed(registered) == [Needed("model/l", "function", "pkg>scale", "pkg.ops")]
    assert needed(relu) == []


def test_own_classes_are_needed_once() -> None:
    own = {"class_name": "Scale", "config": {"name": "a"}}
    of_keras_3 = {"module": "pkg", "class_name": "Scale3", "config": {"name": "b"}, "registered_name": "pkg>Scale3"}
    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "c"}, "registered_name": None}
    shape = {"class_name": "TensorShape", "items": [None, 3]}
    assert found(sequential(own, own, of_keras_3, dense, shape))[1] == [
        Needed("model/a", "class", "Scale", None),
        Needed("model/b", "class", "pkg>Scale3", "pkg"),
    ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([CODE, "Lambda", "__lambda__", "__tuple__"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["class_name", "config", "function", "function_type", "mask", "items", "code", "name", "module"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(JSON, st.sampled_from(["Lambda", "__lambda__", "function", "Dense"]))
def test_json_of_any_shape_gives_text_as_code(config: Any, class_name: str) -> None:
    stored, needed = found(json.loads(json.dumps({"class_name": class_name, "config": config})))
    for each in stored:
        assert isinstance(each.code, str)
        assert isinstance(each.role, str)
    for name in needed:
        assert isinstance(name.name, str)
