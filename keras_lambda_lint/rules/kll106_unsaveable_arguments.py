"""KLL106 unsaveable-arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import PassedValue

_CANNOT_SAVE = "Keras 2 cannot save it"


class UnsaveableArguments(Rule[LambdaSite]):
    """
    ## What it does
    Finds values in `arguments=` of a `Lambda` layer that a saved model does not carry: variables, functions, tensors, and, on Keras 2,
    layers.

    ## Why is this bad
    A `tf.Variable` comes back as a constant in Keras 3, without a word, and never trains; Keras 3 trains a `keras.Variable`, and then
    cannot load the weights of the model. A lambda makes Keras 3 refuse the file, a function has to be registered, a symbolic tensor fails
    when the model is called. Keras 2 cannot save variables or tensors here, and cannot build a model with a layer (measured on keras
    3.15.1 and tf_keras 2.21). Numbers, texts, lists, arrays and constants are fine; so is a layer in Keras 3, which tracks and restores it.

    ## Example
    ```py
    import keras
    import tensorflow as tf


    @keras.utils.register_keras_serializable(package="example")
    def scaled(x, scale):
        return x * scale


    inputs = keras.Input(shape=(4,))
    layer = keras.layers.Lambda(scaled, arguments={"scale": tf.Variable(2.0)}, name="scaled")
    model = keras.Model(inputs, layer(inputs))
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def scaled(x, scale):
        return x * scale


    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Scaled(keras.layers.Layer):
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
            return scaled(inputs, scale=self.scale)

        def get_config(self):
            return {**super().get_config(), "initial_scale": self.initial_scale}


    layer = Scaled(initial_scale=2.0, name="scaled")
    model = keras.Model(inputs, layer(inputs))
    ```

    ## Fix safety
    Unsafe: a variable becomes a weight of a registered `Layer` subclass, which starts to train (`trains-weight`), and which checkpoints
    gain. A variable that is also read elsewhere stays, with the reason; so do functions, tensors and layers.
    """

    code = "KLL106"
    name = "unsaveable-arguments"
    severity = Severity.ERROR
    message = "`{name}` in `arguments=` of a `Lambda` layer is {what}: {consequence}"
    fixable = "some"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per value that is not saved with the layer, at the value."""
        if site.runs_at_once:
            return
        for passed in site.passed:
            what, keras_3, keras_2 = _described(passed)
            consequence = per_keras(site.target, keras_3=keras_3, keras_2=keras_2)
            if what and consequence:
                yield self.at(passed.span, name=passed.name, what=what, consequence=consequence)


def _described(passed: PassedValue) -> tuple[str, str, str]:
    """Return what a value is, and what becomes of it on Keras 3 and 2; empty texts where it is saved."""
    if passed.value.is_variable:
        keras_3 = (
            "Keras 3 never trains it and reloads it as a constant"
            if passed.is_tensorflow_variable
            else "Keras 3 cannot reload it"
        )
        return "a variable", keras_3, _CANNOT_SAVE
    if passed.value.is_tensor:
        return "a symbolic tensor", "on Keras 3 every call fails", _CANNOT_SAVE
    if passed.value.is_layer:
        return "a layer", "", "Keras 2 cannot build the model"
    for function in passed.functions:
        if function.is_anonymous:
            return "a lambda", "Keras 3 refuses to load the saved model", "Keras 2 cannot reload it"
        if function.is_named:
            return (
                "a function",
                "" if function.registered else "Keras 3 cannot find it on loading",
                "Keras 2 cannot reload it",
            )
    return "", "", ""
