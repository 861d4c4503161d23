"""From stored bytes to proven source."""

from __future__ import annotations

import ast
import math

import pytest

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover, stored_bytes
from keras_lambda_lint.artifacts.bytecode.rebuild.constants import constant

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


def test_the_proof_knows_the_signs_of_zeros_of_each_python() -> None:
    """What `0.0 - 0j` and `-0j` are, asked of the interpreters themselves."""
    expected = {
        (2, 7): [(0.0, 0.0), (0.0, -0.0), (1.0, -2.0)],
        (3, 13): [(0.0, 0.0), (-0.0, -0.0), (1.0, -2.0)],
        (3, 14): [(0.0, -0.0), (-0.0, -0.0), (1.0, -2.0)],
    }
    for version, values in expected.items():
        for source, (real, imaginary) in zip(("0.0 - 0j", "-0j", "1.0 - 2j"), values, strict=True):
            found = constant(ast.parse(source, mode="eval").body, version)
            assert isinstance(found, complex)
            signs = [math.copysign(1, part) for part in (found.real, found.imag, real, imaginary)]
            assert (found, signs[:2]) == (complex(real, imaginary), signs[2:]), (version, source)
