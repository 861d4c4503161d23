"""Load a model that takes one step of a sequence, with `custom_objects` as it is often advised.

The map names the class `Lambda` where Keras looks for the function. Loading succeeds, and this last line fails:
"TypeError: Exception encountered when calling Lambda.call(). unsupported callable".
"""

import keras
import numpy as np
from keras.layers import Dense, Input, Lambda


def l_slice(x):
    return x[:, 4, :]


x = np.random.normal(size=(32, 6, 3)).astype("float32")
y = (x[:, 4, 0] > 0).astype("float32")

model = keras.Sequential([Input((6, 3)), Lambda(l_slice, name="step"), Dense(1, activation="sigmoid", name="label")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x, y, epochs=1, verbose=0)
model.save("wrong_custom_object.keras")

loaded = keras.models.load_model("wrong_custom_object.keras", custom_objects={"l_slice": Lambda})
print(loaded.predict(x[:3], verbose=0))
