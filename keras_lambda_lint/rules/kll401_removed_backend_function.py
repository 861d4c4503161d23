"""KLL401 removed-backend-function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.gone.backend_uses import BackendUse, RemovedName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class RemovedBackendFunction(Rule[BackendUse]):
    """
    ## What it does
    Finds functions of `keras.backend` that Keras 3 no longer has: 138 of the 148 that Keras 2 has, and 15 of those of
    `tf.keras.backend`. One finding per function of yours names them all, with what computes the same. Where the version of Keras is
    not known, only functions that Keras calls are looked at: those of `Lambda` layers, losses, activations and the like, also in
    other files of the project, and the methods of layers and models. Code
    that asks for the version, or catches the error, is fine.

    ## Why is this bad
    `keras.backend` of Keras 3 keeps 14 names: reading another one is an AttributeError when the layer is called. Where a `Lambda`
    layer has no `output_shape`, Keras 3 says instead that it "could not automatically infer the shape" (measured on keras 3.15.1;
    `tf.keras.backend` on TensorFlow 2.21). `tf_keras.backend` has all of them.

    ## Example
    ```py
    import keras
    from keras import backend as K


    @keras.saving.register_keras_serializable(package="example")
    def energy(x):
        return K.square(K.abs(x))


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(energy, output_shape=(4,), name="energy")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras
    from keras import ops


    @keras.saving.register_keras_serializable(package="example")
    def energy(x):
        return ops.square(ops.abs(x))


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Lambda(energy, output_shape=(4,), name="energy")(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Unsafe: on Keras 3 the code cannot run as it is (`repairs-crash`). A file that runs on Keras 3 only gets `keras.ops`; one that may
    run on Keras 2 gets the functions of TensorFlow, where it imports it, since Keras 2 has no `keras.ops`. All calls of one function
    of yours are rewritten, or none: the reason names the call that stays. Every replacement was measured: values, shapes and
    dtypes are those of Keras 2. Where something differs, such as the rounding of float16 in `keras.ops.mean`, the fix says so.
    """

    code = "KLL401"
    name = "removed-backend-function"
    severity = Severity.WARNING
    message = "`{package}` of Keras 3 has no {names}: this fails when it runs"
    fixable = "some"
    subject = BackendUse

    def check(self, use: BackendUse) -> Iterator[Diagnostic]:
        """Yield one finding per function, at the first name that is gone."""
        certain = 2 not in use.target
        if 3 not in use.target or not (certain or use.runs_in_keras):
            return
        names = ", ".join(f"`{name.text}` ({_instead(name)})" for name in use.names)
        severity = Severity.ERROR if certain else Severity.WARNING
        finding = self.at(use.span, severity, package=use.names[0].package, names=names)
        yield finding if use.source is None else finding.see(use.names[0].span, "in the function", use.source)


def _instead(name: RemovedName) -> str:
    if not name.known.instead:
        return "no equivalent"
    nearest = f"nearest: `{name.known.instead}`, which {name.known.differs}"
    return f"use `{name.known.instead}`" if name.known.is_exact else nearest
