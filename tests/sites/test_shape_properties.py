"""Random functions over random shapes: what is inferred is what Keras finds when it builds the layer."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from harness.model import site_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_lambda_lint.sites.model import Effect

if TYPE_CHECKING:
    from keras_lambda_lint.sites.model import ShapeChange

pytestmark = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

AXIS = st.integers(-3, 3)
SIZE = st.integers(1, 4)
BOUND = st.sampled_from(["", "", "1", "2", "-1", "-2", "5"])
INDEX = st.one_of(
    st.just(":"),
    st.just("..."),
    st.just("None"),
    st.just("tf.newaxis"),
    st.integers(-3, 3).map(str),
    st.builds("{}:{}".format, BOUND, BOUND),
    st.builds("{}:{}:{}".format, BOUND, BOUND, st.sampled_from(["", "2", "-1"])),
)
SUBSCRIPT = st.lists(INDEX, min_size=1, max_size=3).filter(lambda parts: parts.count("...") < 2).map(", ".join)
LENGTHS = st.lists(
    st.one_of(SIZE, st.just(-1), st.sampled_from(["tf.shape(x)[0]", "x.shape[1]", "N"])), min_size=1, max_size=4
)
AXES = st.one_of(AXIS, st.lists(AXIS, min_size=1, max_size=2, unique=True), st.none())
SUM = st.sampled_from(["tf.reduce_sum", "tf.reduce_max", "tf.math.reduce_mean"])
PERM = st.integers(1, 4).flatmap(lambda rank: st.permutations(range(rank)))


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions that hold others."""
    return st.one_of(
        st.builds("({})[{}]".format, inner, SUBSCRIPT),
        st.builds("({})[:, {}]".format, inner, SUBSCRIPT),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", ">"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["tf.maximum", "tf.add", "tf.pow"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["tf.nn.relu", "tf.abs", "-", "tf.square", "tf.zeros_like"]), inner),
        st.builds("{}({}, axis={}, keepdims={})".format, SUM, inner, AXES, st.booleans()),
        st.builds("{}({}, {})".format, SUM, inner, AXIS),
        st.builds("tf.argmax({}, axis={})".format, inner, AXIS),
        st.builds("tf.expand_dims({}, {})".format, inner, AXIS),
        st.builds("tf.squeeze({}, {})".format, inner, AXIS),
        st.builds("tf.squeeze(tf.expand_dims({}, 1), [1])".format, inner),
        st.builds("tf.concat([{}, {}], axis={})".format, inner, inner, AXIS),
        st.builds("tf.stack([{}, {}], axis={})".format, inner, inner, AXIS),
        st.builds("tf.stack([{0}, {0}], axis={1})".format, inner, AXIS),
        st.builds("tf.split({}, {}, axis={})[0]".format, inner, SIZE, AXIS),
        st.builds("tf.split({}, [{}, {}], axis={})[1]".format, inner, SIZE, SIZE, AXIS),
        st.builds("tf.unstack({}, axis={})[0]".format, inner, AXIS),
        st.builds("tf.transpose({})".format, inner),
        st.builds("tf.transpose({}, {})".format, inner, PERM),
        st.builds("tf.reshape({}, [{}])".format, inner, LENGTHS.map(lambda each: ", ".join(map(str, each)))),
        st.builds("tf.tile({}, {})".format, inner, st.lists(SIZE, min_size=1, max_size=4)),
        st.builds("tf.repeat({}, {}, axis={})".format, inner, SIZE, AXIS),
        st.builds("tf.matmul({0}, {0}, transpose_{1}=True)".format, inner, st.sampled_from("ab")),
        st.builds("({} @ {})".format, inner, inner),
        st.builds("tf.cast({}, tf.float32)".format, inner),
        st.builds("tf.one_hot({}, {})".format, inner, SIZE),
        st.builds("tf.one_hot(tf.cast({}, tf.int32), {})".format, inner, SIZE),
        st.builds("tf.gather({}, [0, 1], axis={})".format, inner, AXIS),
        st.builds("tf.pad({}, {})".format, inner, st.lists(st.just([0, 1]), min_size=1, max_size=4)),
        st.builds("tf.where({0} > 0, {0}, {1})".format, inner, inner),
        st.builds("tf.ones(tf.shape({}))".format, inner),
        st.builds("tf.ones(({}).shape)".format, inner),
        st.builds("tf.linalg.norm({}, axis={})".format, inner, AXIS),
        st.builds("K.batch_flatten({})".format, inner),
        st.builds("(lambda y: y)({})".format, inner),
    )


EXPRESSIONS = st.recursive(st.sampled_from(["x", "x", "x", "2.0", "N"]), grown, max_leaves=4)
SHAPES = st.lists(st.one_of(SIZE, st.none()), min_size=1, max_size=3).map(tuple)


@cache
def module(name: str) -> Any:
    """Return a module, imported once."""
    return importlib.import_module(name)


def built(keras: str, function: str, shape: tuple[int | None, ...]) -> Any:
    """Return the symbolic shape of a layer's output, of each output where there are several; the exception where it cannot be built."""
    api = module(keras)
    scope = {"tf": module("tensorflow"), "K": module("tf_keras").backend, "N": 2}
    try:
        output = api.layers.Lambda(eval(function, scope))(api.Input(shape))
        return tuple(output.shape)
    except Exception as error:  # noqa: BLE001 - whatever stops the build is an outcome here
        return error


def inferred(function: str, shape: tuple[int | None, ...]) -> ShapeChange:
    head = "import keras\nimport tensorflow as tf\nfrom tf_keras import backend as K\nN = 2\n"
    return site_of(f"{head}keras.layers.Lambda({function})(keras.Input({shape}))\n").shape


def agree(stated: tuple[int | None, ...], shape: tuple[int | None, ...]) -> bool:
    """Return whether two shapes are of the same rank, and equal where both are known."""
    return len(stated) == len(shape) and all(
        None in pair or pair[0] == pair[1] for pair in zip(stated, shape, strict=True)
    )


@settings(max_examples=700, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS.filter(lambda body: "x" in body), SHAPES)
def test_what_is_inferred_is_so(body: str, shape: tuple[int | None, ...]) -> None:
    function = f"lambda x: {body}"
    found = inferred(function, shape)
    if found.effect is Effect.UNKNOWN and found.lengths is None:
        return
    real = built("keras", function, shape)
    if found.effect is Effect.FAILS:
        assert isinstance(real, Exception), f"{found.reason}, and it is {real}"
        return
    if isinstance(real, Exception):
        return  # dtypes that do not meet are not followed
    assert found.lengths is None or agree(found.lengths, real)
    assert all(real[axis] is None for axis, _ in found.hidden)
    given_shape = (None, *shape)
    if found.effect is Effect.SAME:
        assert agree(given_shape, real)
    elif found.effect is Effect.CHANGED and not found.hidden:
        assert real != given_shape
    on_keras_2 = built("tf_keras", function, shape)
    assert isinstance(on_keras_2, Exception) or found.lengths is None or agree(found.lengths, on_keras_2)
