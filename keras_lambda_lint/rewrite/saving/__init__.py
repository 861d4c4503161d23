"""Rewrites of what is saved and loaded: functions in Keras slots, maps of custom objects."""
