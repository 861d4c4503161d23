"""Take one feature of a sequence, with an `output_shape` that is not what the function returns.

The function gives (batch, 4). Keras 3 believes the declared (batch, 4, 1) and says so of every layer behind it; here the next layer
happens to hide it. The saved model does not load: "TypeError: Could not locate function 'slice'."
"""

import keras
import numpy as np
from keras import layers


def slice(x, index):
    return x[:, :, index]


inputs = keras.Input((4, 3), name="sequence")
first = layers.Lambda(slice, output_shape=(4, 1), arguments={"index": 0}, name="first")(inputs)
print("declared:", first.shape, "computed:", keras.Model(inputs, first).predict(np.zeros((1, 4, 3)), verbose=0).shape)
outputs = layers.Dense(2, name="label")(layers.Flatten(name="flat")(first))
model = keras.Model(inputs, outputs)
x = np.random.normal(size=(32, 4, 3)).astype("float32")
model.compile(optimizer="adam", loss="mse")
model.fit(x, x[:, :2, 0], epochs=1, verbose=0)
model.save("declared_shape.keras")
