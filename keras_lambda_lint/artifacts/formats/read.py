"""Which container a file or directory is, told by its content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.formats import archive, hdf5, saved_model, text

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.formats.model_file import ModelFile

_ENDINGS = (".h5", ".hdf5", ".keras")
_YAML = (".yaml", ".yml")


def read(path: str) -> ModelFile:
    """Return what a saved model says; raise `ModelError` where it cannot be read, and OSError where the system refuses."""
    if os.path.isdir(path):
        return saved_model.read_saved_model(path)
    if os.path.basename(path) in (saved_model.METADATA, saved_model.GRAPH):
        return saved_model.read_saved_model(os.path.dirname(path) or ".")
    with open(path, "rb") as stream:
        head = stream.read(512)
    if head.startswith(hdf5.SIGNATURE):
        return hdf5.read_hdf5(path)
    if head.startswith(archive.SIGNATURE):
        return archive.read_archive(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return text.read_json(path)
    if path.endswith(_YAML):
        return text.read_yaml(path)
    if not head:
        raise ModelError("the file is empty")
    if head.startswith(b"version https://git-lfs"):
        raise ModelError("it is a pointer of Git LFS, not the model: fetch it with `git lfs pull`")
    raise ModelError("it is no model that Keras has written: neither HDF5, .keras, SavedModel, JSON nor YAML")


def is_model(path: str) -> bool:
    """Return whether a file or directory is named as saved models are."""
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, saved_model.METADATA))
    return path.endswith(_ENDINGS)
