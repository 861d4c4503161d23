"""Texts that are matched word by word, after NTMC-Community/MatchZoo, keras-self-attention and keras-attention-mechanism."""

import keras
import tensorflow as tf
from keras.layers import LSTM, Dense, Embedding, Input, Lambda, Masking

query = Input((4,), dtype="int32", name="text_left")
document = Input((6,), dtype="int32", name="text_right")
embedding = Embedding(20, 5, name="embedding")
left, right = embedding(query), embedding(document)
matrix = Lambda(lambda x: tf.matmul(x[0], x[1], transpose_b=True), name="matching_matrix")([left, right])
attention = Lambda(lambda x: tf.nn.softmax(x, axis=-1), name="attention")(matrix)
aligned = Lambda(lambda x: tf.matmul(x[0], x[1]), name="aligned")([attention, right])
best = Lambda(lambda x: tf.nn.top_k(x, k=3, sorted=True)[0], name="matching_topk")(matrix)
counts = Lambda(lambda x: tf.math.log1p(tf.nn.relu(tf.reduce_sum(x, 1))), name="pooling_sum")(best)
kernels = []
for mu in (0.1, 0.5, 0.9):
    kernels.append(Lambda(lambda x, mu=mu: tf.exp(-0.5 * (x - mu) ** 2 / 0.01))(matrix))
stacked = Lambda(lambda x: tf.stack(x, 1), name="phi")(kernels)
ranker = keras.Model([query, document], [Dense(1)(counts), aligned, stacked])

sequence = Input((7, 3))
states = LSTM(4, return_sequences=True)(Masking()(sequence))
last = Lambda(lambda x: x[:, -1, :], name="last_hidden_state")(states)
score = Lambda(lambda x: tf.reduce_sum(x[0] * tf.expand_dims(x[1], 1), axis=-1), name="score")([states, last])
attending = keras.Model(sequence, score)
