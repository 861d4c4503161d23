"""Gradients that stop, variables outside of layers and targets that are compared, after keraspp, InfoGAN and voxelmorph."""

import keras
import tensorflow as tf
from keras.layers import Dense, Input, Lambda

temperature = tf.Variable(2.0, name="temperature")
offset = tf.Variable([0.1, 0.2, 0.3, 0.4], name="offset")


def minb_disc(x):
    differences = tf.expand_dims(x, 3) - tf.expand_dims(tf.transpose(x, [1, 2, 0]), 0)
    return tf.reduce_sum(tf.exp(-tf.reduce_sum(tf.abs(differences), axis=2)), axis=2)


inputs = Input((4,))
moved = Lambda(lambda x: x + offset, name="moved")(inputs)
logits = Dense(3, name="logits")(moved)
sharp = Lambda(lambda x: x / temperature, name="sharp")(logits)
frozen = Lambda(lambda x: tf.stop_gradient(x) * 0.5, name="frozen")(logits)
signed = Lambda(lambda x: tf.where(x > 0.0, x, 0.1 * x), name="signed")(frozen)
target = Lambda(lambda x: tf.one_hot(tf.argmax(x, axis=-1), 3), name="target")(logits)
discriminator = keras.Model(inputs, [sharp, signed, target])

features = Input((2, 5))
minibatch = Lambda(minb_disc, output_shape=(2,), name="minibatch")(features)
statistics = keras.Model(features, Dense(1)(minibatch))
