"""KLL301 missing-output-shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.model import Effect, LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic

_REPORTED = {
    "changed": (Effect.CHANGED, Effect.FAILS),
    "needed": (Effect.FAILS,),
    "always": tuple(Effect),
}


class MissingOutputShape(Rule[LambdaSite]):
    """
    ## What it does
    Finds `Lambda` layers without `output_shape` whose result does not have the shape of the input. The option `output-shape`
    chooses when to speak: `"changed"` (default), `"needed"` (only where Keras cannot infer the shape, or does not see a length that the
    code determines), `"always"`.

    ## Why is this bad
    Keras 3 infers the shape by calling the function on a float32 placeholder, whatever dtype the input has. Where that fails, for
    instance in `tf.one_hot` on the raw input, building the model fails with "could not automatically infer the shape", which hides
    the cause. A Layer is called with the real dtype and infers its shape (measured on keras 3.15.1).

    ## Example
    ```py
    import keras
    import tensorflow as tf

    tokens = keras.Input(shape=(4,), dtype="int32")
    outputs = keras.layers.Lambda(lambda x: tf.one_hot(x, 10), name="one_hot")(tokens)
    model = keras.Model(tokens, outputs)
    ```

    ## Use instead
    ```py
    import keras
    import tensorflow as tf

    tokens = keras.Input(shape=(4,), dtype="int32")


    @keras.utils.register_keras_serializable(package="example")
    class OneHot(keras.layers.Layer):
        def call(self, inputs):
            return tf.one_hot(inputs, 10)


    outputs = OneHot(name="one_hot")(tokens)
    model = keras.Model(tokens, outputs)
    ```

    ## Fix safety
    As KLL101: the layer that replaces the `Lambda` infers its own shape.
    """

    code = "KLL301"
    name = "missing-output-shape"
    severity = Severity.INFO
    message = "`Lambda` layer without `output_shape`: {case}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield at most one finding per site, at the layer's name."""
        shape = site.shape
        unsaid = "output_shape" not in site.arguments and not site.unknown_arguments
        spoken = shape.effect in _REPORTED[self.options.output_shape] or shape.hidden
        if site.runs_at_once or 3 not in site.target or not unsaid or not spoken:
            return
        if shape.effect is Effect.FAILS:
            yield self.at(
                site.callee,
                Severity.ERROR,
                case=f"Keras 3 cannot infer it and fails to build the model: {shape.reason}",
            )
        elif site.calls_removed:
            return
        elif shape.hidden:
            lengths = " and ".join(f"axis {axis} of the result has length {length}" for axis, length in shape.hidden)
            yield self.at(site.callee, case=f"Keras 3 finds {shape.shape}, and does not see that {lengths}")
        elif shape.effect is Effect.CHANGED:
            known = f" to {shape.shape}" if shape.shape else ""
            yield self.at(
                site.callee, case=f"the function changes the shape{known}, which Keras 3 finds only by a trial call"
            )
        elif shape.effect is Effect.SAME:
            yield self.at(site.callee, case="the shape is the input's, which Keras 3 finds only by a trial call")
        else:
            yield self.at(site.callee, case="whether the function changes the shape is not known here")
