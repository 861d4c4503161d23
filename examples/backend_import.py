"""Compare two sentences by their cosine, with `K` imported in the function so that it is there after loading.

On Keras 3 there is nothing to import: `keras.backend` has lost `l2_normalize` and `sum`. The layer fails where it is called first,
and Keras 3 hides the reason: "We could not automatically infer the shape of the Lambda's output."
"""

import keras
import numpy as np
from keras.layers import Embedding, GlobalAveragePooling1D, Input, Lambda


def cosine(sentences):
    from keras import backend as K

    first, second = (K.l2_normalize(each, axis=-1) for each in sentences)
    return K.sum(first * second, axis=-1, keepdims=True)


first = Input((5,), dtype="int32", name="first")
second = Input((5,), dtype="int32", name="second")
embedding = Embedding(20, 8, name="words")
average = GlobalAveragePooling1D(name="sentence")
similarity = Lambda(cosine, name="similarity")([average(embedding(first)), average(embedding(second))])
model = keras.Model([first, second], similarity)

words = np.random.randint(20, size=(2, 32, 5))
model.compile(optimizer="adam", loss="mse")
model.fit([words[0], words[1]], np.random.uniform(size=(32, 1)), epochs=1, verbose=0)
