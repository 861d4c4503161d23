"""KLL403 numpy-in-function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class NumpyInFunction(Rule[LambdaSite]):
    """
    ## What it does
    Finds calls of NumPy with a tensor in the function of a `Lambda` layer.

    ## Why is this bad
    A symbolic tensor has no values: on TensorFlow building the model fails, or, where Keras 3 is told the `output_shape`, `fit` and
    `predict` fail. On PyTorch no gradient passes (measured on keras 3.15.1 and tf_keras 2.21). NumPy on numbers, shapes and
    arrays is fine.

    ## Example
    ```py
    import keras
    import numpy as np

    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(lambda x: np.sin(x), name="sine")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras
    from keras import ops


    @keras.saving.register_keras_serializable(package="example")
    class Sine(keras.layers.Layer):
        def call(self, inputs):
            return ops.sin(inputs)


    inputs = keras.Input(shape=(4,))
    outputs = Sine(name="sine")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    No fix: which operation takes the place of the one of NumPy depends on the backend.
    """

    code = "KLL403"
    name = "numpy-in-function"
    severity = Severity.ERROR
    message = "`{name}` gets a tensor in the function of a `Lambda` layer: {consequence}"
    fixable = "no"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per call of NumPy with a tensor."""
        fails = "`fit` and `predict` fail" if "output_shape" in site.arguments else "building fails"
        consequence = per_keras(
            site.target,
            keras_3=f"on Keras 3 {fails} on TensorFlow, and PyTorch passes no gradient",
            keras_2="on Keras 2 building fails",
        )
        for function in site.functions:
            for call in function.numpy_calls:
                yield self.inside(function, call.span, name=call.name, consequence=consequence)
