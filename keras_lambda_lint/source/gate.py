"""The byte gate: decides from the bytes alone whether a file can hold anything that a rule looks for.

It is made for the whole rule table, so adding a rule does not move it: a mention of Keras or TensorFlow, and a token that some
rule starts from. Imports nothing but `re`: most files of a run see nothing else of the tool.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"Lambda|Layer\b|Model\)|load_model|custom_objects|custom_object_scope|register_keras_serializable|deserialization"
    rb"|safe_mode|Activation\(|(?:activation|initializer|regularizer|constraint|loss|metrics)\s*=|add_weight|Variable\("
    rb"|keras\.backend|keras\s+import\s[^\n]*\bbackend|keras\s+import\s*\([^)]*\bbackend|backend\s+as\b"
    rb"|keras\.saving"
)

_REMOVED = re.compile(
    rb"keras[.\w]*(?:\.|\s+import\s(?:[^\n]*\W)?|\s+import\s*\([^)]*\W)(?:"
    rb"\w+_(?:utils|backend|v\d|from_config|from_yaml|regularizer)|AbstractRNNCell|ActivityRegularizer|AtrousConv1D|"
    rb"AtrousConv2D|AtrousConvolution1D|AtrousConvolution2D|BaseLogger|ConvLSTM2DCell|ConvRecurrent2D|CuDNNGRU|"
    rb"CuDNNLSTM|Deconv2D|Deconv3D|Deconvolution2D|Deconvolution3D|DenseFeatures|DirectoryIterator|"
    rb"EigenvalueRegularizer|GeneratorEnqueuer|HDF5Matrix|Highway|ImageDataGenerator|Iterator|LocallyConnected1D|"
    rb"LocallyConnected2D|MaxoutDense|MeanRelativeError|MeanTensor|Merge|NumpyArrayIterator|OrderedEnqueuer|"
    rb"ParametricSoftplus|RadialConstraint|RandomHeight|RandomWidth|Recurrent|Reduction|SReLU|SequenceEnqueuer|"
    rb"TFOptimizer|ThresholdedReLU|TimeDistributedDense|TimeseriesGenerator|WeightRegularizer|__internal__|activity_l1|"
    rb"activity_l1l2|activity_l2|adadelta|adagrad|adam|adamax|advanced_activations|apply_affine_transform|"
    rb"apply_transform|backend_config|base_layer|cifar|common|convert_all_kernels_in_model|convolutional|"
    rb"convolutional_recurrent|core|cosine|cosine_proximity|cudnn_recurrent|distribute|dtensor|embeddings|engine|"
    rb"estimator|experimental|f1score|fbeta_score|feature_column|flip_axis|fmeasure|fscore|get_from_module|"
    rb"hdf5_format|huber_loss|initializations|interfaces|kld|kullback_leibler_divergence|l1l2|legacy|"
    rb"legacy_tf_layers|list_pictures|local|logcosh|mae|make_sampling_table|mape|matthews_correlation|maxnorm|merge|"
    rb"mobilenetv2|mse|msle|multi_gpu_model|music_tagger_crnn|nadam|network|noise|nonneg|normal|"
    rb"normalization|object_registration|objectives|one|pooling|premade|print_summary|"
    rb"radial_constraint|random_rotation|random_shear|random_shift|random_zoom|recurrent|regnet|resnet_rs|rmsprop|"
    rb"rnn|save|saved_model|scikit_learn|serialization|sgd|skipgrams|text|tf_inspect|topology|training|uniform|"
    rb"unitnorm|visualize_util|wrappers|zero"
    rb")\b|contrib\.keras|contrib\s+import\W+keras|tf\.keras\.saving"
)
"""The names of `keras_api/removed.py`, behind a mention of Keras."""


_LAYER = re.compile(rb"\bLambda\s*\(|\b(?:Layer|Model)\)\s*:")


def passes(data: bytes) -> bool:
    """Return whether a file with these bytes has to be parsed, whatever it imports."""
    if b"keras" not in data and b"tensorflow" not in data and b"Keras" not in data:
        return False
    return _TOKEN.search(data) is not None or _REMOVED.search(data) is not None


def may_make_layers(data: bytes) -> bool:
    """Return whether a file that does not pass would make layers if the names that it imports were those of Keras."""
    return b"import" in data and _LAYER.search(data) is not None


_NAMES_US = re.compile(rb"# noqa:[^\r\n]*KLL", re.IGNORECASE)


def names_our_codes(data: bytes) -> bool:
    """Return whether a `# noqa` comment of these bytes may name a code of ours."""
    return _NAMES_US.search(data) is not None
