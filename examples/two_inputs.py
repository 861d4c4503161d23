"""Compare two pictures with one network for both, on Keras 2.

The function takes a list of tensors. Keras 2 saves it as Python bytecode although it has a name, and refuses to load it:
"ValueError: Requested the deserialization of a Lambda layer with a Python `lambda` inside it."
"""

import numpy as np
import tensorflow as tf
import tf_keras
from tf_keras.layers import Dense, Flatten, Input, Lambda


def squared_distance(vectors):
    left, right = vectors
    return tf.reduce_sum(tf.square(left - right), axis=1, keepdims=True)


embed = tf_keras.Sequential([Input((8, 8)), Flatten(), Dense(4, activation="relu")], name="embed")

first = Input((8, 8), name="first")
second = Input((8, 8), name="second")
distance = Lambda(squared_distance, name="distance")([embed(first), embed(second)])
same = Dense(1, activation="sigmoid", name="same")(distance)
model = tf_keras.Model([first, second], same)

a = np.random.uniform(size=(32, 8, 8)).astype("float32")
b = np.random.uniform(size=(32, 8, 8)).astype("float32")
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit([a, b], np.random.randint(2, size=(32, 1)), epochs=1, verbose=0)
print(model.predict([a[:3], b[:3]], verbose=0))
model.save("two_inputs.keras")
