"""Fit y = |x|^2 with a layer that squares its input.

It trains and saves, and this last line fails: "ValueError: Requested the deserialization of a `Lambda` layer whose
`function` is a Python lambda."
"""

import numpy as np
import tensorflow as tf

x = np.random.uniform(-1, 1, size=(64, 4)).astype("float32")
y = np.sum(x**2, axis=1, keepdims=True)

model = tf.keras.Sequential(
    [
        tf.keras.Input((4,)),
        tf.keras.layers.Lambda(lambda x: x ** 2),
        tf.keras.layers.Dense(1, name="sum"),
    ]
)
model.compile(optimizer="sgd", loss="mse")
model.fit(x, y, epochs=1, verbose=0)
print(model.predict(x[:3], verbose=0))

model.save("square.keras")
tf.keras.models.load_model("square.keras")
