"""Classify a sequence by one of its steps.

The `Lambda` layers keep Python bytecode in the saved model. `load_model` refuses it: "ValueError: Requested the
deserialization of a `Lambda` layer whose `function` is a Python lambda." The step `t` and the step `LAST` are lost with it.
"""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

LAST = -1


def build_model(steps, features, t):
    inputs = keras.Input((steps, features), name="sequence")
    hidden = layers.LSTM(8, return_sequences=True, name="encoder")(inputs)
    early = layers.Lambda(lambda x: x[:, t, :], name="early_step")(hidden)
    late = layers.Lambda(lambda x: x[:, LAST, :], name="last_step")(hidden)
    outputs = layers.Dense(2, activation="softmax", name="label")(layers.concatenate([early, late]))
    return keras.Model(inputs, outputs)


x = np.random.normal(size=(32, 6, 3)).astype("float32")
y = (x[:, 2, 0] > 0).astype("int32")

model = build_model(steps=6, features=3, t=2)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=1, verbose=0)
print(model.predict(x[:3], verbose=0))
model.save("take_step.keras")
