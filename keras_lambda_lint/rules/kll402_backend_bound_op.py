"""KLL402 backend-bound-op."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class BackendBoundOp(Rule[LambdaSite]):
    """
    ## What it does
    Finds operations of TensorFlow in the function of a `Lambda` layer of the package `keras`, where that is or may be Keras 3. One
    finding per function names them all. Layers of `tf.keras` and `tf_keras` run on TensorFlow in any case. Opt-in: it is for
    programs that are meant to run on other backends.

    ## Why is this bad
    Keras 3 runs on TensorFlow, JAX and PyTorch, and `tf.*` takes the tensors of TensorFlow only: on JAX the model cannot be built or
    run, on PyTorch it predicts, and `fit` fails (measured on keras 3.15.1).

    ## Example
    ```py
    import keras
    import tensorflow as tf


    @keras.saving.register_keras_serializable(package="example")
    def power(x):
        return tf.exp(x) * tf.square(x)


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(power, name="power")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras
    from keras import ops


    @keras.saving.register_keras_serializable(package="example")
    def power(x):
        return ops.exp(x) * ops.square(x)


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(power, name="power")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    No fix: `keras.ops` does not exist on Keras 2.
    """

    code = "KLL402"
    name = "backend-bound-op"
    severity = Severity.WARNING
    message = "{names} in the function of a `Lambda` layer: on Keras 3 this fails on JAX, and on PyTorch in `fit`"
    fixable = "no"
    subject = LambdaSite
    opt_in = True

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per function, at its first operation of TensorFlow."""
        if not site.can_change_backend:
            return
        for function in site.functions:
            calls = function.tensorflow_calls
            if calls:
                names = ", ".join(f"`{name}`" for name in dict.fromkeys(call.name for call in calls))
                yield self.inside(function, calls[0].callee, names=names)
            elif function.is_tensorflow_operation:
                yield self.at(function.span, names=f"`{function.name}` of TensorFlow")
