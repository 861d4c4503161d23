"""KLL108 unregistered-layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule, per_keras
from keras_lambda_lint.sites.classes.saved_class import SavedClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class UnregisteredLayer(Rule[SavedClass]):
    """
    ## What it does
    Finds own layers and models that Keras does not find when it loads a model: neither registered nor supplied by `custom_objects`, a
    `custom_object_scope` or `get_custom_objects()` anywhere in the project.

    It speaks where the class takes a function, and where a file that makes it, or calls a function that makes it, saves or loads whole
    models. Where the code is named in `select` or `extend-select`, it speaks of all other own layers and models too.

    ## Why is this bad
    A model file holds the name of the class. Loading fails with `Could not locate class` on Keras 3 and with `Unknown layer` on Keras 2
    (measured on keras 3.15.1 and tf_keras 2.21, `.keras` and `.h5`). Keras 3 up to 3.8 imported the class by the path of its module,
    3.9.2 and later do not (measured on 3.0.5 to 3.15.1).

    ## Example
    ```py
    import keras


    class Double(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2


    inputs = keras.Input(shape=(4,))
    outputs = Double(name="double")(inputs)
    model = keras.Model(inputs, outputs)
    model.save("double.keras")
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    class Double(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2


    inputs = keras.Input(shape=(4,))
    outputs = Double(name="double")(inputs)
    model = keras.Model(inputs, outputs)
    model.save("double.keras")
    ```

    ## Fix safety
    Safe: the class is decorated and nothing else. A file that was saved before and loads with `custom_objects` still does, weights too
    (measured on keras 3.15.1 and tf_keras 2.21, `.keras`, `.h5`, `.weights.h5`, SavedModel, checkpoints and JSON). A class below module
    level gets no fix: what is registered there is found only after the code around it has run.
    """

    code = "KLL108"
    name = "unregistered-layer"
    severity = Severity.ERROR
    message = "`{name}`{why} is not registered, and nothing supplies it: {consequence}"
    fixable = "yes"
    subject = SavedClass

    def check(self, site: SavedClass) -> Iterator[Diagnostic]:
        """Yield at most one finding per class; for information only where nothing shows that it is saved or takes a function."""
        if (site.evident or self.code in self.options.named) and not site.supplied:
            severity = Severity.ERROR if site.evident else Severity.INFO
            why = ", which takes a function," if site.takes_function else ""
            consequence = per_keras(
                site.target,
                keras_3="Keras 3 cannot find it when it loads a model",
                keras_2="Keras 2 raises `Unknown layer`" + ("" if 3 in site.target else " when it loads a model"),
            )
            finding = self.at(site.span, severity, name=site.name, why=why, consequence=consequence)
            yield finding.see(site.function_shown_at, "takes a function here")
