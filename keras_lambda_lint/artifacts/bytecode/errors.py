"""The errors of the bytecode reader."""


class BadBytecode(ValueError):
    """The bytes are not the marshalled code of a function of any known Python."""


class Undecodable(Exception):
    """The code is readable, but has no source that could be shown to be right."""
