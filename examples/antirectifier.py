"""The antirectifier, an activation that keeps both signs: centre, normalise, and take the positive and the negative part.

It was written when `keras.backend` had functions for tensors. With `output_shape` given, Keras 3 builds the model without a word;
the first batch fails: "AttributeError: module 'keras.backend' has no attribute 'mean'".
"""

import keras
import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda


def antirectifier(x):
    x -= K.mean(x, axis=1, keepdims=True)
    x = K.l2_normalize(x, axis=1)
    return K.concatenate([K.relu(x), K.relu(-x)], axis=1)


def twice_as_wide(input_shape):
    return (input_shape[0], 2 * input_shape[1])


model = keras.Sequential(
    [
        Input((8,)),
        Dense(16, name="hidden"),
        Lambda(antirectifier, output_shape=twice_as_wide, name="antirectifier"),
        Dense(2, activation="softmax", name="label"),
    ]
)
x = np.random.normal(size=(64, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=1, verbose=0)
