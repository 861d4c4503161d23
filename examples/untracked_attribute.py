"""Learn a scale in a layer that keeps it as the TensorFlow documentation shows: a `tf.Variable` as an attribute.

Keras 2 tracks it. Keras 3 does not: `scale` is in no list of weights, no optimizer changes it, and no file holds it.
"""

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable(package="untracked_attribute")
class ScaleLayer(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = tf.Variable(1.0)

    def call(self, inputs):
        return inputs * self.scale


model = keras.Sequential([keras.Input((4,)), ScaleLayer(name="scaled"), keras.layers.Dense(1, name="total")])
x = np.random.normal(size=(64, 4)).astype("float32")
y = 100 * x.sum(axis=1, keepdims=True)
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=1, verbose=0)
print([weight.path for weight in model.trainable_weights])
model.save("untracked_attribute.keras")
