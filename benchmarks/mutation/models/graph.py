"""Batches of one graph and neighbours in a loop, after stellargraph/stellargraph."""

import tensorflow as tf
import tf_keras
from tf_keras import backend as K
from tf_keras.layers import Dense, Dropout, Input, Lambda, Reshape


def head_of(layers, sizes):
    inputs = [Input((1, size, 4), name=f"hop_{hop}") for hop, size in enumerate(sizes)]
    x = [Dropout(0.3)(each) for each in inputs]
    squeezed = [Lambda(lambda t: K.squeeze(t, 1), name=f"squeeze_{hop}")(each) for hop, each in enumerate(x)]
    means = []
    for hop in range(layers):
        neighbours = Lambda(lambda t: K.mean(t, axis=1), name=f"mean_{hop}")(squeezed[hop])
        means.append(Dense(3, name=f"own_{hop}")(neighbours))
    joined = Lambda(lambda t: K.concatenate(t, axis=-1), name="joined")(means)
    normal = Lambda(lambda t: tf.math.l2_normalize(t, axis=-1, epsilon=1e-6), name="normal")(joined)
    return tf_keras.Model(inputs, normal)


def link(width):
    a, b = Input((width,)), Input((width,))
    similar = Lambda(lambda t: K.sum(t[0] * t[1], axis=-1, keepdims=True), name="inner_product")([a, b])
    apart = Lambda(lambda t: K.abs(t[0] - t[1]), name="l1")([a, b])
    return tf_keras.Model([a, b], [Reshape((1,))(similar), apart])


model = head_of(2, [3, 5])
links = link(4)
