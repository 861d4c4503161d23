"""Own layer and model classes, and what is registered."""
