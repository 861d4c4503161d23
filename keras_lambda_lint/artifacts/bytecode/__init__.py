"""Reads the Python bytecode that Keras stores for a function, and recovers its source.

`recover(stored)` takes the marshalled bytes; `stored_bytes(text)` finds them in what a model file holds.
"""

from keras_lambda_lint.artifacts.bytecode.errors import BadBytecode
from keras_lambda_lint.artifacts.bytecode.recover import Recovery, Status, recover
from keras_lambda_lint.artifacts.bytecode.stored import stored_bytes

__all__ = ["BadBytecode", "Recovery", "Status", "recover", "stored_bytes"]
