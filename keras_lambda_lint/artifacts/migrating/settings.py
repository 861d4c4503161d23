"""Settings of Keras 2's own layers that Keras 3 does not take, or takes for something else.

Found by giving the configuration of every layer of tf_keras 2.21.0 to keras 3.15.1 (`Unrecognized keyword arguments`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANY = object()
_RECURRENT = {"time_major": False}
_CONVOLUTION = {"groups": 1}
_OF_NO_KERNEL = {"kernel_initializer": _ANY, "kernel_regularizer": _ANY, "kernel_constraint": _ANY}
_DROPOUT = {"trainable": _ANY, "noise_shape": None}
_RANDOM = {"rng_type": _ANY}
_KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("ConvLSTM1D ConvLSTM2D ConvLSTM3D GRU LSTM RNN SimpleRNN", _RECURRENT),
    ("Conv1DTranspose Conv2DTranspose Conv3DTranspose", _CONVOLUTION),
    ("DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D", {**_CONVOLUTION, **_OF_NO_KERNEL}),
    ("SpatialDropout1D SpatialDropout2D SpatialDropout3D", _DROPOUT),
    ("RandomBrightness RandomContrast RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom", _RANDOM),
)
_WITHOUT_MEANING = {kind: gone for kinds, gone in _KINDS for kind in kinds.split()}
"""By layer, the settings that say nothing where they have this value."""
_ACTIVATIONS = ("activation", "recurrent_activation")


def for_keras_3(entry: dict[str, Any]) -> None:
    """Take out of a layer's entry what says nothing; raise `ModelError` for what Keras 3 computes in another way."""
    kind, config = entry.get("class_name"), entry.get("config")
    if not isinstance(kind, str) or not isinstance(config, dict):
        return
    for key, value in _WITHOUT_MEANING.get(kind, {}).items():
        if key in config and (value is _ANY or config[key] == value):
            del config[key]
    for key in _ACTIVATIONS:
        if config.get(key) == "hard_sigmoid":
            name = str(config.get("name") or kind)[:80]
            raise ModelError(
                f"`hard_sigmoid` of layer `{name}` is another function in Keras 3 (a sixth of x, not a fifth)"
            )
