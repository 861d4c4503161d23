"""What `migrate` writes, and what it refuses to write; nothing is run."""

from __future__ import annotations

import io
import json
import marshal
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from artifacts.bytecode.marshalled import stored
from artifacts.saved import (
    base64_text,
    bytecode,
    keras_1_lambda,
    keras_2_lambda,
    keras_3_lambda,
    marshalled,
    sequential,
    write_h5,
    write_keras,
    write_saved_model,
)

from keras_lambda_lint.artifacts.migrating import proof

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Run

h5py = pytest.importorskip("h5py", reason="needs the artifacts extra")

SOURCE = "lambda x: x / 127.5 - 1.0"
CODE = base64_text(marshalled(SOURCE))


@pytest.fixture(autouse=True)
def _not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "missing", lambda: "this test looks at the file only")


def here(function: Any) -> str:
    """Return a function as this Python stores it."""
    return base64_text(marshal.dumps(function.__code__))


def h5_config(path: Path) -> Any:
    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


def keras_config(path: Path) -> Any:
    return json.loads(zipfile.ZipFile(path).read("config.json"))


def test_h5(cli: Run, project: Path) -> None:
    write_h5(project / "old.h5", sequential(keras_2_lambda("half", CODE)), keras_version="2.4.0", backend="tensorflow")
    with h5py.File(project / "old.h5", "r+") as file:
        file.create_group("model_weights").create_dataset("kernel", data=[1.0, 2.0])
    before = (project / "old.h5").read_bytes()
    code, out, err = cli("migrate", "old.h5", "-o", "new.h5")
    assert code == 0
    assert out == "new.h5: written; it needs Half of new_layers.py, written too\n"
    assert err == "keras-lambda-lint: new.h5: not tried: this test looks at the file only\n"
    assert (project / "old.h5").read_bytes() == before
    (layer,) = h5_config(project / "new.h5")["config"]["layers"]
    assert layer == {
        "module": "new_layers",
        "class_name": "Half",
        "registered_name": "old>Half",
        "config": {"name": "half", "trainable": True},
    }
    with h5py.File(project / "new.h5") as file:
        assert list(file["model_weights/kernel"]) == [1.0, 2.0]
        assert file.attrs["keras_version"] == "2.4.0"
    assert 'package="old"' in (project / "new_layers.py").read_text(encoding="utf-8")
    assert sorted(path.name for path in project.iterdir()) == ["new.h5", "new_layers.py", "old.h5"]


def test_keras_3(cli: Run, project: Path) -> None:
    layer = keras_3_lambda("take", here(lambda x, n: x[:, :n]), arguments={"n": 3})
    layer["inbound_nodes"] = [{"args": [], "kwargs": {"mask": None}}]
    layer["build_config"] = {"input_shape": [None, 4]}
    write_keras(project / "old.keras", sequential(layer), **{"model.weights.h5": "weights", "assets/a": "b"})
    assert cli("migrate", "old.keras", "-o", "new.keras").code == 0
    (new,) = keras_config(project / "new.keras")["config"]["layers"]
    assert new == {
        "module": "new_layers",
        "class_name": "Take",
        "registered_name": "old>Take",
        "config": {"name": "take", "n": 3},
        "inbound_nodes": [{"args": [], "kwargs": {}}],
        "build_config": {"input_shape": [None, 4]},
    }
    archive = zipfile.ZipFile(project / "new.keras")
    assert archive.read("model.weights.h5") == b"weights"
    assert archive.read("assets/a") == b"b"
    assert b"__lambda__" not in (project / "new.keras").read_bytes()


def test_equal_names_in_nested_models(cli: Run, project: Path) -> None:
    inner = [sequential(keras_2_lambda("same", CODE), name=name) for name in ("one", "two")]
    write_h5(project / "old.h5", sequential(*inner, keras_2_lambda("same", CODE)), keras_version="2.4.0")
    assert cli("migrate", "old.h5", "-o", "new.h5").code == 0
    assert json.dumps(h5_config(project / "new.h5")).count('"old>Same"') == 3


def test_an_activation(cli: Run, project: Path) -> None:
    dense = {"class_name": "Dense", "config": {"name": "dense", "activation": bytecode(CODE)}}
    write_keras(project / "old.keras", sequential(dense))
    assert cli("migrate", "old.keras", "-o", "new.keras").code == 0
    (new,) = keras_config(project / "new.keras")["config"]["layers"]
    assert new["config"]["activation"] == {
        "module": "builtins",
        "class_name": "function",
        "config": "old>dense_activation",
        "registered_name": "function",
    }


def test_a_given_module(cli: Run, project: Path) -> None:
    write_keras(project / "old.keras", sequential(keras_3_lambda("own", here(lambda x: f(x)))))
    code, out, err = cli("migrate", "old.keras", "-o", "new.keras")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "`Own` reads `f`, which the model file does not hold: finish what" in err
    text = cli("recover", "old.keras").out
    (project / "layers.py").write_text(text, encoding="utf-8")
    err = cli("migrate", "old.keras", "-o", "new.keras", "--module", "layers.py").err
    assert err == "keras-lambda-lint: error: old.keras: layers.py does not define `f`, which `Own` reads\n"
    mine = text.replace('package="old"', 'package="mine", name="Ours"') + "\n\ndef f(x):\n    return x\n"
    (project / "layers.py").write_text(mine, encoding="utf-8")
    assert cli("migrate", "old.keras", "-o", "new.keras", "--module", "layers.py").code == 0
    (new,) = keras_config(project / "new.keras")["config"]["layers"]
    assert (new["module"], new["class_name"], new["registered_name"]) == ("layers", "Own", "mine>Ours")
    assert sorted(path.name for path in project.iterdir()) == ["layers.py", "new.keras", "old.keras"]


f: Any = None
"""A global name that a function above reads, and nobody calls."""


def test_a_given_module_of_functions(cli: Run, project: Path) -> None:
    layer = keras_3_lambda("take", here(lambda x, n: x[:, :n]), arguments={"n": 3}, output_shape=[3])
    write_keras(project / "old.keras", sequential(layer))
    assert cli("recover", "old.keras", "--fix-style", "function", "-o", "layers.py").code == 0
    assert cli("migrate", "old.keras", "-o", "new.keras", "--module", "layers.py").code == 0
    (new,) = keras_config(project / "new.keras")["config"]["layers"]
    assert new["class_name"] == "Lambda"
    assert new["config"]["function"]["config"] == "old>take"
    assert new["config"]["arguments"] == {"n": 3}
    assert new["config"]["output_shape"] == [3]


def test_a_given_module_without_the_class(cli: Run, project: Path) -> None:
    write_keras(project / "old.keras", sequential(keras_3_lambda("half", CODE)))
    for text, reason in (("x = 1\n", "registers no class `Half`, for layer `model/half`"), ("x = (", "does not parse")):
        (project / "layers.py").write_text(text, encoding="utf-8")
        code, _, err = cli("migrate", "old.keras", "-o", "new.keras", "--module", "layers.py")
        assert (code, err.count("\n")) == (2, 1)
        assert f"old.keras: layers.py {reason}" in err


# Forms of old files that Keras 3 misreads


def test_a_list_of_layers_of_keras_1(cli: Run, project: Path) -> None:
    first = keras_1_lambda("lambda_1", marshalled(SOURCE, "2.7"))
    first["config"]["batch_input_shape"] = [None, 4]
    write_h5(project / "old.h5", {"class_name": "Sequential", "config": [first]}, keras_version="1.2.1")
    assert cli("migrate", "old.h5", "-o", "new.h5").code == 0
    new = h5_config(project / "new.h5")["config"]
    assert new["name"] == "sequential"
    assert [layer["class_name"] for layer in new["layers"]] == ["InputLayer", "Rescale"]
    assert new["layers"][0]["config"]["batch_input_shape"] == [None, 4]


CONVOLUTION: dict[str, Any] = {
    "class_name": "Convolution2D",
    "config": {
        "name": "c",
        "nb_filter": 8,
        "nb_row": 5,
        "nb_col": 3,
        "subsample": [2, 2],
        "border_mode": "valid",
        "dim_ordering": "tf",
        "activation": "elu",
        "bias": True,
        "init": "glorot_uniform",
        "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.001},
        "W_constraint": None,
    },
}


def test_layers_of_keras_1(cli: Run, project: Path) -> None:
    dropout = {"class_name": "Dropout", "config": {"name": "d", "p": 0.5}}
    layers = [keras_1_lambda("lambda_1", marshalled(SOURCE, "2.7")), CONVOLUTION, dropout]
    training = json.dumps(
        {"loss": "mse", "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.1, "decay": 0.0}}}
    )
    config = {"class_name": "Sequential", "config": layers}
    write_h5(project / "old.h5", config, keras_version="1.2.1", training_config=training)
    assert cli("migrate", "old.h5", "-o", "new.h5").code == 0
    assert h5_config(project / "new.h5")["config"]["layers"][1:] == [
        {
            "class_name": "Conv2D",
            "config": {
                "name": "c",
                "activation": "elu",
                "use_bias": True,
                "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.001}},
                "filters": 8,
                "strides": [2, 2],
                "padding": "valid",
                "data_format": "channels_last",
                "kernel_size": [5, 3],
            },
        },
        {"class_name": "Dropout", "config": {"name": "d", "rate": 0.5}},
    ]
    with h5py.File(project / "new.h5") as file:
        assert json.loads(file.attrs["training_config"])["optimizer_config"]["config"] == {"learning_rate": 0.1}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (
            {"class_name": "Merge", "config": {"name": "m"}},
            "its layer `Merge` of Keras 1 cannot be written for Keras 3",
        ),
        (
            {**CONVOLUTION, "config": {**CONVOLUTION["config"], "dim_ordering": "th"}},
            "its layers have the order of dimensions of Theano, which needs other weights",
        ),
    ],
)
def test_layers_of_keras_1_that_stay(cli: Run, project: Path, layer: Any, reason: str) -> None:
    layers = [keras_1_lambda("lambda_1", marshalled(SOURCE, "2.7")), layer]
    write_h5(project / "old.h5", {"class_name": "Sequential", "config": layers}, keras_version="1.2.1")
    assert cli("migrate", "old.h5", "-o", "new.h5") == (2, "", f"keras-lambda-lint: error: old.h5: {reason}\n")


def test_calls_of_nested_models_are_counted_from_0(cli: Run, project: Path) -> None:
    inner = {
        **sequential({"class_name": "InputLayer", "config": {"name": "i"}}, keras_2_lambda("a", CODE), name="inner")
    }
    config = {
        "name": "outer",
        "layers": [
            {"class_name": "InputLayer", "name": "x", "config": {"name": "x"}, "inbound_nodes": []},
            {**inner, "name": "inner", "inbound_nodes": [[["x", 0, 0, {}]], [["x", 0, 0, {}]]]},
            {**keras_2_lambda("b", CODE), "name": "b", "inbound_nodes": [[["inner", 2, 0, {}]]]},
        ],
        "output_layers": [["b", 0, 0], ["inner", 1, 0]],
    }
    write_h5(project / "old.h5", {"class_name": "Functional", "config": config}, keras_version="2.4.0")
    assert cli("migrate", "old.h5", "-o", "new.h5").code == 0
    new = h5_config(project / "new.h5")["config"]
    assert new["layers"][2]["inbound_nodes"] == [[["inner", 1, 0, {}]]]
    assert new["output_layers"] == [["b", 0, 0], ["inner", 0, 0]]


def test_settings_that_keras_3_does_not_take(cli: Run, project: Path) -> None:
    layers = [
        {"class_name": "LSTM", "config": {"name": "a", "units": 2, "time_major": False}},
        {"class_name": "SimpleRNN", "config": {"name": "b", "units": 2, "time_major": True}},
        {"class_name": "DepthwiseConv2D", "config": {"name": "c", "groups": 1, "kernel_initializer": "zeros"}},
        {"class_name": "Conv2D", "config": {"name": "d", "groups": 1, "kernel_initializer": "zeros"}},
        {
            "class_name": "SpatialDropout1D",
            "config": {"name": "e", "rate": 0.5, "trainable": True, "noise_shape": None},
        },
    ]
    write_h5(project / "old.h5", sequential(keras_2_lambda("half", CODE), *layers), keras_version="2.8.0")
    assert cli("migrate", "old.h5", "-o", "new.h5")[0] == 0
    new = [layer["config"] for layer in h5_config(project / "new.h5")["config"]["layers"][1:]]
    assert new == [
        {"name": "a", "units": 2},
        {"name": "b", "units": 2, "time_major": True},
        {"name": "c"},
        {"name": "d", "groups": 1, "kernel_initializer": "zeros"},
        {"name": "e", "rate": 0.5},
    ]


def test_what_keras_3_computes_in_another_way_is_refused(cli: Run, project: Path) -> None:
    layer = {"class_name": "LSTM", "config": {"name": "a", "units": 2, "recurrent_activation": "hard_sigmoid"}}
    write_h5(project / "old.h5", sequential(keras_2_lambda("half", CODE), layer), keras_version="2.2.4")
    code, out, err = cli("migrate", "old.h5", "-o", "new.h5")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "`hard_sigmoid` of layer `a` is another function in Keras 3" in err
    assert [path.name for path in project.iterdir()] == ["old.h5"]


def test_short_names_of_losses(cli: Run, project: Path) -> None:
    training = json.dumps({"loss": {"a": "mse", "b": ["mae", "hinge"]}, "metrics": ["mae"]})
    write_h5(project / "old.h5", sequential(keras_2_lambda("half", CODE)), training_config=training)
    assert cli("migrate", "old.h5", "-o", "new.h5").code == 0
    with h5py.File(project / "new.h5") as file:
        assert json.loads(file.attrs["training_config"]) == {
            "loss": {"a": "mean_squared_error", "b": ["mean_absolute_error", "hinge"]},
            "metrics": ["mae"],
        }


# What is refused: one line, nothing written


def dangerous() -> Any:
    return keras_3_lambda("bad", here(lambda x: eval("x")))


def approximate() -> Any:
    source = next(each for each in stored("3.8", "functions") if "while" in each.source)
    return keras_3_lambda("loop", base64_text(source.code))


def called_by_keyword() -> Any:
    layer = keras_3_lambda("half", CODE)
    layer["inbound_nodes"] = [{"args": [], "kwargs": {"x": 1}}]
    return layer


def misplaced() -> Any:
    return {**keras_3_lambda("half", CODE), "more": {"class_name": "__lambda__", "config": 3}}


def captured_layer() -> Any:
    layer = keras_3_lambda("take", here(lambda x, n: x[:, :n]))
    layer["config"]["function"]["config"]["defaults"] = [{"class_name": "Dense", "config": {}}]
    return layer


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (dangerous, "the code of layer `model/bad` is dangerous: uses `eval`"),
        (approximate, "the code of layer `model/loop` is undecodable: "),
        (called_by_keyword, "layer `model/half` is called with `x`, which its function does not take by that name"),
        (misplaced, "it holds bytecode in a place where Keras does not write it"),
        (captured_layer, "layer `model/take` cannot be written as a class: `n` is a `Dense`"),
        (lambda: {"class_name": "Dense", "config": {"name": "d"}}, "it holds no bytecode: there is nothing to migrate"),
    ],
)
def test_what_cannot_be_carried_over(cli: Run, project: Path, make: Callable[[], Any], reason: str) -> None:
    write_keras(project / "old.keras", sequential(make()))
    code, out, err = cli("migrate", "old.keras", "-o", "new.keras")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"keras-lambda-lint: error: old.keras: {reason}")
    assert [path.name for path in project.iterdir()] == ["old.keras"]


def write_old_keras(path: Path) -> str:
    return write_archive(path, sequential(keras_2_lambda("half", CODE)), {"keras_version": "2.15.0"})


def write_archive(path: Path, config: Any, metadata: Any, **members: bytes) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", json.dumps(config))
        for name, data in members.items():
            archive.writestr(name, data)
    return str(path)


def with_member(name: str, data: bytes) -> Callable[[Path], str]:
    config, metadata = sequential(keras_3_lambda("half", CODE)), {"keras_version": "3.15.1"}
    return lambda path: write_archive(path, config, metadata, **{name: data})


def truncated(path: Path) -> str:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("config.json", "{}")
    path.write_bytes(data.getvalue()[:40])
    return str(path)


def saved_model(path: Path) -> str:
    return write_saved_model(path, ("root", "_tf_keras_sequential", sequential(keras_2_lambda("half", CODE))))


def with_a_link(path: Path) -> str:
    write_h5(path, sequential(keras_2_lambda("half", CODE)))
    with h5py.File(path, "r+") as file:
        file.create_group("model_weights")["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    return str(path)


def with_external_data(path: Path) -> str:
    write_h5(path, sequential(keras_2_lambda("half", CODE)))
    with h5py.File(path, "r+") as file:
        file.create_group("model_weights").create_dataset("k", (4,), "f4", external=[("/etc/passwd", 0, 16)])
    return str(path)


def with_virtual_data(path: Path) -> str:
    write_h5(path, sequential(keras_2_lambda("half", CODE)))
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "k", shape=(4,))
    with h5py.File(path, "r+") as file:
        file.create_group("model_weights").create_virtual_dataset("k", layout)
    return str(path)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("old.keras", write_old_keras, "Keras 3 does not read `.keras` files of Keras 2"),
        ("old.keras", with_member("../evil.py", b"x"), "it holds `../evil.py`, which Keras does not write"),
        ("old.keras", with_member("/evil.py", b"x"), "it holds `/evil.py`, which Keras does not write"),
        ("old.keras", with_member("model.weights.h5", bytes(70_000_000)), "`model.weights.h5` unpacks to 66 MiB"),
        ("old.keras", truncated, "it is a damaged or unreadable zip archive"),
        ("saved", saved_model, "a SavedModel cannot be migrated: save it as .h5 with the Keras that wrote it"),
        ("old.h5", with_a_link, "it cannot be copied (ValueError: it holds a link to elsewhere)"),
        ("old.h5", with_external_data, "it cannot be copied (ValueError: it holds data of another file)"),
        ("old.h5", with_virtual_data, "it cannot be copied (ValueError: it holds data of another file)"),
    ],
)
def test_bad_files(cli: Run, project: Path, name: str, make: Callable[[Path], str], reason: str) -> None:
    make(project / name)
    output = f"new{'.h5' if name.endswith('h5') else '.keras'}"
    code, out, err = cli("migrate", name, "-o", output)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"keras-lambda-lint: error: {name}: {reason}")
    assert [path.name for path in project.iterdir()] == [name]


def test_where_to_write(cli: Run, project: Path) -> None:
    write_keras(project / "old.keras", sequential(keras_3_lambda("half", CODE)))
    (project / "mine_layers.py").write_text("mine", encoding="utf-8")
    for arguments, reason in (
        (("-o", "old.keras"), "old.keras exists already: name a new file, or delete it first"),
        (("-o", "new.zip"), "new.zip: name a file that ends with .keras or .h5"),
        (("-o", "new.h5"), "a `.keras` file becomes a `.keras` file: name one with -o"),
        (("-o", "mine.keras"), "mine_layers.py exists already: give it with --module, or delete it first"),
    ):
        assert cli("migrate", "old.keras", *arguments) == (2, "", f"keras-lambda-lint: error: old.keras: {reason}\n")
    code, _, err = cli("migrate", "old.keras", "-o", "none/new.keras")
    assert (code, err.count("\n")) == (2, 1)
    assert "no such file or directory" in err
    assert sorted(path.name for path in project.iterdir()) == ["mine_layers.py", "old.keras"]


def test_h5_to_keras_needs_keras(cli: Run, project: Path) -> None:
    write_h5(project / "old.h5", sequential(keras_2_lambda("half", CODE)))
    code, _, err = cli("migrate", "old.h5", "-o", "new.keras")
    assert code == 2
    assert "from .h5 to .keras needs Keras (this test looks at the file only); name a file that ends with .h5" in err
