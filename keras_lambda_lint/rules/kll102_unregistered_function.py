"""KLL102 unregistered-function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.keras_api.activations import REPLACED_NAMES
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class UnregisteredFunction(Rule[LambdaSite]):
    """
    ## What it does
    Finds `Lambda` layers whose function is a `def` that a fresh process cannot find when it loads the model.

    ## Why is this bad
    Keras 3 saves the name only: loading fails with `Could not locate function`, unless the function is registered and its module
    imported. Where the name is one of Keras' own activations (`relu`, `softmax`, `linear`), Keras 3 silently loads that instead of
    yours. Keras 2 ignores registration and saves the bytecode of every function, named or not (measured on keras 3.0.5 to 3.15.1
    and tf_keras 2.21).

    ## Example
    ```py
    import keras


    def add_two(x):
        return x + 2


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(add_two, name="add_two")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras


    def add_two(x):
        return x + 2


    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class AddTwo(keras.layers.Layer):
        def call(self, inputs):
            return add_two(inputs)


    outputs = AddTwo(name="add_two")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    As KLL101. A function of a module, this one or another of the project, stays where it is and is called by the new layer; a nested
    one moves into it.
    """

    code = "KLL102"
    name = "unregistered-function"
    severity = Severity.ERROR
    message = "`{name}` in a `Lambda` layer {state}: {consequence}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per function of this file that is, or may be, the function of the layer."""
        if site.runs_at_once:
            return
        for function in site.functions:
            name = function.name
            if not function.is_named or name is None or (function.registered and 3 in site.target):
                continue
            keras_3 = (
                f"Keras 3 silently loads its own `{name}` instead"
                if name in REPLACED_NAMES
                else "Keras 3 cannot find it on loading"
            )
            keras_2 = "Keras 2 saves its bytecode"
            state = "gains nothing from registration" if function.registered else "is not registered"
            consequence = per_keras(site.target, keras_3=keras_3, keras_2=keras_2)
            finding = self.at(function.span, name=name, state=state, consequence=consequence)
            yield finding.see(function.defined_at, "defined here", function.source)
