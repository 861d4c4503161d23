"""KLL206 side-effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.bodies.side_effects import Changes
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic

_CONSEQUENCES = {
    Changes.VARIABLE: "no layer tracks it, so no model that is saved holds its value, and `predict` changes it too",
    Changes.OBJECT: "this runs when Keras traces the function, not at every step of `fit` and `predict`, and keeps symbolic tensors",
    Changes.NAME: "this runs when Keras traces the function, not at every step of `fit` and `predict`",
}


class SideEffect(Rule[LambdaSite]):
    """
    ## What it does
    Finds what the function of a `Lambda` layer changes outside of itself: variables, captured lists and dictionaries, `global` and
    `nonlocal` names.

    ## Why is this bad
    On TensorFlow the Python code of the function runs when it is traced, on Keras 2 and Keras 3 alike: a list that it appends to
    gets a symbolic tensor or two and then nothing, however long the model trains. The value of a variable does change at every
    call, in `predict` too, but belongs to no layer: it is not saved (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras

    seen = []


    def remember(x):
        seen.append(x)
        return x * 0.5


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(remember, name="half")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Rescaling(0.5, name="half")(inputs)
    model = keras.Model(inputs, outputs)
    seen = keras.Model(inputs, inputs)
    ```

    ## Fix safety
    No fix: make what is of interest an output of a model, or keep it in a weight of a layer.
    """

    code = "KLL206"
    name = "side-effect"
    severity = Severity.WARNING
    message = "the function of a `Lambda` layer changes `{name}`: {consequence}"
    fixable = "no"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per place that changes something."""
        for function in site.functions:
            for effect in function.side_effects:
                yield self.inside(function, effect.span, name=effect.name, consequence=_CONSEQUENCES[effect.changes])
