"""KLL203 state-created-in-call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.bodies.state import State
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import Target


def _consequence(state: State, target: Target) -> str:
    if state is State.SEED:
        return "on Keras 3 every call makes a new seed generator, and `fit` and `predict` fail on TensorFlow"
    what = "a new variable" if state is State.VARIABLE else "new weights"
    return per_keras(
        target,
        keras_3=f"on Keras 3 every call makes {what}, never trained nor saved, and `fit` and `predict` fail on TensorFlow",
        keras_2="Keras 2 never trains nor saves it, and fails to build the model on TensorFlow 2",
    )


class StateCreatedInCall(Rule[LambdaSite]):
    """
    ## What it does
    Finds variables, and layers with weights, that the function of a `Lambda` layer makes when it is called.

    ## Why is this bad
    Every call makes new ones, with new initial values: they are never trained and never saved. Keras 3 builds the model without a
    word, and `fit` and `predict` raise ValueError on TensorFlow; Keras 2 raises ValueError when the model is built. `Dropout` and the
    other noise layers make a variable too on Keras 3, for their seed; on Keras 2 they do not. Layers without weights, such as
    `Reshape` or `Concatenate`, lose nothing (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(lambda x: keras.layers.Dense(4)(x) * 0.5, name="half")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Half(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(4)

        def build(self, input_shape):
            self.dense.build(input_shape)
            super().build(input_shape)

        def call(self, inputs):
            return self.dense(inputs) * 0.5


    outputs = Half(name="half")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: the new layer makes the layers once, trains their weights and saves them (`trains-weight`, `repairs-crash`). No fix for a
    variable, and for a layer that the function makes of what it computes, in a loop or on a condition.
    """

    code = "KLL203"
    name = "state-created-in-call"
    severity = Severity.ERROR
    message = "`{name}(...)` is made in the function of a `Lambda` layer: {consequence}"
    fixable = "some"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per call that makes state."""
        for function in site.functions:
            for made in function.creations:
                if made.state is not State.SEED or 3 in site.target:
                    consequence = _consequence(made.state, site.target)
                    yield self.inside(function, made.span, name=made.name, consequence=consequence)
