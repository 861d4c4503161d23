"""The module that takes the place of a model's bytecode: what a person would write, and nothing that the file decides."""

from __future__ import annotations

import ast
import json
import keyword
import marshal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from artifacts.bytecode.marshalled import VERSIONS, stored
from artifacts.saved import (
    base64_text,
    bytecode,
    keras_2_lambda,
    keras_3_lambda,
    marshalled,
    sequential,
    write_saved_model,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.recovering.module import package_of, recover_module

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.artifacts.recovering.module import Module

K: Any = None
f: Any = None
"""Global names that functions below read, and nobody calls."""

RESCALE = base64_text(marshalled("lambda x: x / 127.5 - 1.0"))


def code(function: Any) -> str:
    """Return a function as this Python stores it."""
    return base64_text(marshal.dumps(function.__code__))


def recovered(tmp_path: Path, *layers: dict[str, Any], style: str = "layer") -> Module:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(sequential(*layers)), encoding="utf-8")
    return recover_module(str(path), style)


def definitions(module: Module) -> str:
    """Return the text without the docstring and the comments."""
    return ast.unparse(ast.Module(ast.parse(module.text).body[1:], []))


def test_one_layer(tmp_path: Path) -> None:
    module = recovered(tmp_path, keras_2_lambda("half", RESCALE))
    assert module.text == (
        '"""Layers and functions of net.json: recovered by `keras-lambda-lint recover`.\n\n'
        'Import this module before a model that needs it is loaded: that registers them.\n"""\n\n'
        "import keras\n\n\n"
        "# Layer `model/half`, written by Python 3.8-3.9.\n"
        "# Exact: compiled again, it does what the bytecode does.\n"
        '@keras.utils.register_keras_serializable(package="net")\n'
        "class Half(keras.layers.Layer):\n"
        "    def call(self, inputs):\n"
        "        return inputs / 127.5 - 1.0\n"
    )
    assert (module.without, module.todo) == ((), ())


def test_equal_layers_share_a_class_named_after_what_it_does(tmp_path: Path) -> None:
    module = recovered(tmp_path, keras_2_lambda("scale_a", RESCALE), keras_2_lambda("scale_b", RESCALE))
    assert [each.name for each in module.definitions] == ["Rescale"]
    assert "# Layer `model/scale_a`" in module.text
    assert "# Layer `model/scale_b`" in module.text


def test_defaults_captured_values_and_arguments_become_config(tmp_path: Path) -> None:
    layer = keras_2_lambda("take", code(lambda x, n: x[:, :n]), arguments={"n": 3})
    (definition,) = recovered(tmp_path, layer).definitions
    assert definition.draft.config == {"n": 3}
    layer = keras_2_lambda("take", code(lambda x, n: x[:, :n]))
    layer["config"]["function"][1] = [4]
    module = recovered(tmp_path, layer)
    assert definitions(module) == (
        "import keras\n\n"
        "@keras.utils.register_keras_serializable(package='net')\n"
        "class Take(keras.layers.Layer):\n\n"
        "    def __init__(self, n, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        "        self.n = n\n\n"
        "    def call(self, inputs):\n"
        "        return inputs[:, :self.n]\n\n"
        "    def get_config(self):\n"
        "        return {**super().get_config(), 'n': self.n}"
    )


def test_layers_that_differ_in_values_share_a_class(tmp_path: Path) -> None:
    layers = [keras_2_lambda(f"take_{n}", code(lambda x, n: x[:, :n]), arguments={"n": n}) for n in (1, 2)]
    (definition,) = recovered(tmp_path, *layers).definitions
    assert [draft.config for _, draft in definition.drafts] == [{"n": 1}, {"n": 2}]


def test_function_style(tmp_path: Path) -> None:
    layer = keras_2_lambda("take", code(lambda x, n: x[:, :n]), arguments={"n": 3})
    module = recovered(tmp_path, layer, style="function")
    assert "def take(x, n):\n    return x[:, :n]" in module.text
    assert module.definitions[0].draft.config == {"n": 3}


def test_backend_of_keras_2_becomes_that_of_keras_3(tmp_path: Path) -> None:
    layer = keras_2_lambda("mean", code(lambda x: K.mean(x, axis=1)))
    module = recovered(tmp_path, layer)
    assert "return ops.mean(inputs, axis=1)" in module.text
    assert "from keras import ops\n" in module.text


def test_what_the_backend_only_imported_is_left_to_a_person(tmp_path: Path) -> None:
    module = recovered(tmp_path, keras_2_lambda("resize", code(lambda x: K.tf.image.resize(x, (2, 2)))))
    assert module.todo == ("`Resize`: `keras.backend` of Keras 3 has no `K.tf`: this fails when it runs",)
    assert "# TODO: `keras.backend` of Keras 3 has no `K.tf`" in module.text


def test_shape_and_mask_functions_become_methods(tmp_path: Path) -> None:
    layer = keras_3_lambda("half", RESCALE, output_shape=[3, 4], mask=bytecode(RESCALE))
    text = recovered(tmp_path, layer).text
    assert "    def compute_output_shape(self, input_shape):\n        return (None, 3, 4)\n" in text
    assert "    def compute_mask(self, inputs, mask=None):\n        return inputs / 127.5 - 1.0\n" in text


def test_an_activation_becomes_a_function(tmp_path: Path) -> None:
    dense = {"class_name": "Dense", "config": {"name": "dense", "activation": bytecode(RESCALE)}}
    assert "def dense_activation(x):\n    return x / 127.5 - 1.0\n" in recovered(tmp_path, dense).text


def test_a_name_that_the_file_does_not_hold_is_left_to_a_person(tmp_path: Path) -> None:
    module = recovered(tmp_path, keras_2_lambda("own", code(lambda x: f(x))))
    assert "# TODO: define or import `f`:" in module.text
    assert module.todo == ("`Own` reads `f`, which the model file does not hold",)


def test_a_parameter_without_a_value_is_left_to_a_person(tmp_path: Path) -> None:
    module = recovered(tmp_path, keras_2_lambda("take", code(lambda x, n: x[:, :n])))
    assert [reason for _, reason in module.without] == ["nothing gives its parameter `n` a value"]
    assert "#     lambda x, n: x[:, :n]\n" in module.text


def test_a_captured_layer_is_left_to_a_person(tmp_path: Path) -> None:
    layer = keras_2_lambda("take", code(lambda x, n: x[:, :n]))
    layer["config"]["function"][1] = [{"class_name": "Dense", "config": {"units": 3}}]
    (reason,) = (reason for _, reason in recovered(tmp_path, layer).without)
    assert reason == "`n` is a `Dense`, of which the file holds only a description"


def test_undecodable_code_is_shown_as_instructions(tmp_path: Path) -> None:
    source = next(each for each in stored("3.8", "functions") if "while" in each.source)
    module = recovered(tmp_path, keras_2_lambda("loop", base64_text(source.code)))
    assert "# TODO: layer `model/loop` has to be written by hand: its code is undecodable" in module.text
    assert "LOAD_FAST" in module.text
    assert module.definitions == ()


def test_a_saved_model_says_each_layer_twice(tmp_path: Path) -> None:
    layer = keras_2_lambda("half", RESCALE)
    nodes = (("root", "_tf_keras_sequential", sequential(layer)), ("root.layer-0", "_tf_keras_layer", layer))
    module = recover_module(write_saved_model(tmp_path / "saved", *nodes))
    assert module.text.count("# Layer `") == 1


def test_nothing_to_recover(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no bytecode"):
        recovered(tmp_path, {"class_name": "Dense", "config": {"name": "d"}})


def test_the_package_is_the_name_of_the_file() -> None:
    assert package_of("a/my model (1).h5") == "my_model_1"
    assert package_of("keras.keras") == "keras_model"
    assert package_of("…") == "recovered"


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_what_every_python_has_written_becomes_a_module_that_compiles(tmp_path: Path, version: str) -> None:
    layers = [
        keras_2_lambda(f"lambda_{number}", base64_text(each.code))
        for number, each in enumerate(stored(version, "lambdas")[::15])
    ]
    for layer, each in zip(layers, stored(version, "lambdas")[::15], strict=True):
        layer["config"]["function"][2] = [1.5] * len(each.free) or None
    module = recovered(tmp_path, *layers)
    compile(module.text, "module", "exec")
    assert len(module.definitions) > len(layers) // 2


@pytest.mark.parametrize("style", ["layer", "function"])
@pytest.mark.parametrize(
    "name", ["class", "not", "None", "match", "import os\nos", "__init__", "keras", "\u202e", "名前"]
)
def test_no_name_of_a_layer_is_too_odd(tmp_path: Path, name: str, style: str) -> None:
    module = recovered(tmp_path, keras_3_lambda(name, RESCALE), style=style)
    (definition,) = module.definitions
    assert definition.name.isidentifier()
    assert definition.name not in {*keyword.kwlist, *keyword.softkwlist, "keras"}
    compile(module.text, "module", "exec")


def capturing(name: str) -> str:
    """Return `lambda x: x * k` that captured, besides `k`, something under another name, and does not read it."""
    k = 2
    made = (lambda x: x * k).__code__
    first, _, *others = made.co_code
    # From 3.11 on the first instruction says how many variables are captured.
    changed = bytes((first, 2, *others)) if sys.version_info >= (3, 11) else made.co_code
    return base64_text(marshal.dumps(made.replace(co_code=changed, co_freevars=("k", name))))


@pytest.mark.parametrize("style", ["layer", "function"])
@pytest.mark.parametrize("name", ["y=print('run'), z", "class", "x", "k\nimport os", "\u202e"])
def test_no_name_of_a_captured_variable_becomes_code(tmp_path: Path, name: str, style: str) -> None:
    layer = keras_3_lambda("twice", RESCALE, function=bytecode(capturing(name), None, [2, 3]))
    dense = {"class_name": "Dense", "config": {"name": "dense", "activation": bytecode(capturing(name), None, [2, 3])}}
    module = recovered(tmp_path, layer, dense, style=style)
    assert "print" not in ast.unparse(ast.parse(module.text))
    assert not module.definitions


@pytest.mark.parametrize("name", ["kwargs", "np", "self", "super", "tuple"])
def test_a_captured_variable_hides_nothing_that_the_constructor_reads(tmp_path: Path, name: str) -> None:
    made: dict[str, Any] = {}
    exec(f"def make({name}):\n    return lambda x: x * {name}", made)
    pair = {"class_name": "__tuple__", "items": [1, 2]}
    array = {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "float32"}}
    layers = [keras_3_lambda(f"one{n}", RESCALE) for n in range(2)]
    for layer, value in zip(layers, (pair, array), strict=True):
        layer["config"]["function"] = bytecode(code(made["make"](1)), None, [value])
    for node in ast.walk(ast.parse(recovered(tmp_path, *layers).text)):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            given = [each.arg for each in node.args.args]
            assert not {"super", "tuple", "np", "kwargs"} & {*given}
            assert given.count("self") == 1


HOSTILE = st.text(alphabet=st.sampled_from(list("a\"'\\\n\r\f\x00#\u2028:(){} \ud800;é²")), max_size=12)


@settings(max_examples=25)
@given(name=HOSTILE, value=HOSTILE, key=HOSTILE)
def test_no_text_of_the_file_becomes_code(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str, key: str
) -> None:
    layer = keras_2_lambda(name, code(lambda x, n: x[:, :n]), arguments={"n": [value], key: value}, module=value)
    dense = {"class_name": "Dense", "config": {"name": name, key or "k": bytecode(RESCALE, None, [value])}}
    module = recovered(tmp_path_factory.mktemp("model"), layer, dense)
    kinds = {type(node).__name__ for node in ast.parse(module.text).body}
    assert kinds <= {"Expr", "Import", "ImportFrom", "ClassDef", "FunctionDef"}
    assert sum(isinstance(node, ast.Expr) for node in ast.parse(module.text).body) == 1
    for node in ast.parse(module.text).body:
        if isinstance(node, ast.ClassDef):
            assert {type(each).__name__ for each in node.body} == {"FunctionDef"}
