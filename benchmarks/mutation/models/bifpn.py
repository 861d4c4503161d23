"""Feature maps that are resized and weighed, after Barchid/Indoor_Segmentation, EfficientDet and keras-applications' MobileNetV3."""

import keras
import tensorflow as tf
from keras.layers import Conv2D, Input, Lambda


def resized(x, height, width):
    return Lambda(lambda x: tf.image.resize(x, (height, width)))(x)


def hard_swish(x):
    return Lambda(lambda x: x * tf.nn.relu6(x + 3.0) / 6.0)(x)


def fused(first, second, name):
    weight = tf.Variable(0.7, name=f"{name}_weight")
    return Lambda(lambda x: (x[0] * weight + x[1]) / (weight + 1.0 + 1e-4), name=name)([first, second])


inputs = Input((8, 8, 3))
fine = Conv2D(4, 3, padding="same", name="fine")(inputs)
coarse = Conv2D(4, 3, strides=2, padding="same", name="coarse")(hard_swish(fine))
top_down = fused(fine, resized(coarse, 8, 8), "top_down")
bottom_up = fused(coarse, resized(top_down, 4, 4), "bottom_up")
pooled = Lambda(lambda x: tf.reduce_mean(x, axis=[1, 2], keepdims=True), name="pooled")(bottom_up)
model = keras.Model(inputs, [top_down, pooled])
