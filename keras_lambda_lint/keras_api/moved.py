"""Where names stand that import paths of Keras 1 and 2 led to, on every newer Keras.

Read off the packages keras 1.2.2 to 2.3.1, where the old and the new path name the same object, and measured on keras 3.15.1, tf_keras
2.21 and TensorFlow 2.21: `tests/keras_api/test_moved.py` asks them for every name.
"""

from __future__ import annotations

from typing import NamedTuple

from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.keras_api.names import keras_root

_ONE_KERAS = frozenset(
    (
        "AbstractRNNCell AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix "
        "DenseFeatures Equalization FlaxLayer GroupQueryAttention JaxLayer LocallyConnected1D LocallyConnected2D "
        "MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RMSNormalization RandAugment RandomColorDegeneration RandomColorJitter "
        "RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert "
        "RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear RandomWidth ReversibleEmbedding "
        "STFTSpectrogram Solarization TFSMLayer ThresholdedReLU TorchModuleWrapper"
    ).split()
)
"""Layers that one of keras 3.15.1 and tf_keras 2.21 lacks."""

_LAYERS = (LAYER_CLASSES - _ONE_KERAS - {"Functional", "InputSpec", "Merge", "Model", "Sequential"}) | {
    "Input",
    "InputSpec",
    "Layer",
}
_MERGES = frozenset("add average concatenate dot maximum minimum multiply subtract".split())
_UTILS = frozenset("CustomObjectScope Progbar Sequence custom_object_scope get_custom_objects get_file".split())
_LOSSES = frozenset(
    "binary_crossentropy categorical_crossentropy categorical_hinge hinge mean_absolute_error mean_absolute_percentage_error "
    "mean_squared_error mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge".split()
)
_FULL_NAMES = {
    "kld": "kl_divergence", "kullback_leibler_divergence": "kl_divergence", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "mse": "mean_squared_error", "msle": "mean_squared_logarithmic_error",
}  # fmt: skip


class _Home(NamedTuple):
    """Where some names of a module that is gone stand now."""

    module: str
    names: frozenset[str]


_ENGINE = (
    _Home("layers", frozenset("Input InputLayer InputSpec Layer".split())),
    _Home("models", frozenset({"Model"})),
)
_HOMES: dict[str, tuple[_Home, ...]] = {
    **{
        f"layers.{module}": (_Home("layers", _LAYERS),)
        for module in (
            "advanced_activations convolutional convolutional_recurrent core cudnn_recurrent embeddings noise normalization pooling "
            "recurrent rnn wrappers experimental experimental.preprocessing"
        ).split()
    },
    "layers.merge": (_Home("layers", _LAYERS | _MERGES),),
    "engine": _ENGINE,
    "engine.base_layer": _ENGINE,
    "engine.topology": (*_ENGINE, _Home("utils", frozenset({"get_source_inputs"}))),
    "engine.training": (_Home("models", frozenset({"Model"})),),
    "objectives": (_Home("losses", _LOSSES),),
    "saving": (
        _Home("utils", _UTILS | {"register_keras_serializable", "get_registered_name", "get_registered_object"}),
        _Home("models", frozenset({"load_model", "save_model"})),
    ),
    "utils.data_utils": (_Home("utils", frozenset({"Sequence", "get_file"})),),
    "utils.generic_utils": (_Home("utils", _UTILS - {"Sequence", "get_file"}),),
    "utils.layer_utils": (_Home("utils", frozenset({"get_source_inputs"})),),
    "utils.np_utils": (_Home("utils", frozenset({"normalize", "to_categorical"})),),
    "utils.vis_utils": (_Home("utils", frozenset({"model_to_dot", "plot_model"})),),
    "utils.visualize_util": (_Home("utils", frozenset({"model_to_dot"})),),
}
_RENAMED = {
    "constraints.maxnorm": "constraints.max_norm",
    "constraints.nonneg": "constraints.non_neg",
    "constraints.unitnorm": "constraints.unit_norm",
    "initializers.normal": "initializers.random_normal",
    "initializers.one": "initializers.ones",
    "initializers.uniform": "initializers.random_uniform",
    "initializers.zero": "initializers.zeros",
    **{f"objectives.{old}": f"losses.{new}" for old, new in _FULL_NAMES.items()},
    **{f"losses.{old}": f"losses.{new}" for old, new in _FULL_NAMES.items()},
    **{f"metrics.{old}": f"metrics.{new}" for old, new in _FULL_NAMES.items()},
    "mixed_precision.experimental.Policy": "mixed_precision.Policy",
    "mixed_precision.experimental.global_policy": "mixed_precision.global_policy",
    "mixed_precision.experimental.set_policy": "mixed_precision.set_global_policy",
    "optimizers.adadelta": "optimizers.Adadelta",
    "optimizers.adagrad": "optimizers.Adagrad",
    "optimizers.adam": "optimizers.Adam",
    "optimizers.adamax": "optimizers.Adamax",
    "optimizers.nadam": "optimizers.Nadam",
    "optimizers.rmsprop": "optimizers.RMSprop",
    "optimizers.sgd": "optimizers.SGD",
    "regularizers.l1l2": "regularizers.l1_l2",
    "utils.visualize_util.plot": "utils.plot_model",
}


def moved(qualified: str) -> str | None:
    """Return the qualified name, below the same package, that an old qualified name has on every newer Keras; None where it has none."""
    root = keras_root(qualified)
    if root not in ("keras", "tensorflow.keras"):
        return None
    path = qualified[len(root) + 1 :]
    module, _, name = path.rpartition(".")
    home = next((home.module for home in _HOMES.get(module, ()) if name in home.names), None)
    found = _RENAMED.get(path) or (None if home is None else f"{home}.{name}")
    return None if found is None else f"{root}.{found}"


def moved_names(module: str) -> frozenset[str]:
    """Return the names of a module that is gone which stand elsewhere now."""
    root = keras_root(f"{module}.x") or ""
    homes = _HOMES.get(module[len(root) + 1 :], ())
    return frozenset().union(*(home.names for home in homes))


ALL_MOVES = tuple(
    [
        (f"{module}.{name}", f"{home.module}.{name}")
        for module, homes in _HOMES.items()
        for home in homes
        for name in home.names
    ]
    + list(_RENAMED.items())
)
"""Every old path below the package with the new one."""
