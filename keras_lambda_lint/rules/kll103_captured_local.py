"""KLL103 captured-local."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.model import LambdaSite, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic

_LOSSES = {
    Origin.SELF_ATTRIBUTE: "it ties the saved function to this object",
    Origin.MODULE_VALUE: "a loader that does not run this code raises NameError",
}


class CapturedLocal(Rule[LambdaSite]):
    """
    ## What it does
    Finds values that the function of a `Lambda` layer reads from outside and that no import brings back: locals, parameters,
    attributes of `self`, and values that only a run of the script computes.

    ## Why is this bad
    The value is not in the layer's config. A saved name does not carry it, a registered function cannot have it, and bytecode
    carries it only as a closure: reloading ends in `NameError`, in `'dict' object is not callable`, or with an old value. Imports,
    functions, classes and literal constants of the module are fine: whoever imports the module has them.

    ## Example
    ```py
    import keras


    def build(t):
        inputs = keras.Input(shape=(4, 3))
        outputs = keras.layers.Lambda(lambda x: x[:, t, :] * 2, name="step")(inputs)
        return keras.Model(inputs, outputs)


    model = build(1)
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    class Step(keras.layers.Layer):
        def __init__(self, t, **kwargs):
            super().__init__(**kwargs)
            self.t = t

        def call(self, inputs):
            return inputs[:, self.t, :] * 2

        def get_config(self):
            return {**super().get_config(), "t": self.t}


    def build(t):
        inputs = keras.Input(shape=(4, 3))
        outputs = Step(t, name="step")(inputs)
        return keras.Model(inputs, outputs)


    model = build(1)
    ```

    ## Fix safety
    Safe where the value is a literal constant that is bound once. Unsafe where it is a parameter or computed: the fix puts it into
    the config, which holds numbers, strings, lists and dicts only.
    """

    code = "KLL103"
    name = "captured-local"
    severity = Severity.ERROR
    message = "`{name}`, {origin}, is captured by a `Lambda` layer and not in its config: {loss}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per captured value, at its first read."""
        if site.runs_at_once:
            return
        for function in site.functions:
            for capture in function.captures:
                if capture.is_state:
                    article = "an" if capture.origin is Origin.SELF_ATTRIBUTE else "a"
                    finding = self.at(
                        function.here(capture.span),
                        name=capture.text,
                        origin=f"{article} {capture.origin.value}",
                        loss=_LOSSES.get(capture.origin, "a reloaded function does not have it"),
                    )
                    bound = finding.see(capture.bound_at, "bound here", function.source)
                    yield (
                        bound
                        if site.span.contains(function.here(capture.span))
                        else bound.see(function.span, "the layer's function")
                    )
