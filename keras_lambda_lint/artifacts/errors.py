"""Why a saved model cannot be worked on."""


class ModelError(Exception):
    """A file that is no model, is damaged, or asks for more than a model needs: says so in one line."""
