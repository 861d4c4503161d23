"""KLL402 backend-bound-op."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.gone.tensorflow_uses import TensorflowUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class BackendBoundOp(Rule[TensorflowUse]):
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


    @keras.saving.register_keras_serializable(package="example")
    def power(x):
        return keras.ops.exp(x) * keras.ops.square(x)


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(power, name="power")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: `keras.ops` takes no ragged and no string tensors. Only where the file runs on Keras 3 alone: Keras 2 has no `keras.ops`.
    All operations of one function are rewritten, or none: the reason names the one that stays, because it differs or was not measured.
    Every replacement was measured on TensorFlow: values, shapes and dtypes are the same.
    """

    code = "KLL402"
    name = "backend-bound-op"
    severity = Severity.WARNING
    message = "{names} in the function of a `Lambda` layer: on Keras 3 this fails on JAX, and on PyTorch in `fit`"
    fixable = "some"
    subject = TensorflowUse
    opt_in = True

    def check(self, use: TensorflowUse) -> Iterator[Diagnostic]:
        """Yield one finding per function, at its first operation of TensorFlow."""
        calls = use.function.tensorflow_calls
        if calls:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(call.name for call in calls))
            yield self.inside(use.function, calls[0].callee, names=names)
        else:
            yield self.at(use.function.span, names=f"`{use.function.name}` of TensorFlow")
