"""KLL107 layer-not-rebuildable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.classes.layer_class import LayerClass, Root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class LayerNotRebuildable(Rule[LayerClass]):
    """
    ## What it does
    Finds own layers that Keras cannot make again from their config: a constructor parameter that holds a function, a layer or an array,
    a `get_config` that leaves a parameter out or returns an array as it is, or a constructor that does not take back what the config
    always holds.

    ## Why is this bad
    A model that has such a layer cannot be saved or cannot be loaded. Measured on keras 3.15.1 and tf_keras 2.21, in `.keras` and
    `.h5`, with the class given as custom object:

    * Without `get_config` Keras fills the config from the arguments of the constructor if all are numbers, texts, booleans, None, or
      lists, tuples and dicts of these. Anything else (functions, Keras' own included, layers, arrays, numpy scalars, initializers):
      saving raises `NotImplementedError`, on both. Keras 3 counts default values too.
    * Without `get_config` and without `**kwargs` in the constructor: Keras 3 gives back `trainable` and `dtype`, and loading raises
      `TypeError`. Keras 2 leaves out what the constructor does not take: it reloads.
    * `get_config` merges `super().get_config()` and the constructor has no `**kwargs`: `TypeError` on loading, on both; a model only
      on Keras 3. A `get_config` that returns only its own keys reloads.
    * `get_config` leaves out a required parameter: `TypeError` on loading, on both. A parameter with a default silently comes back
      as the default. The same holds for a class built on `Dense` or another layer of Keras that adds a parameter and no `get_config`.
    * `get_config` returns an array as it is: `.keras` does not load, on both; `.h5` does.
    * An own layer with plain parameters, `**kwargs` and no `get_config` reloads on both.
    * Keras 2 loads all of these from a SavedModel folder, which holds the traced functions besides the config.

    ## Example
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    class ElementWise(keras.layers.Layer):
        def __init__(self, function, **kwargs):
            super().__init__(**kwargs)
            self.function = function

        def call(self, inputs):
            return self.function(inputs)


    inputs = keras.Input(shape=(4,))
    outputs = ElementWise(lambda x: x**2)(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    class ElementWise(keras.layers.Layer):
        def __init__(self, function, **kwargs):
            super().__init__(**kwargs)
            self.function = function

        def call(self, inputs):
            return self.function(inputs)

        def get_config(self):
            return {
                **super().get_config(),
                "function": keras.utils.serialize_keras_object(self.function),
            }

        @classmethod
        def from_config(cls, config):
            function = keras.utils.deserialize_keras_object(config["function"])
            return super().from_config({**config, "function": function})


    inputs = keras.Input(shape=(4,))


    @keras.utils.register_keras_serializable(package="example")
    def square(x):
        return x**2


    outputs = ElementWise(square)(inputs)
    model = keras.Model(inputs, outputs)
    ```

    ## Fix safety
    `get_config` is written or completed with what the class keeps of its parameters, as the file writes such methods; a parameter that
    it does not keep, it keeps then. `from_config` gives back what JSON cannot hold: functions by `deserialize_keras_object`, layers by
    `keras.layers.deserialize`; what `activations.get` and the like take needs none. `**kwargs` goes to the base class.

    Safe where the file gives plain literals, layers and arrays; the functions that a parameter is given have to be registered. Keras 2
    cannot load an own function from `.h5`, in whatever form it is written (measured on tf_keras 2.21). Unsafe where it is not known what a
    parameter is given, and where a `get_config` that returned a layer itself returns its config. No fix for tensors and variables, where
    another class derives from this one with a constructor of its own, and where `get_config` does more than fill a dictionary.
    """

    code = "KLL107"
    name = "layer-not-rebuildable"
    severity = Severity.ERROR
    message = "{problem}: {consequence}"
    fixable = "yes"
    subject = LayerClass

    def check(self, site: LayerClass) -> Iterator[Diagnostic]:
        """Yield one finding per parameter that is lost, and one for a constructor that does not take its own config."""
        if site.from_config or not site.complete or site.abstract or site.inner:
            return
        if site.config is not None:
            yield from self._raw(site)
        elif site.root is Root.LAYER:
            yield from self._unsaveable(site)
        yield from self._left_out(site)
        yield from self._refused(site)

    def _unsaveable(self, site: LayerClass) -> Iterator[Diagnostic]:
        for parameter in site.parameters or ():
            if parameter.unsaveable is not None:
                problem = (
                    f"`{parameter.name}` of `{site.name}` is {parameter.unsaveable.what}, and there is no `get_config`"
                )
                consequence = "Keras cannot save a model with this layer as `.keras` or `.h5`"
                finding = self.at(parameter.span, problem=problem, consequence=consequence)
                yield finding.see(parameter.unsaveable.span, "shown here")

    def _raw(self, site: LayerClass) -> Iterator[Diagnostic]:
        for parameter in site.parameters or ():
            if parameter.raw is not None:
                problem = f"`get_config` of `{site.name}` returns `{parameter.name}`, {parameter.raw.what}, as it is"
                yield self.at(
                    parameter.raw.span, problem=problem, consequence="Keras cannot load the layer from `.keras`"
                )

    def _left_out(self, site: LayerClass) -> Iterator[Diagnostic]:
        for parameter in site.left_out:
            problem = (
                f"`get_config` of `{site.name}` leaves out `{parameter.name}`"
                if site.config is not None
                else f"`{site.name}` has no `get_config` that holds `{parameter.name}`"
            )
            lost = (
                "a loaded model silently has the default again"
                if parameter.has_default
                else "Keras cannot load the layer from `.keras` or `.h5`"
            )
            finding = self.at(parameter.span, problem=problem, consequence=lost)
            yield finding.see(site.config.span if site.config is not None else None, "returned here")

    def _refused(self, site: LayerClass) -> Iterator[Diagnostic]:
        if not site.refuses_config or site.constructor is None:
            return
        only_keras_3 = site.refuses_only_on_keras_3
        keys = ", ".join(f"`{key}`" for key in sorted(site.refused))
        problem = f"the constructor of `{site.name}` takes no `**kwargs` and no {keys}, which the config gives back"
        where = (
            "Keras 3 cannot load the layer" if only_keras_3 else "Keras cannot load the layer from `.keras` or `.h5`"
        )
        severity = Severity.WARNING if only_keras_3 and 2 in site.target else Severity.ERROR
        yield self.at(site.constructor, severity, problem=problem, consequence=where)
