"""A script for Keras 1: branches joined by `merge`, drawn by `visualize_util`.

Both are gone since Keras 2, and so are `Convolution1D`'s old parameters: "ImportError: cannot import name 'merge'".
"""

import numpy as np
from keras.layers import Dense, Flatten, Input, Lambda, merge
from keras.models import Model
from keras.utils.visualize_util import plot

inputs = Input((6, 3))
early = Lambda(lambda x: x[:, :3, :])(inputs)
late = Lambda(lambda x: x[:, 3:, :])(inputs)
both = merge([Dense(4)(early), Dense(4)(late)], mode="concat")
model = Model(input=inputs, output=Dense(1)(Flatten()(both)))

model.compile(optimizer="sgd", loss="mse")
model.fit(np.random.normal(size=(32, 6, 3)), np.random.normal(size=(32, 1)), nb_epoch=1)
plot(model, to_file="keras_1.png")
