"""Why a saved model cannot be worked on."""


class ModelError(Exception):
    """A file that is no model, is damaged, or asks for more than a model needs: says so in one line."""


class NoModel(ModelError):
    """A whole file of a kind that models are stored in, which holds no model: weights, data, other JSON."""


class MissingExtra(ModelError):
    """A file that takes a package to read that is not installed."""
