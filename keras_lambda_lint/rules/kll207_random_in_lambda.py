"""KLL207 random-in-lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.keras_api.random import Generator
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.bodies.randomness import Seed
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic

_FROZEN = "`fit` and `predict` repeat the numbers that were drawn when the function was traced (TensorFlow and JAX; Keras 2 too)"
_CONSEQUENCES = {
    Generator.TENSORFLOW: "no seed belongs to the layer, and on Keras 3 it fails on JAX and PyTorch",
    Generator.BACKEND: "no seed belongs to the layer, and `keras.backend` of Keras 3 has no such function",
    Generator.NUMPY: _FROZEN,
    Generator.PYTHON: _FROZEN,
}
_SEEDED = {
    Seed.NONE: "no seed belongs to the layer, and on JAX building the model fails (Keras 3)",
    Seed.NUMBER: "a fixed seed draws the same numbers at every call (Keras 3)",
    Seed.OTHER: "a `Lambda` layer does not own its seed generator, and `predict` repeats the numbers on JAX (Keras 3)",
}


class RandomInLambda(Rule[LambdaSite]):
    """
    ## What it does
    Finds random numbers that the function of a `Lambda` layer draws.

    ## Why is this bad
    A `Lambda` layer owns no seed. Numbers of `numpy.random` and `random` become constants of the traced function: every step of
    `fit` and `predict` sees the same noise. `keras.random` with a number as seed draws the same noise at every call, and without one
    fails on JAX. `tf.random` fails on JAX and PyTorch, and `keras.backend.random_normal` is gone from Keras 3; on Keras 2 both are
    fine (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras
    import tensorflow as tf
    from keras import ops


    @keras.utils.register_keras_serializable(package="example")
    def sampling(args):
        mean, log_variance = args
        noise = tf.random.normal(tf.shape(mean))
        return mean + ops.exp(log_variance / 2) * noise


    mean = keras.Input(shape=(4,))
    log_variance = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(sampling, name="sampling")([mean, log_variance])
    model = keras.Model([mean, log_variance], outputs)
    ```

    ## Use instead
    ```py
    import keras
    from keras import ops


    mean = keras.Input(shape=(4,))
    log_variance = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Sampling(keras.layers.Layer):
        def __init__(self, seed=None, **kwargs):
            super().__init__(**kwargs)
            self.seed = seed
            self.seed_generator = keras.random.SeedGenerator(seed)

        def call(self, args):
            mean, log_variance = args
            noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
            return mean + ops.exp(log_variance / 2) * noise

        def get_config(self):
            return {**super().get_config(), "seed": self.seed}


    outputs = Sampling(name="sampling")([mean, log_variance])
    model = keras.Model([mean, log_variance], outputs)
    ```

    ## Fix safety
    Unsafe: the layer draws other numbers, from a `SeedGenerator` of its own, whose state no file holds. Only for Keras 3, and where
    `keras.random` has the distribution; a layer for Keras 2 draws as the function did.
    """

    code = "KLL207"
    name = "random-in-lambda"
    severity = Severity.WARNING
    message = "`{name}` in the function of a `Lambda` layer: {consequence}"
    fixable = "some"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per call; those of TensorFlow are as they should be on Keras 2."""
        for function in site.functions:
            for call in function.random_calls:
                frozen = call.generator in (Generator.NUMPY, Generator.PYTHON)
                if 3 not in site.target and not frozen:
                    continue
                repeats = frozen or (call.generator is Generator.KERAS and call.seed is Seed.NUMBER)
                consequence = _SEEDED[call.seed] if call.generator is Generator.KERAS else _CONSEQUENCES[call.generator]
                severity = Severity.ERROR if repeats else None
                yield self.inside(function, call.span, severity, name=call.name, consequence=consequence)
