"""Names by which programs save and load whole models, and supply what Keras cannot find by itself.

Read off keras 3.15.1, tf_keras 2.21.0 and, for the last parts of the older names, Keras 1 and 2.2.
"""

from __future__ import annotations

from keras_lambda_lint.keras_api.names import below_keras

COMPILING_LOADERS = (
    "models.load_model",
    "saving.load_model",
    "saving.saving_api.load_model",
    "saving.save.load_model",
    "engine.saving.load_model",
)
"""They restore the loss and the metrics too, unless `compile=False` is given."""

REBUILDERS = (
    "models.clone_model",
    "models.model_from_config",
    "models.model_from_json",
    "models.model_from_yaml",
)
"""They build the layers anew from their configuration, and know nothing of losses and metrics."""

SAVERS = ("models.save_model", "saving.save_model", "saving.saving_api.save_model", "engine.saving.save_model")
CHECKPOINTS = ("callbacks.ModelCheckpoint", "callbacks.callbacks.ModelCheckpoint")

UNSAFE_SWITCHES = (
    "config.enable_unsafe_deserialization",
    "saving.enable_unsafe_deserialization",
    "saving.serialization_lib.enable_unsafe_deserialization",
)
"""Turn safe mode off for the whole process."""

CUSTOM_OBJECTS_AT = {
    "load_model": 1,
    "model_from_json": 1,
    "model_from_yaml": 1,
    "model_from_config": 1,
    "clone_model": None,
}
"""The position of `custom_objects` in each loader, by its last name; None where there is no such parameter."""

WHOLE_MODEL_SUFFIXES = (".h5", ".hdf5", ".keras", ".hd5")


def is_loader(qualified: str) -> bool:
    """Return whether a qualified name loads or rebuilds whole models."""
    return below_keras(qualified) in COMPILING_LOADERS + REBUILDERS


def restores_training(qualified: str) -> bool:
    """Return whether a loader restores losses and metrics too, where it is not told otherwise."""
    return below_keras(qualified) in COMPILING_LOADERS


SAFE_MODE_AT = {
    "models.load_model": 3,
    "saving.load_model": 3,
    "saving.saving_api.load_model": 3,
    "saving.deserialize_keras_object": 2,
    "utils.deserialize_keras_object": 2,
    "saving.serialization_lib.deserialize_keras_object": 2,
    "saving.serialization_lib.SafeModeScope": 0,
}
"""The position of `safe_mode` in what takes it, by the name below Keras."""

KEYWORDS = ("custom_objects", "safe_mode")
"""Parameters of loaders that weaken what loading checks, or tell where classes and functions are."""

LOADING_WORDS = (
    "safe_mode",
    "custom_object",
    "CustomObject",
    "load_model",
    "model_from_",
    "enable_unsafe_deserialization",
    "SafeModeScope",
)
"""A file without any of these words neither loads models nor supplies custom objects, nor switches safe mode."""
