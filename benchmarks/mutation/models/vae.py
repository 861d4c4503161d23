"""Two autoencoders that draw their codes, after those of voxelmorph, chemical_vae and fchollet/deep-learning-with-python-notebooks."""

import keras
import tensorflow as tf
from keras import ops
from keras.layers import Dense, Flatten, Input, Lambda, Reshape


def sampling(args):
    z_mean, z_log_var = args
    epsilon = tf.random.normal(shape=(tf.shape(z_mean)[0], 2), mean=0.0, stddev=1.0)
    return z_mean + ops.exp(z_log_var / 2) * epsilon


def noisy(x):
    return x + tf.random.normal(tf.shape(x), stddev=0.05)


image = Input((4, 4, 1))
hidden = Dense(8, activation="relu")(Flatten()(image))
z_mean = Dense(2, name="z_mean")(hidden)
z_log_var = Dense(2, name="z_log_var")(hidden)
z = Lambda(sampling, output_shape=(2,), name="z")([z_mean, z_log_var])
decoded = Reshape((4, 4, 1))(Dense(16, activation="sigmoid")(z))
vae = keras.Model(image, decoded)

flow = Input((3, 3, 2))
mean = Dense(2, name="mu")(flow)
log_sigma = Dense(2, name="log_sigma")(flow)
perturbed = Lambda(noisy, name="perturbed")(mean)
precision = Lambda(lambda x: tf.exp(-x / 2), name="precision")(log_sigma)
magnitude = Lambda(lambda v: tf.sqrt(tf.reduce_sum(tf.square(v), axis=-1, keepdims=True) + 1e-7), name="magnitude")(
    mean
)
registration = keras.Model(flow, [perturbed, precision, magnitude])
