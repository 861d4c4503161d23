"""The containers in which Keras has saved models, each read for its configuration and nothing else."""

from keras_lambda_lint.artifacts.formats.model_file import Form, ModelFile, Part
from keras_lambda_lint.artifacts.formats.read import is_model, read

__all__ = ["Form", "ModelFile", "Part", "is_model", "read"]
