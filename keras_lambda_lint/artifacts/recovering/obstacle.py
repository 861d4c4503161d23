"""Why a stored function cannot become a layer or a function of a module."""


class Obstacle(Exception):
    """Says so in a few words, for a person."""
