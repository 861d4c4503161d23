"""Tell from two pictures whether something has appeared between them, on Keras 2.

The function takes a list of tensors. Keras 2 saves it as Python bytecode although it has a name, and refuses to load it:
"ValueError: Requested the deserialization of a Lambda layer with a Python `lambda` inside it."
"""

import numpy as np
import tensorflow as tf
import tf_keras
from tf_keras.layers import Dense, Flatten, Input, Lambda


def change(pictures):
    before, after = pictures
    return tf.cast(after, "float32") - tf.cast(before, "float32")


before = Input((8, 8), dtype="uint8", name="before")
after = Input((8, 8), dtype="uint8", name="after")
difference = Lambda(change, name="difference")([before, after])
appeared = Dense(1, activation="sigmoid", name="appeared")(Flatten()(difference))
model = tf_keras.Model([before, after], appeared)

first = np.random.randint(256, size=(32, 8, 8)).astype("uint8")
second = np.random.randint(256, size=(32, 8, 8)).astype("uint8")
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit([first, second], np.random.randint(2, size=(32, 1)), epochs=1, verbose=0)
print(model.predict([first[:3], second[:3]], verbose=0))
model.save("two_inputs.keras")
