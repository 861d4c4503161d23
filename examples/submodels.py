"""A digit classifier with a layer of our own, checked through two sub-models: one ends before the layer, one after it.

Both show that the layer adds 2, and still the saved model does not load: "TypeError: Could not locate function
'custom_layer'."
"""

import keras
import numpy as np
from keras import layers


def custom_layer(tensor):
    return tensor + 2


inputs = keras.Input((28, 28), name="image")
flat = layers.Flatten(name="flat")(inputs)
before = layers.Dense(16, activation="relu", name="dense_layer_1")(flat)
after = layers.Lambda(custom_layer, name="lambda_layer")(before)
outputs = layers.Dense(10, activation="softmax", name="digit")(after)
model = keras.Model(inputs, outputs, name="classifier")

x_train = np.random.uniform(size=(64, 28, 28)).astype("float32")
y_train = np.random.randint(10, size=64)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=1, verbose=0)

model_before = keras.Model(inputs, before, name="up_to_dense_layer_1")
model_after = keras.Model(inputs, after, name="up_to_lambda_layer")
difference = model_after.predict(x_train[:1], verbose=0) - model_before.predict(x_train[:1], verbose=0)
print("the layer adds", difference.round(4))

model.save("submodels.keras")
