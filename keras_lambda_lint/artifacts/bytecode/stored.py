"""The text forms in which Keras has stored marshalled code."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress

_START = (b"c", b"\xe3")


def stored_bytes(text: str) -> tuple[bytes, ...]:
    r"""Return the bytes that a stored text can stand for, the likeliest first; none if it is no marshalled code.

    Keras 2.0.9 and later, tf_keras and Keras 3 write base64, in lines or not (`func_dump` in
    `keras/utils/generic_utils.py`, `python_utils.py` in Keras 3). Keras up to 2.0.8 decodes the bytes as
    `raw_unicode_escape`, which is Latin-1 but for `\uXXXX`.
    """
    found = []
    with suppress(binascii.Error, ValueError):
        found.append(base64.b64decode("".join(text.split()), validate=True))
    for encoding in ("raw_unicode_escape", "latin-1"):
        with suppress(UnicodeEncodeError):
            found.append(text.encode(encoding))
    return tuple(dict.fromkeys(each for each in found if each[:1] in _START))
