"""KLL104 unsaveable-callable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import FunctionForm, LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import FunctionRef

_SAVES_NOT = "Keras 3 cannot save it"
_LOADS_NOT = "Keras 3 cannot reload it"
_FORMS = {
    FunctionForm.PARTIAL: ("`functools.partial`", _SAVES_NOT, "Keras 2 cannot save it"),
    FunctionForm.METHOD: ("bound method `{name}`", _LOADS_NOT, "Keras 2 cannot reload it"),
    FunctionForm.OBJECT: ("object of class `{name}`", _SAVES_NOT, "Keras 2 cannot save it"),
    FunctionForm.LIBRARY: (
        "`{name}`",
        "Keras 3 cannot find it on loading",
        "Keras 2 cannot save or reload it as `.keras`",
    ),
}
"""What each form is called, and what becomes of it."""


class UnsaveableCallable(Rule[LambdaSite]):
    """
    ## What it does
    Finds functions of `Lambda` layers that are no plain functions: `functools.partial`, bound methods, objects with `__call__`,
    functions that `tf.function` wraps, and operations of a library that a fresh process does not find by name.

    ## Why is this bad
    Keras 3 cannot save a `partial` or an object without `get_config`. It saves a bound method, a `tf.function` and an operation such as
    `tf.square`, and then cannot load the model: it looks a function up by name among its activations (`tf.nn.relu` it finds). Keras 2 fails
    on all of them, when it saves or when it loads (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras
    import tensorflow as tf

    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(tf.function(lambda x: x * 2), name="double")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class MultiplyBy(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2


    outputs = MultiplyBy(name="double")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    As KLL101. The new layer calls what a module can name: an operation of a library, a function that `tf.function` decorates or
    `functools.partial` binds values to, an object of a class that only keeps its arguments; the values become its config. A lambda
    and a method that nothing else uses move into the layer; `tf.function` around them goes, if they have no condition and no loop.
    """

    code = "KLL104"
    name = "unsaveable-callable"
    severity = Severity.ERROR
    message = "{what} in a `Lambda` layer: {consequence}"
    fixable = "some"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per callable that is, or may be, the function of the layer."""
        if site.runs_at_once:
            return
        for function in site.functions:
            what, keras_3, keras_2 = self._described(function)
            found_again = function.registered and not function.traced and 3 in site.target
            if what and not found_again:
                finding = self.at(
                    function.span, what=what, consequence=per_keras(site.target, keras_3=keras_3, keras_2=keras_2)
                )
                yield finding.see(function.defined_at, "defined here", function.source)

    def _described(self, function: FunctionRef) -> tuple[str, str, str]:
        """Return what a callable is called, and what becomes of it on Keras 3 and 2; empty texts for a plain function."""
        if function.traced:
            return "function wrapped by `tf.function`", _LOADS_NOT, "Keras 2 cannot reload it"
        what, keras_3, keras_2 = _FORMS.get(function.form, ("", "", ""))
        return what.format(name=function.name), keras_3, keras_2
