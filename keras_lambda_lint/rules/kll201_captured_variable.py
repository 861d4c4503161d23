"""KLL201 captured-variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class CapturedVariable(Rule[LambdaSite]):
    """
    ## What it does
    Finds variables that the function of a `Lambda` layer captures.

    ## Why is this bad
    `Lambda` does not track them: they are not in `trainable_weights`, no optimiser updates them, and no checkpoint holds them.
    Keras 3 gives no warning (measured on 3.15.1); Keras 2 logs one.

    ## Example
    ```py
    import keras
    import tensorflow as tf

    scale = tf.Variable(1.5)
    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(lambda x: x * scale, name="scale")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Scale(keras.layers.Layer):
        def __init__(self, initial_scale, **kwargs):
            super().__init__(**kwargs)
            self.initial_scale = initial_scale
            self.scale = self.add_weight(
                name="scale",
                shape=(),
                dtype="float32",
                initializer=keras.initializers.Constant(initial_scale),
            )

        def call(self, inputs):
            return inputs * self.scale

        def get_config(self):
            return {**super().get_config(), "initial_scale": self.initial_scale}


    outputs = Scale(initial_scale=1.5, name="scale")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: the variable starts to train (`trains-weight`), and checkpoints gain an entry. One that several layers read becomes the
    weight of a layer whose output is an input of each of them. No fix where the variable is also used outside of these layers, or its
    initial value is no literal.
    """

    code = "KLL201"
    name = "captured-variable"
    severity = Severity.ERROR
    message = "`{name}` is captured by a `Lambda` layer: not trained, not saved ({warning})"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per captured variable, at its first read."""
        warning = per_keras(site.target, keras_3="Keras 3 gives no warning", keras_2="Keras 2 only logs a warning")
        for function in site.functions:
            for capture in function.captures:
                if capture.value.is_variable:
                    yield self.at(function.here(capture.span), name=capture.text, warning=warning).see(
                        capture.bound_at, "created here", function.source
                    )
