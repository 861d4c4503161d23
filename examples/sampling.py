"""A variational autoencoder that draws its code in a `Lambda` layer.

`sampling` is not found on loading, and its noise has no seed that a saved model would keep: two loaded copies never
draw the same, and no backend but TensorFlow runs it.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def sampling(parameters):
    mean, log_variance = parameters
    noise = tf.random.normal(shape=tf.shape(mean))
    return mean + ops.exp(log_variance / 2) * noise


inputs = keras.Input((12,), name="measured")
hidden = layers.Dense(8, activation="relu", name="encoder")(inputs)
mean = layers.Dense(2, name="mean")(hidden)
log_variance = layers.Dense(2, name="log_variance")(hidden)
code = layers.Lambda(sampling, name="code")([mean, log_variance])
outputs = layers.Dense(12, name="decoder")(code)
model = keras.Model(inputs, outputs)

x = np.random.normal(size=(64, 12)).astype("float32")
model.compile(optimizer="adam", loss="mse")
model.fit(x, x, epochs=1, verbose=0)
print(model.predict(x[:3], verbose=0))
model.save("sampling.keras")
