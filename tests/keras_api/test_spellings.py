"""The spellings of operations: what the table says of parameters and defaults is true of the installed packages."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.keras_api.spellings import SPELLINGS, by_spelling, spelling

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE_IS_LAST_AXIS = {"tensorflow.nn.softmax"}
OLDER_NAMES = {"alpha": "negative_slope"}


@pytest.mark.parametrize(
    ("qualified", "written"),
    [
        ("tensorflow.reduce_mean", "tensorflow.reduce_mean"),
        ("tensorflow.compat.v2.reduce_mean", "tensorflow.reduce_mean"),
        ("tensorflow.compat.v1.reduce_mean", "tensorflow.compat.v1.reduce_mean"),
        ("tensorflow.keras.backend.mean", "backend.mean"),
        ("keras.ops.numpy.mean", "ops.mean"),
    ],
)
def test_names_of_keras_are_written_without_the_package(qualified: str, written: str) -> None:
    assert spelling(qualified) == written


def test_no_name_spells_two_operations() -> None:
    assert len(by_spelling()) == sum(map(len, SPELLINGS.values()))


def installed(name: str) -> Iterator[Any]:
    """Yield the functions that the installed packages have under a name."""
    roots = ["tensorflow"] if name.startswith("tensorflow.") else ["keras", "tf_keras"]
    for root in roots:
        found: Any = importlib.import_module(root)
        for part in name.removeprefix("tensorflow.").split("."):
            found = getattr(found, part, None)
        if found is not None:
            yield found


@pytest.mark.execution
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra")
@pytest.mark.parametrize("name", sorted(by_spelling()))
def test_signatures_are_those_of_the_installed_packages(name: str) -> None:
    stated = by_spelling()[name][1]
    tree = ast.parse(f"lambda {stated[2:-1]}: 0", mode="eval").body
    assert isinstance(tree, ast.Lambda)
    names = [argument.arg for argument in tree.args.args]
    defaults = [ast.literal_eval(default) for default in tree.args.defaults]
    found = list(installed(name))
    assert found
    for function in found:
        parameters = list(inspect.signature(function).parameters.values())[: len(names)]
        real = [parameter.name for parameter in parameters]
        assert real in (names, [OLDER_NAMES.get(each, each) for each in names])
        real_defaults = [p.default for p in parameters if p.default is not p.empty]
        assert real_defaults == ([None] if name in NONE_IS_LAST_AXIS else defaults)
