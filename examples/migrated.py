"""A ranking model that grew up on TensorFlow 1 and Keras 2 and now runs under `tf.keras` with Keras 3.

It still trains. Of its `Lambda` layers none survives saving, `temperature` does not train, every neighbour is the last one, the
noise has no seed, and this last line fails: "AttributeError: module 'tensorflow.keras' has no attribute 'saving'".
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Concatenate, Dense, Input, Lambda
from tensorflow.keras.models import Model

temperature = K.variable(1.0, name="temperature")


def with_noise(x):
    return x + K.random_normal(K.shape(x), stddev=0.1)


def build_model(candidates, features):
    inputs = Input((candidates, features), name="candidates")
    noisy = Lambda(with_noise, name="noisy")(inputs)
    query = Lambda(lambda x: x[:, 0], name="query")(noisy)
    scores = []
    for k in range(1, candidates):
        neighbour = Lambda(lambda x: x[:, k], name=f"neighbour_{k}")(noisy)
        scores.append(Lambda(lambda pair: K.sum(pair[0] * pair[1], axis=-1, keepdims=True))([query, neighbour]))
    scaled = Lambda(lambda x: x / temperature, name="scaled")(Concatenate(name="scores")(scores))
    return Model(inputs, Dense(1, activation="sigmoid", name="hit")(scaled))


x = np.random.normal(size=(32, 4, 8)).astype("float32")
y = np.random.randint(2, size=(32, 1))
model = build_model(candidates=4, features=8)
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x, y, epochs=1, verbose=0)
model.save("migrated.keras")
tf.keras.saving.load_model("migrated.keras")
