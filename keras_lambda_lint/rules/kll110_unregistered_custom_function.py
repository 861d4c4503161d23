"""KLL110 unregistered-custom-function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.saving.slots import FunctionSlot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class UnregisteredCustomFunction(Rule[FunctionSlot]):
    """
    ## What it does
    Finds own functions as activation, initializer, regularizer or constraint of a layer that are neither registered nor supplied as custom
    object anywhere in the project. Own losses and metrics count only where the project loads a model without `compile=False`.

    ## Why is this bad
    A model file holds the name of the function, and Keras looks the name up: loading fails. Where the name is that of an activation of
    Keras, it silently loads its own instead, Keras 2 also for losses and metrics; where the body of yours shows that it computes
    the same, as `K.relu(x, max_value=6)` in a `relu6`, nothing is lost, and the rule says nothing. A lambda cannot be loaded at all
    in these places, not even with `safe_mode=False`. Keras 2 cannot load such a function from an `.h5` file in any form, registered
    or supplied (losses and metrics it can). What a factory makes keeps its name only: the values that it was made with are lost, so
    it has to become a `Loss`, `Metric` or `Layer` subclass (measured on keras 3.15.1 and tf_keras 2.21).

    ## Example
    ```py
    import keras


    def twice(x):
        return x * 2


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Dense(3, activation=twice)(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    def twice(x):
        return x * 2


    inputs = keras.Input(shape=(4,))
    outputs = keras.layers.Dense(3, activation=twice)(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    Safe: the function is registered where it is defined, and computes what it did. A lambda and a function inside a function become
    functions of the module; a lambda that Keras has as an activation becomes its name. What a factory makes, or captures what is around
    it, becomes a class that keeps the values in its config: unsafe for an activation, where a layer stands in place of a function, for a
    loss, whose `y_true` and `y_pred` Keras then leaves as they are, and where a value may be none that a config can hold. Unsafe too where
    another file of the project starts to import Keras for the decorator, and where a metric gets another name in logs. What reads a
    variable, or a value that only a run of the script sets, is left to a person, as is a function whose other decorator may return
    something else. On Keras 2 all of this helps `.keras` files, and losses and metrics in `.h5` files. A decorator changes the name
    under which the function is saved: files that hold the old name load with `custom_objects={"twice": twice}`, as they do without it.
    """

    code = "KLL110"
    name = "unregistered-custom-function"
    severity = Severity.ERROR
    message = "{what} as {role} {state}: {consequence}"
    fixable = "some"
    subject = FunctionSlot

    def check(self, site: FunctionSlot) -> Iterator[Diagnostic]:
        """Yield one finding for a function that a loaded model will lack."""
        function = site.function
        if not site.is_lost:
            return
        if function.is_anonymous:
            what, state = "a lambda", "cannot be registered"
            consequence = per_keras(
                site.target,
                keras_3=_of_lambda(site, 3),
                keras_2=_of_lambda(site, 2),
            )
        else:
            what, state = f"`{function.name}`", "is not registered"
            consequence = per_keras(site.target, keras_3=_of_named(site, 3), keras_2=_of_named(site, 2))
        if site.factory is not None and function.captures:
            what = f"{what} made by `{site.factory}`"
            consequence += f"; make it a {_class_for(site)} subclass, which keeps its values"
        finding = self.at(site.span, what=what, role=site.role.value, state=state, consequence=consequence)
        yield finding.see(function.defined_at, "defined here", function.source)


def _of_lambda(site: FunctionSlot, version: int) -> str:
    if site.role.belongs_to_training:
        return f"Keras {version} cannot load the model without `compile=False`"
    return f"Keras {version} cannot load the model, not even with `safe_mode=False`"


def _of_named(site: FunctionSlot, version: int) -> str:
    if version in site.equal_on:
        return ""
    if version in site.shadowed:
        return f"Keras {version} silently loads its own `{site.function.name}` instead"
    if site.role.belongs_to_training:
        return f"Keras {version} cannot find it on loading without `compile=False`"
    never = ", in `.h5` files not even when registered" if version == 2 else ""
    return f"Keras {version} cannot find it on loading{never}"


def _class_for(site: FunctionSlot) -> str:
    return "`Layer`" if site.role is Role.ACTIVATION else f"`{site.role.value.capitalize()}`"
