"""Learn by how much to scale the output of a network.

`scale` stays 1.0 for ever: a `Lambda` layer does not track the variable that its function reads, so `fit` does not train
it and `save` does not store it. Keras 3 says nothing, Keras 2 logs a warning.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input, Lambda

scale = tf.Variable(1.0, name="scale")

model = Sequential(
    [
        Input((4,)),
        Dense(8, activation="relu", name="hidden"),
        Dense(1, name="total"),
        Lambda(lambda x: x * scale, name="scaled"),
    ]
)
model.compile(optimizer="adam", loss="mse")

x = np.random.normal(size=(64, 4)).astype("float32")
y = 100 * x.sum(axis=1, keepdims=True)
model.fit(x, y, epochs=1, verbose=0)
print([weight.name for weight in model.trainable_weights])
print(model.predict(x[:3], verbose=0))
