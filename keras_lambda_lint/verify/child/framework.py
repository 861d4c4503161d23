"""The Keras of this process, under one face for Keras 3 and tf_keras."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Framework:
    """Modules and classes of the Keras that this process runs."""

    keras: Any
    tf: Any
    Layer: Any
    Model: Any
    Sequential: Any
    Lambda: Any
    Embedding: Any
    load_model: Any
    """The real one: scripts see another."""
    save_model: Any
    """The real one."""
    is_legacy: bool

    @property
    def title(self) -> str:
        """Name and version, for people."""
        name = "tf_keras" if self.is_legacy else "keras"
        return f"{name} {self.keras.__version__} / tensorflow {self.tf.__version__}"

    def raw(self, variable: Any) -> Any:
        """Return the TensorFlow variable behind a variable of either Keras."""
        return variable if isinstance(variable, self.tf.Variable) else variable.value

    def is_variable(self, value: Any) -> bool:
        """Return whether a value is a variable of TensorFlow or Keras."""
        return isinstance(value, self.tf.Variable) or (not self.is_legacy and isinstance(value, self.keras.Variable))

    def flatten(self, structure: Any) -> list[Any]:
        """Return the leaves of nested lists, tuples and dictionaries."""
        return list(self.tf.nest.flatten(structure))

    def device(self) -> str:
        """Return the name of the device that runs the models."""
        for gpu in self.tf.config.list_physical_devices("GPU"):
            return str(self.tf.config.experimental.get_device_details(gpu).get("device_name", "GPU"))
        return "CPU"


def load(name: str) -> Framework:
    """Import `keras` or `tf_keras` with TensorFlow, and return it. Runs no TensorFlow operation."""
    legacy = name == "tf_keras"
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if legacy else "0"
    tf = importlib.import_module("tensorflow")
    keras = importlib.import_module(name)
    # tf.keras is a lazy module: resolved here so that the children need not.
    importlib.import_module("tensorflow.keras")
    _ = tf.keras.layers
    return Framework(
        keras=keras,
        tf=tf,
        Layer=keras.layers.Layer,
        Model=keras.Model,
        Sequential=keras.Sequential,
        Lambda=keras.layers.Lambda,
        Embedding=keras.layers.Embedding,
        load_model=keras.models.load_model,
        save_model=keras.models.save_model,
        is_legacy=legacy,
    )


def alias_keras() -> None:
    """Make `import keras` give tf_keras: a file written for Keras 2 runs as it did."""
    for name, module in list(sys.modules.items()):
        if name == "tf_keras" or name.startswith("tf_keras."):
            sys.modules[name.removeprefix("tf_")] = module
