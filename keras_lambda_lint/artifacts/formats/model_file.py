"""What is read of a saved model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Form(Enum):
    """The container of a saved model."""

    HDF5 = "HDF5"
    KERAS = ".keras"
    SAVED_MODEL = "SavedModel"
    JSON = "JSON"
    YAML = "YAML"


@dataclass(frozen=True)
class Part:
    """One configuration in a model file."""

    place: str
    """Where it stands in the file: an attribute, a member, or the path of a node."""
    config: Any
    """What the JSON or YAML says: dicts, lists, strings, numbers, booleans, None."""


@dataclass(frozen=True)
class ModelFile:
    """A saved model: its configuration, with what it says of the Keras that wrote it. Weights are not read."""

    path: str
    form: Form
    keras: str | None
    """The version of Keras that wrote it, where the file says so."""
    parts: tuple[Part, ...]
    training: Any = None
    """What the model was compiled with; None where the file does not say."""
