"""Names of generated layers and of their parameters."""

from __future__ import annotations

import ast

import pytest
from harness.model import index_of, sites_of

from keras_lambda_lint.rewrite.naming import camel, class_names, operation_name, parameter_name, taken_names, unique

OPERATIONS = {
    "x": "PassThrough",
    "-x": "Negate",
    "x ** 2": "Square",
    "x ** 3": "Power",
    "2 ** x": "Power",
    "x * 2": "MultiplyBy",
    "2 * x": "MultiplyBy",
    "x / 255.0": "DivideBy",
    "x + 1": "AddConstant",
    "x - c": "SubtractConstant",
    "x * 2 + 1": "Rescale",
    "(x - a) / b": "Rescale",
    "x[0] - x[1]": "SubtractInputs",
    "x[0] * x[1]": "MultiplyInputs",
    "x[:, 0]": "TakeStep",
    "x[:, -1]": "TakeLastStep",
    "x[:, -1, :]": "TakeLastStep",
    "x[0]": "TakeItem",
    "x[:, ::-1]": "Reverse",
    "x[:, 1:-1]": "Crop",
    "x[..., :3]": "Crop",
    "x[:, None]": "ExpandDims",
    "tf.nn.l2_normalize(x, axis=1)": "L2Normalize",
    "K.mean(x)": "Mean",
    "f(x)": "F",
    "x.get()": "Get",
    "x if a else b": None,
    "[x, x]": None,
    "x[:, 0] + c": None,
    "y[0]": None,
}


@pytest.mark.parametrize(("body", "name"), OPERATIONS.items())
def test_name_of_an_operation(body: str, name: str | None) -> None:
    function = ast.parse(f"lambda x: {body}", mode="eval").body
    assert isinstance(function, ast.Lambda)
    assert operation_name(function) == name


NAMES = {
    "Lambda(lambda x: x * 2)": ["MultiplyBy"],
    "Lambda(lambda x: x * 2, name='double')": ["MultiplyBy", "Double"],
    "Lambda(lambda x: x if a else b, name='pick_one')": ["PickOne"],
    "Lambda(lambda x: x if a else b, name='1st')": ["CustomOperation"],
    "Lambda(lambda x: x if a else b, name=n)": ["CustomOperation"],
    "scores = Lambda(lambda x: x if a else b)": ["Scores"],
    "scores = Lambda(lambda x: x if a else b)(i)": ["Scores"],
    "x = Lambda(lambda x: x if a else b)(i)": ["CustomOperation"],
    "Lambda(lambda x: tf.reduce_sum(x, axis=1))": ["ReduceSum", "ReduceSumAxis1"],
    "Lambda(lambda x: tf.reduce_sum(x, -1))": ["ReduceSum", "ReduceSumLastAxis"],
    "Lambda(lambda x: tf.reduce_sum(x, axis))": ["ReduceSum"],
}


@pytest.mark.parametrize(("program", "names"), NAMES.items())
def test_names_for_a_site_the_best_first(program: str, names: list[str]) -> None:
    sites = sites_of(f"import tensorflow as tf\nfrom keras.layers import Lambda\n{program}\n")
    (site,) = sites.lambdas
    assert site.function is not None
    assert class_names(site, site.function, sites.index) == names


@pytest.mark.parametrize(
    ("name", "expected"),
    [("add_two", "AddTwo"), ("l2_normalize", "L2Normalize"), ("toHSV", "ToHSV"), ("_private", "Private"), ("a-b.c", "ABC"), ("3d", "Layer3d"), ("_", "Layer")],
)  # fmt: skip
def test_camel(name: str, expected: str) -> None:
    assert camel(name) == expected


@pytest.mark.parametrize(
    ("names", "taken", "expected"),
    [
        (["Square"], set(), "Square"),
        (["Square", "Area"], {"Square"}, "Area"),
        (["Square"], {"Square"}, "Square2"),
        (["Square"], {"Square", "Square2"}, "Square3"),
        (["Softmax"], set(), "SoftmaxLayer"),
        (["Softmax"], {"SoftmaxLayer"}, "SoftmaxLayer2"),
    ],
)
def test_unique_is_new_in_the_file_and_no_layer_of_keras(names: list[str], taken: set[str], expected: str) -> None:
    assert unique(names, taken) == expected


@pytest.mark.parametrize(
    ("text", "taken", "expected"),
    [
        ("axis", set(), "axis"),
        ("self.axis", set(), "axis"),
        ("self._axis", set(), "axis"),
        ("config.model.width", set(), "width"),
        ("config['width']", set(), "width"),
        ("N", set(), "n"),
        ("axis", {"axis"}, "axis_value"),
        ("axis", {"axis", "axis_value"}, "axis_value2"),
        ("name", set(), "name_value"),
        ("dtype", set(), "dtype_value"),
        ("weights", set(), "weights_value"),
        ("training", set(), "training_value"),
        ("_", set(), "value"),
        ("Lambda", set(), "value"),
    ],
)
def test_parameter_names_are_free_of_what_a_layer_has(text: str, taken: set[str], expected: str) -> None:
    assert parameter_name(text, taken) == expected


def test_every_name_of_a_file_is_taken() -> None:
    taken = taken_names(index_of("import a as b\nclass C:\n    d = 1\ndef e(f):\n    g = h\n"))
    assert {"b", "C", "d", "e", "f", "g", "h", "print"} <= taken
    assert "a" not in taken
