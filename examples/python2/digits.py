"""Python 2 and Keras 1: `check` names the line that no Python 3 reads, ends with 2, and still checks the other files."""

from keras.layers import Dense, Input, Lambda
from keras.models import Model
from keras.utils.visualize_util import plot

inputs = Input((784,))
scaled = Lambda(lambda x: x / 255.0)(inputs)
model = Model(input=inputs, output=Dense(10, activation="softmax")(scaled))
print "layers:", len(model.layers)
plot(model, to_file="digits.png")
