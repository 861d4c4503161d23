"""Source from programs in normal form."""

from keras_lambda_lint.artifacts.bytecode.decompile.functions import decompile

__all__ = ["decompile"]
