"""Inputs that are shifted, scaled and have their channels swapped, after pierluigiferrari/ssd_keras."""

import keras
import numpy as np
import tensorflow as tf
from keras.layers import Activation, Conv2D, Input, Lambda, Reshape


def build_model(height, width, classes, mean, deviation, swap):
    def input_mean_normalization(tensor):
        return tensor - np.array(mean)

    def input_stddev_normalization(tensor):
        return tensor / np.array(deviation)

    def input_channel_swap(tensor):
        return tf.stack([tensor[..., swap[0]], tensor[..., swap[1]], tensor[..., swap[2]]], axis=-1)

    inputs = Input((height, width, 3))
    x = Lambda(input_mean_normalization, output_shape=(height, width, 3), name="input_mean_normalization")(inputs)
    x = Lambda(input_stddev_normalization, output_shape=(height, width, 3), name="input_stddev_normalization")(x)
    x = Lambda(input_channel_swap, output_shape=(height, width, 3), name="input_channel_swap")(x)
    x = Conv2D(classes, 3, padding="same", name="classes")(x)
    return keras.Model(inputs, Activation("softmax")(Reshape((-1, classes))(x)))


model = build_model(6, 5, 4, [123.0, 117.0, 104.0], [58.0, 57.0, 57.5], [2, 1, 0])
