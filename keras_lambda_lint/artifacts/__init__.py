"""Saved models: what the Python bytecode inside them says, without running any of it."""
