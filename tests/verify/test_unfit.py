"""Programs that are not for the Keras or the backend of a run, and what is said of an original that fails there."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.verify import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify import Verification

    Verify = Callable[..., Verification]

pytestmark = pytest.mark.execution

PROGRAM = """
import keras
{imports}
from keras.layers import Dense, Input, Lambda

@keras.utils.register_keras_serializable(package="p")
class Fixed(keras.layers.Layer):
    def call(self, x):
        return {body}

model = keras.Sequential([Input((4,)), Dense(3), {layer}, Dense(2)])
"""
BACKENDS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{title} is not installed"),
    )
    for name, title in (("jax", "JAX"), ("torch", "PyTorch"))
]


def test_a_fix_for_keras_3_is_uncovered_on_keras_2(verify: Verify) -> None:
    original = PROGRAM.format(imports="", body="x", layer="Lambda(lambda x: keras.backend.square(x))")
    fixed = PROGRAM.format(imports="from keras import ops", body="ops.square(x)", layer="Fixed()")
    found = verify(original, fixed, keras="2,3")

    assert str(found.instead) == "uncovered (needs Keras 3: keras.ops, line 3)"
    assert found.also[0].sites[0].verdict.kind is Kind.REPAIRED
    assert not found.holds


def test_what_the_fixes_change_elsewhere_counts_too(verify: Verify) -> None:
    program = PROGRAM.format(imports="import layers", body="x", layer="layers.make()")
    new = "import keras\n\ndef make():\n    return keras.layers.Activation(keras.ops.square)\n"
    others = {"layers.py": ("import keras\n\ndef make():\n    return keras.layers.Activation('relu')\n", new)}
    found = verify(program, program, calls=None, keras="2", others=others)

    assert str(found.instead) == "uncovered (needs Keras 3: keras.ops.square, line 4 of layers.py)"


def test_a_sequential_model_that_was_never_built_fails_with_its_own_error(verify: Verify) -> None:
    """Keras 3 leaves a `Sequential` as it is where the shape of a `Lambda` cannot be inferred; the first call fails."""
    original = PROGRAM.format(imports="", body="x", layer="Lambda(lambda x: keras.backend.square(x))")
    found = verify(original, PROGRAM.format(imports="", body="keras.ops.square(x)", layer="Fixed()"))

    assert str(found.sites[0].verdict).startswith(
        "repaired (original fails: AttributeError: module 'keras.backend' has no attribute 'square'"
    )


def test_a_sequential_model_that_could_not_be_made_is_none(verify: Verify) -> None:
    original = PROGRAM.format(imports="", body="x", layer="Lambda(lambda x: x)")
    found = verify(original, PROGRAM.format(imports="", body="keras.ops.squared(x)", layer="Fixed()"))

    assert found.models == ()
    assert str(found.sites[0].verdict).startswith(
        "error: 1 model missing: the program fails with AttributeError: module 'keras.ops' has no attribute 'squared'"
    )


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_original_that_computes_with_tensorflow(verify: Verify, backend: str) -> None:
    """What it fails with there names no cause that a reader would understand."""
    imports = "import tensorflow as tf\nscale = {}"
    original = PROGRAM.format(imports=imports.format("tf.Variable(2.0)"), body="x", layer="Lambda(lambda x: x * scale)")
    fixed = PROGRAM.format(imports=imports.format("2.0"), body="x * scale", layer="Fixed()")
    found = verify(original, fixed, backend=backend)

    assert str(found.sites[0].verdict) == "repaired (original fails: it uses TensorFlow: tf.Variable, line 4)"


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS[:1])
def test_later_processes_find_what_jax_compiled(verify: Verify, backend: str) -> None:
    program = PROGRAM.format(imports="import os, jax", body="x * 2", layer="{}") + (
        "assert os.environ['HOME'] not in jax.config.jax_compilation_cache_dir\n"
        "model(keras.ops.ones((1, 4)))\n"
        "assert os.listdir(jax.config.jax_compilation_cache_dir)\n"
    )
    found = verify(program.format("Lambda(lambda x: x * 2)"), program.format("Fixed()"), backend=backend)

    assert found.notes == ()
    assert found.sites[0].verdict.kind is Kind.AGREE


def test_a_fix_of_another_file_counts_only_where_that_is_named() -> None:
    from keras_lambda_lint.source.text import Source
    from keras_lambda_lint.verify.platform import needs_keras_3

    other = Source("pkg/layers.py", "from keras import ops\n")
    found = needs_keras_3(Source("a.py", "from pkg import layers\n"), other)
    assert found == "needs Keras 3: keras.ops, line 1 of layers.py"
    assert needs_keras_3(Source("a.py", "from pkg import models\n"), other) is None
