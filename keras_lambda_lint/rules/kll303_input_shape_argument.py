"""KLL303 input-shape-argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.shape.input_arguments import InputArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class InputShapeArgument(Rule[InputArgument]):
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
    Shown only, where the layer is the first in the list of a model, or is added to one: an `Input` in front is a layer more in the
    list of a `Sequential` model, which other code may count.
    """

    code = "KLL303"
    name = "input-shape-argument"
    severity = Severity.INFO
    message = "`{argument}` on a `Lambda` layer: {consequence}"
    fixable = "display"
    subject = InputArgument

    def check(self, site: InputArgument) -> Iterator[Diagnostic]:
        """Yield a finding for an argument in code that may run on Keras 3."""
        if 3 not in site.target:
            return
        if not site.with_batch:
            yield self.at(
                site.span,
                argument="input_shape=",
                consequence="Keras 3 warns, and wants an `Input(shape=...)` in front",
            )
            return
        yield self.at(
            site.span,
            Severity.ERROR if 2 not in site.target else Severity.WARNING,
            argument="batch_input_shape=",
            consequence="Keras 3 raises ValueError; put an `Input(batch_shape=...)` in front",
        )
