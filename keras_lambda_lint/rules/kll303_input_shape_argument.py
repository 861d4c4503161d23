"""KLL303 input-shape-argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class InputShapeArgument(Rule[LambdaSite]):
    """
    ## What it does
    Finds `input_shape=` and `batch_input_shape=` on a `Lambda` layer, in code that may run on Keras 3.

    ## Why is this bad
    Keras 3 takes the shape of the input from an `Input` in front: `input_shape=` is warned of, and `batch_input_shape=` is an
    unrecognised argument, so that making the layer raises ValueError (measured on keras 3.15.1). Keras 2 takes both.

    ## Example
    ```py
    import keras

    model = keras.Sequential([keras.layers.Lambda(keras.activations.relu, input_shape=(4,), name="relu")])
    ```

    ## Use instead
    ```py
    import keras

    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Lambda(keras.activations.relu, name="relu")])
    ```

    ## Fix safety
    No fix: an `Input` in front is a layer more in the list of a `Sequential` model, which other code may count.
    """

    code = "KLL303"
    name = "input-shape-argument"
    severity = Severity.INFO
    message = "`{argument}` on a `Lambda` layer: {consequence}"
    fixable = "no"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield a finding at each of the two arguments."""
        if 3 not in site.target:
            return
        only = 2 not in site.target
        if "input_shape" in site.arguments:
            yield self.at(
                site.arguments["input_shape"].span,
                argument="input_shape=",
                consequence="Keras 3 warns, and wants an `Input(shape=...)` in front",
            )
        if "batch_input_shape" in site.arguments:
            yield self.at(
                site.arguments["batch_input_shape"].span,
                Severity.ERROR if only else Severity.WARNING,
                argument="batch_input_shape=",
                consequence="Keras 3 raises ValueError; put an `Input(batch_shape=...)` in front",
            )
