"""KLL204 captured-tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class CapturedTensor(Rule[LambdaSite]):
    """
    ## What it does
    Finds symbolic tensors of the model that the function of a `Lambda` layer captures instead of taking them as inputs.

    ## Why is this bad
    The model's graph does not know of the connection. Keras 3 builds the model on TensorFlow and PyTorch and then every call
    fails; on JAX, and in Keras 2, building fails (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    gate = keras.layers.Dense(4, activation="sigmoid")(inputs)
    outputs = keras.layers.Lambda(lambda x: x * gate, name="gated")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    gate = keras.layers.Dense(4, activation="sigmoid")(inputs)


    @keras.utils.register_keras_serializable(package="example")
    class MultiplyInputs(keras.layers.Layer):
        def call(self, inputs):
            x, gate = inputs
            return x * gate


    outputs = MultiplyInputs(name="gated")([inputs, gate])
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: the model does not run as it is (`repairs-crash`). The tensor becomes one more input, so there is a fix where the layer is
    called where it is made.
    """

    code = "KLL204"
    name = "captured-tensor"
    severity = Severity.ERROR
    message = "symbolic tensor `{name}` is captured by a `Lambda` layer instead of being its input: {consequence}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per captured tensor, at its first read."""
        consequence = per_keras(
            site.target, keras_3="on Keras 3 the model builds and every call fails", keras_2="on Keras 2 building fails"
        )
        for function in site.functions:
            for capture in function.captures:
                if capture.value.is_tensor:
                    yield self.at(function.here(capture.span), name=capture.text, consequence=consequence).see(
                        capture.bound_at, "made here", function.source
                    )
