"""Pooling by powers and a response that is normalised, after OpenFace of iwantooxxoox/Keras-OpenFace and krasserm/face-recognition."""

import keras
import tensorflow as tf
from keras.layers import AveragePooling2D, Concatenate, Conv2D, Dense, Flatten, Input, Lambda


def normalise_response(x):
    return tf.nn.lrn(x, alpha=1e-4, beta=0.75)


inputs = Input((12, 12, 3))
x = Conv2D(8, 3, strides=2, name="conv1")(inputs)
x = Lambda(normalise_response, name="lrn_1")(x)
pool = Lambda(lambda x: x**2, name="power2_3b")(x)
pool = AveragePooling2D(3, strides=1, name="average")(pool)
pool = Lambda(lambda x: x * 9, name="mult9_3b")(pool)
pool = Lambda(lambda x: tf.sqrt(x), name="sqrt_3b")(pool)
other = Conv2D(4, 3, name="conv2")(x)
x = Dense(6, name="dense_layer")(Flatten()(Concatenate(axis=3)([pool, other])))
outputs = Lambda(lambda x: tf.math.l2_normalize(x, axis=1), name="norm_layer")(x)
model = keras.Model(inputs, outputs)
