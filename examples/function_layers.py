"""Layers of our own that take a function: of one tensor, of a tensor and a weight, of several tensors.

The function is a parameter that no config can hold. The model trains, and this last line fails: "NotImplementedError: Object
ElementWiseLambda was created by passing non-serializable argument values in `__init__()`".
"""

import keras
import numpy as np
from keras import ops


class ElementWiseLambda(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


class WeightedLambda(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def build(self, input_shape):
        self.weight = self.add_weight(name="weight", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        return self.function(inputs, self.weight)


class ComplexLambda(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, *inputs):
        return self.function(*inputs)


inputs = keras.Input((4,), name="measured")
rooted = ElementWiseLambda(lambda x: ops.sqrt(ops.abs(x)), name="rooted")(inputs)
weighted = WeightedLambda(lambda x, w: x * w, name="weighted")(inputs)
joined = ComplexLambda(lambda a, b: ops.concatenate([a, b], axis=-1), name="joined")(rooted, weighted)
model = keras.Model(inputs, keras.layers.Dense(1, name="total")(joined))

x = np.random.normal(size=(64, 4)).astype("float32")
model.compile(optimizer="adam", loss="mse")
model.fit(x, np.sqrt(np.abs(x)).sum(axis=1), epochs=1, verbose=0)
model.save("function_layers.keras")
