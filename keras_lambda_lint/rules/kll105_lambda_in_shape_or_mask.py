"""KLL105 lambda-in-shape-or-mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import FunctionRef


class LambdaInShapeOrMask(Rule[LambdaSite]):
    """
    ## What it does
    Finds functions given to `output_shape=` or `mask=` of a `Lambda` layer that are not restored with it.

    ## Why is this bad
    A lambda in `output_shape=` makes Keras 3 refuse the saved model even if the layer's function is registered; a named function there
    has to be registered too. Keras 3 never restores `mask=`: a Sequential model that was loaded fails when the mask is computed
    (`'str' object has no attribute 'dtype'`). Keras 2 saves both as bytecode, which `.keras` files refuse (measured on keras 3.15.1 and
    tf_keras 2.21).

    ## Example
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def double(x):
        return x * 2


    inputs = keras.Input(shape=(4,))
    layer = keras.layers.Lambda(double, output_shape=lambda shape: shape, name="double")
    model = keras.Model(inputs, layer(inputs))
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def double(x):
        return x * 2


    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Double(keras.layers.Layer):
        def call(self, inputs):
            return double(inputs)


    layer = Double(name="double")
    model = keras.Model(inputs, layer(inputs))
    ```

    ## Fix safety
    Safe for `mask=`, which becomes `compute_mask`: Keras calls both with the same arguments. Unsafe for `output_shape=`: the layer class
    leaves the shape to Keras, which infers it; where Keras cannot, the function becomes `compute_output_shape`.
    """

    code = "KLL105"
    name = "lambda-in-shape-or-mask"
    severity = Severity.ERROR
    message = "{what} in `{argument}=` of a `Lambda` layer: {consequence}"
    fixable = "some"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per function in one of the two arguments."""
        if site.runs_at_once:
            return
        for function in site.shape_functions:
            keras_3 = "Keras 3 refuses to load the saved model"
            if function.is_named:
                keras_3 = "" if function.registered else "Keras 3 cannot find it on loading"
            yield from self._at(site, function, "output_shape", keras_3)
        for function in site.mask_functions:
            yield from self._at(site, function, "mask", "Keras 3 never restores it: a reloaded Sequential model fails")

    def _at(self, site: LambdaSite, function: FunctionRef, argument: str, keras_3: str) -> Iterator[Diagnostic]:
        what = "lambda" if function.is_anonymous else f"`{function.name}`" if function.is_named else ""
        consequence = per_keras(
            site.target,
            keras_3=keras_3,
            keras_2="Keras 2 saves bytecode that `.keras` refuses and another Python cannot run",
        )
        if what and consequence:
            finding = self.at(function.span, what=what, argument=argument, consequence=consequence)
            yield (
                finding if function.is_anonymous else finding.see(function.defined_at, "defined here", function.source)
            )
