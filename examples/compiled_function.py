"""A function compiled with `tf.function` before a `Lambda` layer gets it.

The model trains and is saved, and this last line fails: a `tf.function` is neither a function with a name nor an object with a
config.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input, Lambda

model = Sequential(
    [
        Input((4,)),
        Lambda(tf.function(lambda x: tf.math.log1p(tf.abs(x))), name="magnitude"),
        Dense(1, name="total"),
    ]
)
x = np.random.normal(size=(64, 4)).astype("float32")
model.compile(optimizer="adam", loss="mse")
model.fit(x, np.log1p(np.abs(x)).sum(axis=1), epochs=1, verbose=0)
print(model.predict(x[:3], verbose=0))
model.save("compiled_function.keras")
tf.keras.models.load_model("compiled_function.keras")
