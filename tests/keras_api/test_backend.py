"""The rows of `keras_api/backend.py` hold for the installed packages: what is gone, and what replaces it."""

from __future__ import annotations

import importlib.util
from functools import cache

import pytest
from harness.measure import ask

from keras_lambda_lint.keras_api.backend import (
    EARLIER,
    REMOVED,
    REMOVED_FROM_TENSORFLOW,
    BackendFunction,
    removed_backend_function,
)

needs_tensorflow = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

CALLS = {
    "abs": ["x"], "all": ["x", "b, 1", "b, 1, True"], "any": ["x", "b, 1", "b, 1, True"], "arange": ["5", "0, 5, 2", "5.0"],
    "argmax": ["x"], "argmin": ["x"], "batch_dot": ["x, z", "x, y, (2, 2)"], "batch_flatten": ["x"], "batch_get_value": ["tensors"],
    "batch_normalization": ["x, mean, var, beta, gamma"], "bias_add": ["x, bias"], "binary_crossentropy": ["p, p"],
    "cast": ["x, 'float32'", "x, 'int32'", "x, 'bool'", "b, 'float16'"], "cast_to_floatx": ["x"],
    "categorical_crossentropy": ["m, p", "m, p, True"], "clip": ["x, -0.5, 0.5", "x, 0, 1", "x, 0, None"], "concatenate": ["tensors"],
    "constant": ["value"], "conv1d": ["x, kernel1", "x, kernel1, 1, 'same'"], "conv2d": ["image, kernel2", "image, kernel2, (2, 2), 'same'"],
    "conv2d_transpose": ["image, back, (2, 5, 5, 5)"], "conv3d": ["volume, kernel3"], "cos": ["x"], "count_params": ["x"],
    "ctc_batch_cost": ["labels, steps, long, short"],
    "cumprod": ["x"], "cumsum": ["x"], "depthwise_conv2d": ["image, deep", "image, deep, (2, 2), 'same'"],
    "dot": ["x, z[0]", "x, z"], "dropout": ["x, 0.5, None, 1"], "dtype": ["x"], "elu": ["x", "x, 0.5"], "equal": ["x, y"], "eval": ["x"],
    "exp": ["x"], "expand_dims": ["x"], "eye": ["n"], "flatten": ["x"], "gather": ["x, indices"], "get_value": ["x"],
    "greater": ["x, y", "x, 0"], "greater_equal": ["x, y"], "hard_sigmoid": ["x"], "image_dim_ordering": [""],
    "in_top_k": ["predictions, targets, k"], "int_shape": ["x"], "is_sparse": ["x"], "is_tensor": ["x", "[1]"],
    "l2_normalize": ["x, axis=-1"], "less": ["x, y"], "less_equal": ["x, y"], "log": ["x"], "logsumexp": ["x", "x, 1", "x, 1, True"],
    "map_fn": ["lambda row: -row, x"], "max": ["x", "x, 1", "x, -1, True"], "maximum": ["x, y", "x, 0.0"],
    "mean": ["x", "x, 1", "x, [1, 2], True"], "min": ["x", "x, 1", "x, -1, True"], "minimum": ["x, y"], "ndim": ["x"],
    "not_equal": ["x, y"], "one_hot": ["i, n"], "ones": ["shape"], "ones_like": ["x"], "permute_dimensions": ["x, (0, 2, 1)"],
    "placeholder": ["(2, 3)"], "pool2d": ["image, pool_size"], "pool3d": ["volume, (2, 2, 2)"], "pow": ["x, 2", "x, 0.5", "x, 3"],
    "prod": ["x", "x, 1", "x, -1, True"], "random_bernoulli": ["shape, 0.5, None, 1"], "random_binomial": ["shape, 0.5, None, 1"],
    "random_normal": ["shape, 0.0, 1.0, None, 1"], "random_uniform": ["shape, 0.0, 1.0, None, 1"], "relu": ["x"], "repeat": ["m, n"],
    "repeat_elements": ["x, 2, 1"], "reshape": ["x, (-1, 12)"], "resize_images": ["image, 2, 2, 'channels_last'"],
    "resize_volumes": ["volume, 2, 2, 2, 'channels_last'"], "reverse": ["x, 1", "x, [1, 2]"], "round": ["x", "x * 3"],
    "separable_conv2d": ["image, deep, point", "image, deep, point, (2, 2), 'same'"], "set_image_dim_ordering": ["'tf'"],
    "set_value": ["x, value"], "shape": ["x"], "sigmoid": ["x"], "sign": ["x"], "sin": ["x"], "softmax": ["x", "x, 1"],
    "softplus": ["x"], "softsign": ["x"], "sparse_categorical_crossentropy": ["targets, m", "targets, m, True"],
    "spatial_2d_padding": ["image"], "spatial_3d_padding": ["volume"], "sqrt": ["x"], "square": ["x"], "squeeze": ["x[:, :1], 1"],
    "stack": ["[x, y]", "[x, y], 1"], "std": ["x", "x, 1", "x, [0, 1], True"], "stop_gradient": ["x"],
    "sum": ["x", "x, 1", "x, [1, 2], True"], "switch": ["b, m, p", "b[0, 0], lambda: m, lambda: p"], "tanh": ["x"],
    "temporal_padding": ["x"], "tile": ["x, [1, 2, 1]"], "to_dense": ["x"], "transpose": ["m", "x"],
    "truncated_normal": ["shape, 0.0, 1.0, None, 1"], "update": ["x, value"], "update_add": ["x, value"], "update_sub": ["x, value"],
    "var": ["x", "x, 1", "x, [0, 1], True"], "variable": ["value"], "zeros": ["shape"], "zeros_like": ["x"],
}  # fmt: skip
"""The arguments that each function is called with; the names are those of `harness.measure.namespace`."""

RENAMED = {
    "pool3d": {"x": "volume", "pool_size": "(2, 2, 2)"},
    "pool2d": {"x": "image"},
    "spatial_2d_padding": {"x": "image"},
    "spatial_3d_padding": {"x": "volume"},
    "resize_images": {"x": "image"},
    "resize_volumes": {"x": "volume"},
    "repeat": {"x": "m"},
    "random_bernoulli": {"p": "0.5"},
    "random_binomial": {"p": "0.5"},
}
"""What the parameters of a replacement stand for in the calls above."""


def replaced(function: BackendFunction, arguments: str) -> tuple[str, str]:
    """Return the call of the old function, and what the table says to write instead."""
    if not function.instead.endswith((")", "]")):
        return f"{function.name}({arguments})", f"{function.instead}({arguments})"
    names = RENAMED.get(function.name, {})
    bound = ", ".join(f"{name}={value}" for name, value in names.items())
    return f"{function.name}({arguments})", f"(lambda {', '.join(names)}: {function.instead})({bound})"


@cache
def differences() -> dict[str, list[dict[str, str]]]:
    """Return for each function, and each of its calls, what differs on which input."""
    found: dict[str, list[dict[str, str]]] = ask(
        pairs={name: [replaced(REMOVED[name], each) for each in calls] for name, calls in CALLS.items()}
    )["pairs"]
    return found


@cache
def present() -> frozenset[str]:
    """Return the backend names that the installed packages have."""
    roots = ("keras", "tensorflow.keras", "tensorflow.compat.v1.keras", "tf_keras")
    return frozenset(ask(attributes=[f"{root}.backend.{name}" for root in roots for name in REMOVED])["attributes"])


def test_every_row_with_a_replacement_is_called() -> None:
    assert set(CALLS) == {name for name, function in REMOVED.items() if function.instead}


@pytest.mark.parametrize("name", CALLS)
class TestReplacements:
    pytestmark = needs_tensorflow

    def test_is_exact_where_the_table_says_so(self, name: str) -> None:
        found = differences()[name]
        assert all(found), "no input on which the function of Keras 2 works"
        different = [
            (arguments, each) for arguments, each in zip(CALLS[name], found, strict=True) if any(each.values())
        ]
        assert bool(different) is not REMOVED[name].is_exact, different


@pytest.mark.parametrize("name", REMOVED)
class TestNames:
    pytestmark = needs_tensorflow

    def test_are_gone_from_the_packages_that_the_table_names(self, name: str) -> None:
        assert f"keras.backend.{name}" not in present()
        in_tensorflow = name not in REMOVED_FROM_TENSORFLOW
        assert (f"tensorflow.keras.backend.{name}" in present()) is in_tensorflow
        assert (f"tensorflow.compat.v1.keras.backend.{name}" in present()) is in_tensorflow
        assert (f"tf_keras.backend.{name}" in present()) is (name not in EARLIER)


def test_a_function_is_found_below_the_package_that_lacks_it() -> None:
    found = removed_backend_function("keras.backend.sum")
    assert found is not None
    assert (found.instead, found.is_exact) == ("keras.ops.sum", True)
    assert removed_backend_function("tensorflow.keras.backend.placeholder") is not None


@pytest.mark.parametrize(
    "name",
    [
        "keras.backend.epsilon",
        "tensorflow.keras.backend.sum",
        "tf_keras.backend.sum",
        "tensorflow.python.keras.backend.placeholder",
        "keras.ops.sum",
        "numpy.sum",
        "keras.backend",
        "keras.backend.tensorflow_backend.sum",
    ],
)
def test_other_names_are_none(name: str) -> None:
    assert removed_backend_function(name) is None
