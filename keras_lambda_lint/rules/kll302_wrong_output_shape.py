"""KLL302 wrong-output-shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.model import LambdaSite
from keras_lambda_lint.sites.shape.declared import DeclaredForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic
    from keras_lambda_lint.sites.shape.declared import DeclaredShape


class WrongOutputShape(Rule[LambdaSite]):
    """
    ## What it does
    Finds an `output_shape` that is not the shape of what the function returns, that counts the batch dimension, or that has a form which
    Keras 3 does not take: a list, a number, one shape per output.

    ## Why is this bad
    `output_shape` is without the batch dimension. Keras 3 believes it: a wrong one makes `layer.output.shape` a lie, which later layers
    build their weights from. A list or a number raises TypeError there, and a model with one shape per output cannot be loaded again
    (measured on keras 3.15.1). Keras 2 does not look at it in a functional model.

    ## Example
    ```py
    import keras

    inputs = keras.Input(shape=(4, 3))
    outputs = keras.layers.Lambda(lambda x: x[:, 0], output_shape=(3, 1), name="first")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras

    inputs = keras.Input(shape=(4, 3))


    @keras.utils.register_keras_serializable(package="example")
    class TakeStep(keras.layers.Layer):
        def call(self, inputs):
            return inputs[:, 0]


    outputs = TakeStep(name="first")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    As KLL101: the layer that replaces the `Lambda` infers its own shape. Where another one was declared, the fix is unsafe
    (`declared-shape`).
    """

    code = "KLL302"
    name = "wrong-output-shape"
    severity = Severity.ERROR
    message = "`output_shape={declared}` {fault}: {consequence}"
    fixable = "yes"
    subject = LambdaSite

    def check(self, site: LambdaSite) -> Iterator[Diagnostic]:
        """Yield at most one finding per site, at the argument."""
        declared = site.declared
        if declared is None:
            return
        fault = self._contradiction(site, declared)
        if fault is not None:
            yield self.at(
                declared.span,
                None if 3 in site.target else Severity.INFO,
                declared=declared.text,
                fault=fault,
                consequence=per_keras(
                    site.target,
                    keras_3="Keras 3 believes it, and later layers are built for a wrong shape",
                    keras_2="Keras 2 ignores it in a functional model",
                ),
            )
        elif 3 in site.target:
            yield from self._form(site, declared)

    def _contradiction(self, site: LambdaSite, declared: DeclaredShape) -> str | None:
        """Return what is wrong with a shape, in words; None where nothing is known to be."""
        inferred = site.shape.lengths
        if declared.form is not DeclaredForm.TUPLE or declared.lengths is None or inferred is None:
            return None
        if declared.leading_none and _fits(declared.lengths[1:], inferred):
            return f"counts the batch dimension, which Keras adds (the result is {site.shape.shape})"
        if not _fits(declared.lengths, inferred):
            return f"without the batch dimension is not the shape of the result, {site.shape.shape}"
        return None

    def _form(self, site: LambdaSite, declared: DeclaredShape) -> Iterator[Diagnostic]:
        severity = Severity.ERROR if 2 not in site.target else Severity.WARNING
        if declared.raises_on_keras_3:
            kind = "a list" if declared.form is DeclaredForm.LIST else "a number"
            yield self.at(
                declared.span,
                severity,
                declared=declared.text,
                fault=f"is {kind}, not a tuple",
                consequence=per_keras(site.target, keras_3="Keras 3 raises TypeError", keras_2="Keras 2 takes it"),
            )
        elif declared.form is DeclaredForm.SEVERAL:
            yield self.at(
                declared.span,
                severity,
                declared=declared.text,
                fault="has one shape per output",
                consequence=per_keras(
                    site.target, keras_3="Keras 3 builds the model and cannot load it again", keras_2=""
                ),
            )


def _fits(declared: tuple[int | None, ...], inferred: tuple[int | None, ...]) -> bool:
    """Return whether a declared shape may be the inferred one, which has the batch dimension in front."""
    if len(declared) + 1 != len(inferred):
        return False
    return all(a == b or a is None or b is None for a, b in zip(declared, inferred[1:], strict=True))
