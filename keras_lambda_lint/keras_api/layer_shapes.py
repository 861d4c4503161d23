"""How layers of Keras change the shape of their input: a rule each, then the positional parameters of the constructor.

`tests/sites/test_layer_shapes.py` compares what is inferred from each row with keras 3.15.1 and tf_keras 2.21. Keras 2 sees less of some
(`UpSampling2D` of an image without height hides the width too), never another length.
"""

from __future__ import annotations

_CONV = "filters kernel_size strides padding data_format dilation_rate"
_POOL = "pool_size strides padding data_format"

LAYER_SHAPES: dict[str, str] = {
    "Activation": "same", "ActivityRegularization": "same", "AlphaDropout": "same", "BatchNormalization": "same", "Dropout": "same",
    "ELU": "same", "GaussianDropout": "same", "GaussianNoise": "same", "Identity": "same", "LayerNormalization": "same",
    "LeakyReLU": "same", "Masking": "same", "PReLU": "same", "ReLU": "same", "Rescaling": "same", "Softmax": "same",
    "SpatialDropout1D": "same", "SpatialDropout2D": "same", "ThresholdedReLU": "same", "UnitNormalization": "same",
    "Add": "merge", "Average": "merge", "Maximum": "merge", "Minimum": "merge", "Multiply": "merge", "Subtract": "merge",
    "Concatenate": "concatenate axis",
    "Conv1D": f"conv1 {_CONV}", "Conv2D": f"conv2 {_CONV}", "Conv3D": f"conv3 {_CONV}", "Convolution1D": f"conv1 {_CONV}",
    "Convolution2D": f"conv2 {_CONV}", "SeparableConv1D": f"conv1 {_CONV}", "SeparableConv2D": f"conv2 {_CONV}",
    "Cropping1D": "crop1 cropping", "Cropping2D": "crop2 cropping data_format",
    "Dense": "dense units", "Embedding": "embedding input_dim output_dim", "Flatten": "flatten data_format",
    "GRU": "recurrent units", "LSTM": "recurrent units", "SimpleRNN": "recurrent units",
    "GlobalAveragePooling1D": "global_pool1", "GlobalAveragePooling2D": "global_pool2", "GlobalAveragePooling3D": "global_pool3",
    "GlobalMaxPooling1D": "global_pool1", "GlobalMaxPooling2D": "global_pool2", "GlobalMaxPooling3D": "global_pool3",
    "GlobalMaxPool1D": "global_pool1", "GlobalMaxPool2D": "global_pool2", "GlobalAvgPool2D": "global_pool2",
    "AveragePooling1D": f"pool1 {_POOL}", "AveragePooling2D": f"pool2 {_POOL}", "AveragePooling3D": f"pool3 {_POOL}",
    "MaxPooling1D": f"pool1 {_POOL}", "MaxPooling2D": f"pool2 {_POOL}", "MaxPooling3D": f"pool3 {_POOL}",
    "MaxPool1D": f"pool1 {_POOL}", "MaxPool2D": f"pool2 {_POOL}",
    "Permute": "permute dims", "RepeatVector": "repeat_vector n", "Reshape": "reshape target_shape",
    "UpSampling1D": "up1 size", "UpSampling2D": "up2 size data_format",
    "ZeroPadding1D": "pad1 padding", "ZeroPadding2D": "pad2 padding data_format",
}  # fmt: skip
"""Rows of `Convolution2D(n, rows, columns)`, as Keras 1 wrote it, are not told apart by name: their second number is no size of two."""

FUNCTIONS: dict[str, str] = {
    "concatenate": "Concatenate", "add": "Add", "multiply": "Multiply", "average": "Average", "maximum": "Maximum", "minimum": "Minimum",
    "subtract": "Subtract",
}  # fmt: skip
"""Functions of `keras.layers` that make a layer and call it on their first argument."""
