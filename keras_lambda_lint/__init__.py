"""Finds Keras `Lambda` layers and custom functions that break when a model is saved, loaded or trained."""

__version__ = "0.1.0"
