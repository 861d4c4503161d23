"""KLL111 duplicate-registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.classes.registration import Registration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class DuplicateRegistration(Rule[Registration]):
    """
    ## What it does
    Finds two classes or functions that are registered under one `package>name`, in one file or in a file and one that it imports, and
    registrations inside functions.

    ## Why is this bad
    Keras keeps one object for each name: the last one silently wins, and a model is loaded with the wrong class or function (measured
    on keras 3.15.1 for functions and classes, on tf_keras 2.21 for classes). What is registered inside a function is found by a fresh
    process only after the function ran there, and each run replaces the one before: a model is loaded with what the last run made.

    Definitions in different arms of one `if` or `try` are no duplicates, and what stands in a test function is left alone.

    ## Example
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example", name="Scale")
    class Double(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2


    @keras.utils.register_keras_serializable(package="example", name="Scale")
    class Triple(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 3
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example", name="Double")
    class Double(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2


    @keras.utils.register_keras_serializable(package="example", name="Triple")
    class Triple(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 3
    ```

    ## Fix safety
    No fix: models that are saved already know the names.
    """

    code = "KLL111"
    name = "duplicate-registration"
    severity = Severity.ERROR
    message = "{problem}: Keras {consequence}"
    fixable = "no"
    subject = Registration

    def check(self, site: Registration) -> Iterator[Diagnostic]:
        """Yield one finding for a name that is taken, and one for a registration below module level."""
        if site.other is not None:
            problem = f"`{site.key}` is registered twice"
            consequence = "silently loads the one that was registered last"
            yield self.at(site.span, problem=problem, consequence=consequence).see(
                site.other.span, "registered here too", site.other.source
            )
        if site.below is not None:
            problem = f"`{site.object_name}` is registered inside `{site.below}`"
            consequence = (
                "does not find it in a fresh process before that runs, and silently loads what the last run made"
            )
            yield self.at(site.span, problem=problem, consequence=consequence)
