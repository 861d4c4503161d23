"""KLL202 captured-layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.bodies.state import Use
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import Target

_RELOAD = "a model that is loaded does not have it, and calling the `Lambda` fails or uses other weights"


def _consequence(use: Use, target: Target) -> str:
    if use is Use.ALONE:
        warning = per_keras(
            target, keras_3="Keras 3 gives no warning", keras_2="Keras 2 logs one, or fails in building"
        )
        return f"its weights are not trained and not saved ({warning})"
    if use is Use.SHARED:
        return f"the `Lambda` neither trains nor saves its weights, and {_RELOAD}"
    return "a `Lambda` does not save it, and calling the model after it was loaded fails"


class CapturedLayer(Rule[LambdaSite]):
    """
    ## What it does
    Finds layers and models that the function of a `Lambda` layer captures instead of being called on its output.

    ## Why is this bad
    The weights of the layer are not in `trainable_weights` of the model, `fit` does not change them, and no checkpoint holds them.
    Keras 3 says nothing; Keras 2 logs a warning, or fails where the layer has no weights yet. A lambda that is loaded finds a
    dictionary instead of the layer: `'dict' object is not callable` (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras

    dense = keras.layers.Dense(4)
    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(lambda x: dense(x) * 0.5, name="half")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    dense = keras.layers.Dense(4)
    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Half(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 0.5


    outputs = Half(name="half")(dense(inputs))
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: the model gains the layer, trains its weights and saves them, and checkpoints hold them. The code that calls the `Lambda` calls
    the captured layer, and what that returns is an input of the new layer; an unnamed `Lambda` whose function only
    calls the layer gives way to it.
    """

    code = "KLL202"
    name = "captured-layer"
    severity = Severity.ERROR
    message = "{what} `{name}` is captured by a `Lambda` layer: {consequence}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per captured layer or model, at its first read."""
        for function in site.functions:
            for layer in function.layers:
                what = "model" if layer.is_model else "layer"
                consequence = _consequence(layer.use, site.target)
                yield self.at(function.here(layer.span), what=what, name=layer.name, consequence=consequence).see(
                    layer.made_at, "made here", function.source
                )
