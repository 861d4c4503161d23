"""KLL101 anonymous-lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.model import FunctionRef


class AnonymousLambda(Rule[LambdaSite]):
    """
    ## What it does
    Finds `Lambda` layers whose function is a lambda expression, also where it reaches the layer through a name, a conditional
    expression or a loop over functions.

    ## Why is this bad
    A lambda has no name that a loader could look up, so Keras saves its Python bytecode. Keras 3 refuses to load that
    (`safe_mode`), also in `clone_model` and `model_from_json`; Keras 2 refuses it in `.keras` files and runs it from `.h5` and
    SavedModel, where another Python version ends in `SystemError: unknown opcode` or a crash of the interpreter. A lambda with
    default arguments cannot be reloaded by Keras 3 at all (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras

    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(lambda x: x**2, name="square")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    class Square(keras.layers.Layer):
        def call(self, inputs):
            return inputs**2


    outputs = Square(name="square")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Safe where the layer has a `name=` (or nothing can observe its name) and the function captures constants and modules only.
    Unsafe where a captured value is not known to fit into a config, is bound again later, or a declared `output_shape` is dropped.
    """

    code = "KLL101"
    name = "anonymous-lambda"
    severity = Severity.ERROR
    message = "lambda in a `Lambda` layer: {consequence}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield one finding per lambda that is, or may be, the function of the layer."""
        for function in site.functions:
            if function.is_anonymous:
                yield self._at(site, function)

    def _at(self, site: LambdaSite, function: FunctionRef) -> Diagnostic:
        reload = (
            "cannot reload it at all: it has default arguments"
            if function.has_defaults
            else "refuses to load the saved model"
        )
        consequence = per_keras(
            site.target,
            keras_3=f"Keras 3 {reload}",
            keras_2="Keras 2 saves bytecode that `.keras` refuses and another Python cannot run",
        )
        severity = None
        if site.runs_at_once:
            severity, consequence = (
                Severity.INFO,
                "made anew on each call, and held by no model: call the function itself",
            )
        assert function.defined_at is not None
        if function.source is None and function.span.contains(function.defined_at):
            return self.at(function.defined_at, severity, consequence=consequence)
        return self.at(function.span, severity, consequence=consequence).see(
            function.defined_at, "the lambda", function.source
        )
