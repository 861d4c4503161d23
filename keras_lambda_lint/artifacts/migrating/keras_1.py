"""Configurations of Keras 1 in the words of Keras 3.

Keras 2.0 translated them (`legacy/interfaces.py`), later ones do not. Only layers whose weights have kept their form are
translated; the numbers come from the file, so what they are initialised with does not matter.
"""

from __future__ import annotations

from typing import Any

from keras_lambda_lint.artifacts.errors import ModelError

_CLASSES = {"Convolution2D": "Conv2D"}
_SAME = frozenset(
    "Activation ELU Flatten InputLayer Lambda LeakyReLU Masking Model Permute RepeatVector Reshape Sequential TimeDistributed".split()
)
_ALIKE = {"name": "name", "trainable": "trainable", "batch_input_shape": "batch_input_shape"}
_WEIGHTED = {
    "activation": "activation",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
}
_POOLING = {"pool_size": "pool_size", "strides": "strides", "border_mode": "padding", "dim_ordering": "data_format"}
_KEYS: dict[str, dict[str, str]] = {
    "AveragePooling2D": _POOLING,
    "BatchNormalization": {"axis": "axis", "epsilon": "epsilon", "momentum": "momentum"},
    "Convolution2D": {
        **_WEIGHTED,
        "nb_filter": "filters",
        "subsample": "strides",
        "border_mode": "padding",
        "dim_ordering": "data_format",
    },
    "Cropping2D": {"cropping": "cropping", "dim_ordering": "data_format"},
    "Dense": {**_WEIGHTED, "output_dim": "units"},
    "Dropout": {"p": "rate"},
    "Embedding": {"input_dim": "input_dim", "output_dim": "output_dim", "mask_zero": "mask_zero"},
    "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "GlobalAveragePooling2D": {"dim_ordering": "data_format"},
    "GlobalMaxPooling2D": {"dim_ordering": "data_format"},
    "MaxPooling2D": _POOLING,
    "SpatialDropout2D": {"p": "rate", "dim_ordering": "data_format"},
    "UpSampling2D": {"size": "size", "dim_ordering": "data_format"},
    "ZeroPadding2D": {"padding": "padding", "dim_ordering": "data_format"},
}
"""What each layer kept, and what that is called now."""
_CONSTRAINTS = ("W_constraint", "b_constraint", "gamma_constraint", "beta_constraint")


def for_keras_2(config: Any) -> None:
    """Rewrite a configuration in place; raise `ModelError` for a layer that cannot be translated."""
    left = [config]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            holds_layers = entry.get("class_name") in (None, *_SAME)
            if not holds_layers and isinstance(entry.get("config"), dict):
                _layer(entry)
            else:
                left += entry.values()
        elif isinstance(entry, list):
            left += entry


def _layer(entry: dict[str, Any]) -> None:
    kind, old = entry["class_name"], entry["config"]
    keys = _KEYS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        raise ModelError(f"its layer `{str(kind)[:60]}` of Keras 1 cannot be written for Keras 3")
    if any(old.get(key) is not None for key in _CONSTRAINTS) or old.get("mode", 0) != 0:
        raise ModelError(f"a `{kind}` of Keras 1 with a constraint or mode cannot be written for Keras 3")
    new = {now: _value(now, old[key]) for key, now in {**_ALIKE, **keys}.items() if key in old}
    if kind == "Convolution2D":
        new["kernel_size"] = [old.get("nb_row"), old.get("nb_col")]
    entry.update(class_name=_CLASSES.get(kind, kind), config=new)


def _value(key: str, value: Any) -> Any:
    if key == "data_format":
        if value != "tf":
            raise ModelError("its layers have the order of dimensions of Theano, which needs other weights")
        return "channels_last"
    if key.endswith("_regularizer") and isinstance(value, dict):
        return {"class_name": "L1L2", "config": {name: value.get(name, 0.0) for name in ("l1", "l2")}}
    if key == "padding" and isinstance(value, list) and len(value) == 4:
        return [value[:2], value[2:]]
    return value
