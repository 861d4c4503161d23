"""KLL208 untracked-variable-attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Severity
from keras_lambda_lint.rules.base import Rule
from keras_lambda_lint.sites.classes.layer_class import LayerClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Diagnostic


class UntrackedVariableAttribute(Rule[LayerClass]):
    """
    ## What it does
    Finds attributes of own layers and models that hold a `tf.Variable`, where the file may run on Keras 3.

    ## Why is this bad
    Keras 2 tracks such a variable as a weight. Keras 3 does not, and gives no warning: the variable is not in `weights`, no optimiser
    updates it, and after saving and loading it has its first value again, in a layer and in a model, made in `__init__` or in `build`
    (measured on keras 3.15.1: a value of 7 comes back as 2; on tf_keras 2.21 as 7).

    ## Example
    ```py
    import keras
    import tensorflow as tf


    @keras.utils.register_keras_serializable(package="example")
    class Scale(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.scale = tf.Variable(1.0)

        def call(self, inputs):
            return inputs * self.scale
    ```

    ## Use instead
    ```py
    import keras


    @keras.utils.register_keras_serializable(package="example")
    class Scale(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")

        def call(self, inputs):
            return inputs * self.scale
    ```

    ## Fix safety
    Unsafe: the weight starts to train (`trains-weight`) and checkpoints gain it. It keeps its name, shape, dtype, `trainable=` and first
    value; where that is random, other numbers of the same distribution are drawn. No fix where the shape of the first value is not known,
    the variable is made elsewhere than in `__init__` and `build`, or the class does with it what a weight of Keras 3 cannot do.
    """

    code = "KLL208"
    name = "untracked-variable-attribute"
    severity = Severity.ERROR
    message = "`self.{name}` is a `tf.Variable`, which Keras 3 does not track: not trained, not saved{keras_2}; `add_weight` makes a weight"
    fixable = "yes"
    subject = LayerClass

    def check(self, site: LayerClass) -> Iterator[Diagnostic]:
        """Yield one finding per attribute; a warning where the file may run on Keras 2, which tracks it."""
        if 3 not in site.target:
            return
        both = 2 in site.target
        for variable in site.variables:
            severity = Severity.WARNING if both else Severity.ERROR
            keras_2 = " (Keras 2 tracks it)" if both else ""
            yield self.at(variable.span, severity, name=variable.name, keras_2=keras_2)
