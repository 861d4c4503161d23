"""The byte gate: decides from the bytes alone whether a file can hold anything that a rule looks for.

It is made for the whole rule table, so adding a rule does not move it: a mention of Keras or TensorFlow, and a token that some
rule starts from. Imports nothing but `re`: most files of a run see nothing else of the tool.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"Lambda|Layer\b|Model\)|load_model|custom_objects|custom_object_scope|register_keras_serializable|deserialization"
    rb"|safe_mode|Activation\(|(?:activation|initializer|regularizer|constraint|loss|metrics)\s*=|add_weight|Variable\("
    rb"|keras\.backend|keras\s+import\s[^\n]*\bbackend|keras\s+import\s*\([^)]*\bbackend|backend\s+as\b"
    rb"|layers\.core|layers\s+import\s+merge|keras\.saving|visualize_util"
)


def passes(data: bytes) -> bool:
    """Return whether a file with these bytes has to be parsed."""
    if b"keras" not in data and b"tensorflow" not in data and b"Keras" not in data:
        return False
    return _TOKEN.search(data) is not None


_NAMES_US = re.compile(rb"# noqa:[^\r\n]*KLL", re.IGNORECASE)


def names_our_codes(data: bytes) -> bool:
    """Return whether a `# noqa` comment of these bytes may name a code of ours."""
    return _NAMES_US.search(data) is not None
