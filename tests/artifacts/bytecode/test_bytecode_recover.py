"""From stored bytes to proven source."""

from __future__ import annotations

import pytest

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover, stored_bytes

# `lambda x: x / 127.5 - 1.0`, as Keras 2 on Python 3.6 stores it.
STORED = (
    "4wEAAAAAAAAAAQAAAAIAAABDAAAAcwwAAAB8AGQBGwBkAhgAUwApA05nAAAAAADgX0BnAAAAAAAA\n"
    "8D+pACkB2gF4cgEAAAByAQAAAPoDPGY+2gg8bGFtYmRhPgEAAABzAAAAAA==\n"
)


def test_recovers_a_lambda_that_python_3_6_has_stored() -> None:
    (stored,) = stored_bytes(STORED)
    found = recover(stored)
    assert (found.status, found.source) == ("exact", "lambda x: x / 127.5 - 1.0")
    assert found.python_range == "3.6-3.7"


def test_refuses_bytes_that_are_no_function() -> None:
    with pytest.raises(BadBytecode, match="do not start with a code object"):
        recover(b"abc")
