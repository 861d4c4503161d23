"""Experts, gates and interactions, after the models of shenweichen/DeepCTR and shenweichen/DeepMatch."""

import tensorflow as tf
import tf_keras
from tf_keras.layers import Concatenate, Dense, Input, Lambda


def reduce_sum(x, axis=None, keep_dims=False):
    return tf.reduce_sum(x, axis=axis, keepdims=keep_dims)


features = [Input((1,), name=f"feature_{number}") for number in range(3)]
joined = Concatenate()(features)
experts = [Dense(4, activation="relu", name=f"expert_{number}")(joined) for number in range(2)]
stacked = Lambda(lambda x: tf.stack(x, axis=1), name="experts")(experts)
outputs = []
for task in ("click", "like"):
    gate = Dense(2, activation="softmax", use_bias=False, name=f"gate_{task}")(joined)
    gate = Lambda(lambda x: tf.expand_dims(x, axis=-1), name=f"expand_{task}")(gate)
    mixed = Lambda(lambda x: reduce_sum(x[0] * x[1], axis=1, keep_dims=False), name=f"gate_mul_expert_{task}")(
        [stacked, gate]
    )
    outputs.append(Dense(1, name=task)(mixed))
pairs = Lambda(
    lambda x: 0.5 * (tf.square(reduce_sum(x, 1, True)) - reduce_sum(tf.square(x), 1, True)), name="interactions"
)(stacked)
outputs.append(Lambda(lambda x: tf.squeeze(x, 1), name="second_order")(pairs))
model = tf_keras.Model(features, outputs)
