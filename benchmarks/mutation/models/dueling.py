"""A network of two streams, after dueling_dqn of rlcode/reinforcement-learning, keras-rl and saraalhetela/dueling-dqn-stock-trader."""

import tf_keras
from tf_keras import backend as K
from tf_keras.layers import Dense, Input, Lambda


def build(actions):
    state = Input((6,))
    hidden = Dense(8, activation="relu")(state)
    streams = Dense(actions + 1, name="streams")(hidden)
    average = Lambda(
        lambda a: K.expand_dims(a[:, 0], -1) + a[:, 1:] - K.mean(a[:, 1:], axis=1, keepdims=True),
        output_shape=(actions,),
        name="average",
    )(streams)
    largest = Lambda(
        lambda a: K.expand_dims(a[:, 0], -1) + a[:, 1:] - K.max(a[:, 1:], axis=1, keepdims=True), name="largest"
    )(streams)
    return tf_keras.Model(state, [average, largest])


def policy(actions, high):
    """An actor and a critic with a bounded action."""
    state, action = Input((6,)), Input((actions,))
    mean = Lambda(lambda x: x * high)(Dense(actions, activation="tanh")(state))
    value = Lambda(lambda x: x[0] + x[1])([Dense(8)(state), Dense(8)(action)])
    return tf_keras.Model([state, action], [mean, Dense(1)(value)])


model = build(3)
actor = policy(2, 2.5)
