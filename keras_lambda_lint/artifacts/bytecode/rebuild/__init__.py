"""A compiler from source to the normal form, for every Python: what the proof holds recovered source against."""

from keras_lambda_lint.artifacts.bytecode.rebuild.assemble import assemble

__all__ = ["assemble"]
