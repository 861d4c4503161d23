"""What models compute with that Keras 3 has and tf_keras does not.

Measured on keras 3.15.1 and tf_keras 2.21; `tests/keras_api/test_only_keras_3.py` looks there again. What is used around models
only, as callbacks and data sets are, is left out.
"""

from __future__ import annotations

_CLASSES = """
    DTypePolicy FloatDTypePolicy Function Initializer InputSpec KerasTensor Layer Operation Quantizer Regularizer RematScope
    StatelessScope SymbolicScope Variable device distribution dtype_policies name_scope ops quantizers random remat tree
    backend.is_float_dtype backend.is_int_dtype backend.result_type backend.standardize_dtype
    mixed_precision.DTypePolicy mixed_precision.dtype_policy mixed_precision.set_dtype_policy
"""
_ACTIVATIONS = """
    celu glu hard_shrink hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax relu6 silu soft_shrink sparse_plus
    sparse_sigmoid sparsemax squareplus tanh_shrink threshold
"""
_INITIALIZERS = "IdentityInitializer OrthogonalInitializer STFT STFTInitializer stft"
_LAYERS = """
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
    AdaptiveMaxPooling3D AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization FlaxLayer
    GroupQueryAttention JaxLayer MaxNumBoundingBoxes MelSpectrogram MixUp Pipeline RMSNormalization RandAugment
    RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear ReversibleEmbedding
    STFTSpectrogram Solarization TFSMLayer TorchModuleWrapper
"""

ONLY_KERAS_3 = frozenset(
    [
        *_CLASSES.split(),
        *(f"activations.{name}" for name in _ACTIVATIONS.split()),
        *(f"initializers.{name}" for name in _INITIALIZERS.split()),
        *(f"layers.{name}" for name in _LAYERS.split()),
    ]
)
"""Names below the package; with one, all below it."""


def only_keras_3(name: str) -> bool:
    """Return whether a name below Keras, such as `ops.mean`, is one that tf_keras lacks."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in ONLY_KERAS_3 for count in (1, 2))
