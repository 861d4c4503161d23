"""Rewrites of what newer versions of Keras no longer have."""
