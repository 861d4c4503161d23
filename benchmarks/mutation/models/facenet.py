"""Residual blocks that are scaled and an embedding of length one, after the FaceNet of serengil/deepface and nyoki-mtl/keras-facenet."""

from tf_keras import backend as K
from tf_keras.layers import Activation, Concatenate, Conv2D, Dense, GlobalAveragePooling2D, Input, Lambda, add
from tf_keras.models import Model


def scaling(x, scale):
    return x * scale


def block(x, scale, name):
    branch = Conv2D(4, 1, activation="relu", name=f"{name}_branch_0")(x)
    other = Conv2D(4, 3, padding="same", name=f"{name}_branch_1")(x)
    up = Conv2D(K.int_shape(x)[3], 1, name=f"{name}_up")(Concatenate(axis=3)([branch, other]))
    up = Lambda(scaling, output_shape=K.int_shape(up)[1:], arguments={"scale": scale}, name=f"{name}_scaling")(up)
    return Activation("relu", name=f"{name}_activation")(add([x, up]))


inputs = Input((8, 8, 3))
x = Lambda(lambda x: (x - 127.5) / 128.0, name="prewhiten")(inputs)
x = Conv2D(6, 3, strides=2, name="stem")(x)
x = block(x, 0.17, "block35")
x = block(x, 0.2, "block8")
x = Dense(5, name="bottleneck")(GlobalAveragePooling2D()(x))
model = Model(inputs, Lambda(lambda x: K.l2_normalize(x, axis=1), name="embedding")(x))
