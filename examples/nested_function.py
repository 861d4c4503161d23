"""Classify a sequence by one of its steps, with the often advised named function instead of a lambda.

It does not help: `l_slice` still reads `t`, which is gone after loading, and Keras cannot find a function that was
defined in another function: "TypeError: Could not locate function 'l_slice'."
"""

import keras
import numpy as np
from keras.layers import LSTM, Dense, Input, Lambda
from keras.models import Model


def build_model(t):
    def l_slice(x):
        return x[:, t, :]

    inputs = Input((6, 3))
    hidden = LSTM(8, return_sequences=True)(inputs)
    step = Lambda(l_slice)(hidden)
    outputs = Dense(1, activation="sigmoid")(step)
    return Model(inputs, outputs)


x = np.random.normal(size=(32, 6, 3)).astype("float32")
y = (x[:, 4, 0] > 0).astype("float32")

model = build_model(t=4)
model.compile(optimizer=keras.optimizers.Adam(), loss="binary_crossentropy")
model.fit(x, y, epochs=1, verbose=0)
print(model.predict(x[:3], verbose=0))
model.save("nested_function.keras")
