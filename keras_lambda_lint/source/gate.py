"""The byte gate: decides from the bytes alone whether a file can hold anything that a rule looks for.

It is made for the whole rule table, so adding a rule does not move it: a mention of Keras or TensorFlow, and a token that some
rule starts from. Imports nothing but `re`: most files of a run see nothing else of the tool.
"""

from __future__ import annotations

import re

_WORDS = (
    b"Model)",
    b"custom_object_scope",
    b"register_keras_serializable",
    b"unsafe_deserialization",
    b"safe_mode",
    b"Activation(",
    b"contrib.keras",
)
_LAYER_ARGUMENTS = (b"activation", b"initializer", b"regularizer", b"constraint")
_COMPILE_ARGUMENTS = (b"loss", b"metrics")
_TEXT = rb"""(?:"[^"\n]*"|'[^'\n]*')"""
_TAKES_FUNCTION = (
    rb"\s*=(?!\s*(?:=|[\"'\d]|None\b|True\b|False\b|\[\s*" + _TEXT + rb"(?:\s*,\s*" + _TEXT + rb")*\s*,?\s*\]))"
)
"""An argument that is no text, no number, no list of texts, but may be a function or the name of one."""
# Each pattern starts with a word: Python finds one word many times faster than one of several. None is compiled before a file
# mentions Keras: most runs never need them.
_UNQUOTED = rb"""(?<!["'`]keras)(?<!["'`]tf\.keras)"""
"""Behind `keras`: it is not in a text, such as those that name the parts which Keras itself exports."""
_MODULE_TEXT = rb"""\s*\(\s*["'](?:tensorflow\.|tf_)?keras"""
_TOKENS = (
    rb"Lambda\b",
    rb"class\s+\w+\s*\([^)]*Layer",
    # With a second argument: a model that is loaded by its path alone starts no rule.
    rb"load_model(?:\s*\(\s*[^,\n]*\n?[^,\n]*,|\s+as\b)",
    # Filled or passed, but not merely passed on.
    rb"custom_objects\w*(?!\s*(?:=\s*(?:custom_objects|None)\b|\w))\s*(?:[(\[:=]|\.update)",
    rb"keras" + _UNQUOTED + rb"\.(?:backend|saving)\b",
    rb"import_module" + _MODULE_TEXT,
    rb"__import__" + _MODULE_TEXT,
    rb"keras\s+import(?:\s[^\n]*|\s*\([^)]*)\bbackend",
    rb"backend\s+as\b",
    rb"Activation\s+as\b",
    rb"contrib\s+import\W+keras",
)
_LAYER = rb"Layer\b"
_DERIVED = rb"class\s+\w+\s*\((?!\s*(?:[\w.]*(?:object|TestCase|Error|Exception|Enum)\s*)?\))"
"""A class with a base that may be a layer: under another name, or of another file."""
_VARIABLE = rb"self\.\w+\s*(?::[^=\n]*)?=\s*[\w.]*\bVariable\("

_REMOVED = (
    rb"keras(?<!tf_keras)"
    + _UNQUOTED
    + rb"(?!\.(?:src|random)\b)[.\w]*(?:\.|\s+import\s(?:[^\n]*\W)?|\s+import\s*\([^)]*\W)(?:"
    rb"\w+_(?:utils|backend|from_config|from_yaml|regularizer)|(?:optimizer|tensorboard)_v\d|"
    rb"AbstractRNNCell|ActivityRegularizer|AtrousConv1D|"
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
    rb")\b"
)
"""The names of `keras_api/removed.py`, behind a mention of Keras."""
_REMOVED_OF_SRC = (
    rb"keras\.src(?<!tf_keras\.src)[.\w]*(?:\.|\s+import\s(?:[^\n]*\W)?|\s+import\s*\([^)]*\W)"
    rb"(?:engine|generic_utils|tf_inspect)\b"
)
"""Those below `keras.src`, where most other names are still there."""

_LONGEST_PREFIX = 40
"""Of an argument's name: `kernel_` of `kernel_initializer`."""
_WORD = b"_abcdefghijklmnopqrstuvwxyz"
_QUOTES = b'"""'

_LAYERS = {
    b"Lambda": rb"Lambda(?<!\wLambda)\s*\(",
    b"Layer)": rb"Layer\)(?<!\wLayer\))\s*:",
    b"Model)": rb"Model\)(?<!\wModel\))\s*:",
}


def passes(data: bytes) -> bool:
    """Return whether a file with these bytes has to be parsed, whatever it imports."""
    mentions = b"keras" in data or b"tensorflow" in data or b"Keras" in data
    return mentions and _says(_without_long_texts(data))


def _says(data: bytes) -> bool:
    """Return whether the bytes hold a token that a rule starts from."""
    if any(word in data for word in _WORDS) or any(re.search(token, data) for token in _TOKENS):
        return True
    derives = re.search(_DERIVED, data) is not None
    return (
        (derives and re.search(_LAYER, data) is not None)
        or (b"Variable(" in data and re.search(_VARIABLE, data) is not None)
        or ((derives or b"layers" in data) and _gives(data, _LAYER_ARGUMENTS))
        or (b"compile(" in data and _gives(data, _COMPILE_ARGUMENTS))
        or re.search(_REMOVED, data) is not None
        or re.search(_REMOVED_OF_SRC, data) is not None
    )


def _gives(data: bytes, arguments: tuple[bytes, ...]) -> bool:
    """Return whether a function may be given to one of the arguments; one that is assigned to an attribute of that name is not."""
    for argument in arguments:
        for match in re.finditer(argument + _TAKES_FUNCTION, data):
            before = data[max(match.start() - _LONGEST_PREFIX, 0) : match.start()]
            if not before.rstrip(_WORD).endswith(b"."):
                return True
    return False


def _without_long_texts(data: bytes) -> bytes:
    """Return the bytes without what stands in triple quotes, docstrings above all; all of them where it is not plain what does."""
    parts = data.split(_QUOTES)
    if len(parts) % 2 == 0 or b"'''" in data or b"\\" + _QUOTES in data:
        return data
    for code in parts[:-1:2]:
        before = code[code.rfind(b"\n") + 1 :]
        if b"#" in before or b"'" in before or b'"' in before:
            return data
    return b'""'.join(parts[::2])


def may_make_layers(data: bytes) -> bool:
    """Return whether a file that does not pass would make layers if the names that it imports were those of Keras."""
    return b"import" in data and any(word in data and re.search(pattern, data) for word, pattern in _LAYERS.items())


_ESCAPED_LETTER = re.compile(rb"\\u00(?:[46][1-9a-fA-F]|[57][0-9aA])")


def may_hold_candidate(data: bytes) -> bool:
    """Return whether the cells of a notebook with these bytes may have to be parsed: they are looked at only then."""
    if b"keras" in data or b"tensorflow" in data or b"Keras" in data:
        return True
    if b"import" in data and any(word in data for word in _LAYERS):
        return True
    # JSON may write any letter by its number; UTF-16, which no notebook is in, has null bytes.
    return b"\0" in data[:4] or (b"\\u00" in data and _ESCAPED_LETTER.search(data) is not None)


_NAMES_US = re.compile(rb"# noqa:[^\r\n]*KLL", re.IGNORECASE)


def names_our_codes(data: bytes) -> bool:
    """Return whether a `# noqa` comment of these bytes may name a code of ours."""
    return _NAMES_US.search(data) is not None
