"""KLL205 loop-variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class LoopVariable(Rule[LambdaSite]):
    """
    ## What it does
    Finds variables of a loop that the function of a `Lambda` layer captures: the loop's own variable, or one that its body sets.

    ## Why is this bad
    A function reads the variable when the layer runs, not when it is made: every layer of the loop computes with the value of the
    last iteration, `[3, 3, 3]` instead of `[1, 2, 3]`, in eager calls and in `predict` (measured on keras 3.15.1, all backends, and
    tf_keras 2.21). The shapes were declared with the early values.

    ## Example
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    x = inputs
    for k in (1, 2, 3):
        x = keras.layers.Lambda(lambda t: t * k, name=f"times_{k}")(x)
    model = keras.Model(inputs, x)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    x = inputs


    @keras.utils.register_keras_serializable(package="example")
    class MultiplyBy(keras.layers.Layer):
        def __init__(self, k, **kwargs):
            super().__init__(**kwargs)
            self.k = k

        def call(self, inputs):
            return inputs * self.k

        def get_config(self):
            return {**super().get_config(), "k": self.k}


    for k in (1, 2, 3):
        x = MultiplyBy(k, name=f"times_{k}")(x)
    model = keras.Model(inputs, x)
    ```

    ## Fix safety
    Unsafe: each layer gets the value of its own iteration (`binds-loop-value`), which is what was meant and not what the model
    computed until now.
    """

    code = "KLL205"
    name = "loop-variable"
    severity = Severity.ERROR
    message = "loop variable `{name}` is read when the layer runs: every layer of the loop computes with its last value"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per captured loop variable, at its first read."""
        for function in site.functions:
            for capture in function.captures:
                if capture.is_loop_value:
                    yield self.at(function.here(capture.span), name=capture.text).see(
                        capture.bound_at, "bound anew in each iteration", function.source
                    )
