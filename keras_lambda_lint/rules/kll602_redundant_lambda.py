"""KLL602 redundant-lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.bodies.idioms import Redundant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class RedundantLambda(Rule[Redundant]):
    """
    ## What it does
    Finds `Lambda` layers whose function returns its input as it is, or does not read it.

    ## Why is this bad
    A layer that changes nothing costs the model its loading in a fresh process. A layer that does not read its input gives the same
    result whatever comes in, and cuts the gradient of everything before it. A parameter whose name starts with `_` says that this
    is meant.

    ## Example
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def same(tensor):
        return tensor


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(same, name="scores")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Activation("linear", name="scores")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    A function that returns its input becomes a layer of Keras that does: safe where nothing makes masks, which that layer passes on;
    only shown elsewhere. The layer stays, since its name and its place in the model can be seen. Whether an unused input was
    forgotten is not known: no fix.
    """

    code = "KLL602"
    name = "redundant-lambda"
    severity = Severity.INFO
    message = "{case}"
    fixable = "some"
    subject = Redundant

    def check(self, site: Redundant) -> Iterator[Diagnostic]:
        """Yield one finding per function, where it is passed."""
        if site.unused is None:
            yield self.at(
                site.span,
                case=f"`{site.function}` returns its input: leave the layer out, or use `{site.layer}`, which loads everywhere",
            )
        else:
            yield self.at(
                site.span,
                case=f"`{site.unused}` is not used: the layer gives the same result whatever its input, and no gradient flows back",
            )
