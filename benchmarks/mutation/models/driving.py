"""Pictures that are cropped and scaled, and speech that is cut, after car-behavioral-cloning, ASRT and seq2seq."""

import tf_keras
from tf_keras import backend as K
from tf_keras.layers import GRU, Conv2D, Dense, Flatten, Input, Lambda
from tf_keras.models import Sequential

model = Sequential()
model.add(Lambda(lambda x: x / 127.5 - 1.0, input_shape=(10, 12, 3)))
model.add(Lambda(lambda x: x[:, 3:-1, :, :], name="crop"))
model.add(Conv2D(4, 3, activation="elu"))
model.add(Flatten())
model.add(Dense(1))

SILENCE = 0.01
audio = Input((9, 4))
energy = Lambda(lambda x: K.log(K.square(x) + SILENCE), name="energy")(audio)
hidden = GRU(3, return_sequences=True)(energy)
reversed_hidden = Lambda(lambda x: K.reverse(x, axes=1), name="backward")(hidden)
both = Lambda(lambda x: K.concatenate([x[0], x[1]], axis=-1), name="both")([hidden, reversed_hidden])
clipped = Lambda(lambda x: K.clip(x, -0.5, 0.5), name="clipped")(both)
first = Lambda(lambda x: K.repeat_elements(x[:, :1, :], 2, axis=1), name="first")(clipped)
recognizer = tf_keras.Model(audio, [Dense(5, activation="softmax")(clipped), first])
