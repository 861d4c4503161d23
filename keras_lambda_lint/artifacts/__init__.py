"""Saved models: what they hold, what loading them needs, and what the Python bytecode in them says, without running any of it."""
