"""From the bytecode in a saved model to a module with registered layers and functions."""
