"""Functions in other slots, and what a project saves, loads and supplies."""
