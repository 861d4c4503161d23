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
    outputs = keras.layers.Identity(name="scores")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    No fix: whether the layer's name is wanted, or its input was forgotten, is not known.
    """

    code = "KLL602"
    name = "redundant-lambda"
    severity = Severity.INFO
    message = "{case}"
    fixable = "no"
    subject = Redundant

    def check(self, site: Redundant) -> Iterator[Diagnostic]:
        """Yield one finding per function, where it is passed."""
        if site.unused is None:
            layer = "Identity()" if 3 in site.target else 'Activation("linear")'
            yield self.at(
                site.span,
                case=f"`{site.function}` returns its input: leave the layer out, or use `{layer}`, which loads everywhere",
            )
        else:
            yield self.at(
                site.span,
                case=f"`{site.unused}` is not used: the layer gives the same result whatever its input, and no gradient flows back",
            )
