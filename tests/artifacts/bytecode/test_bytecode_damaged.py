"""Bytes of any kind: one kind of error, in bounded time, and nothing is ever executed."""

from __future__ import annotations

import marshal
import random
import time
from contextlib import suppress

import pytest
from artifacts.bytecode.marshalled import VERSIONS, stored
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover, stored_bytes

SLOWEST = 5.0


def tried(code: bytes) -> None:
    """Recover, and accept no other error than the one that callers are told of."""
    start = time.process_time()
    with suppress(BadBytecode):
        recover(code)
    assert time.process_time() - start < SLOWEST


@seed(1)
@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(code: bytes) -> None:
    tried(b"\xe3" + code)


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_functions(version: str) -> None:
    """Bytes changed, cut out, doubled and put in, at random places of real functions."""
    source = random.Random(version)
    functions = [*stored(version, "lambdas"), *stored(version, "functions")]
    for each in source.sample(functions, 40):
        code = bytearray(each.code)
        for _ in range(source.choice((1, 1, 2, 5))):
            place = source.randrange(1, len(code))
            what = source.randrange(4)
            if what == 0:
                code[place] = source.randrange(256)
            elif what == 1:
                del code[place : place + source.randrange(1, 8)]
            elif what == 2:
                code[place:place] = code[place : place + 8]
            else:
                code[place] ^= 1 << source.randrange(8)
        tried(bytes(code))


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_instructions(version: str) -> None:
    """Bytes changed only inside the instructions: what is still called exact would be a lie in nearly all cases."""
    source = random.Random(version)
    for each in source.sample(stored(version, "lambdas"), 40):
        start = each.code.index(b"s", 16) + 5
        size = int.from_bytes(each.code[start - 4 : start], "little")
        code = bytearray(each.code)
        for _ in range(3):
            code[start + source.randrange(min(size, len(code) - start))] = source.randrange(256)
        tried(bytes(code))


def nested(depth: int) -> bytes:
    return b"\xe3" + b"\0" * 24 + b"(\1\0\0\0" * depth


def doubling(count: int) -> bytes:
    """Tuples each of which holds the one before twice: 2 ** count objects to whoever walks over them."""
    body = b"\xa9\2NN" + b"".join(b"\xa9\2r" + index.to_bytes(4, "little") * 1 + b"N" for index in range(count))
    return b"\xe3" + b"\0" * 24 + body


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"", "start with a code object"),
        (b"\x80\x04cos\nsystem\n", "start with a code object"),
        (b"\xe3" + b"\0" * 10, "cut short"),
        (nested(5000), "."),
        (doubling(500), "."),
        (b"\xe3" + b"\xff" * 5000, "."),
        (b"c" * (5 << 20), "more than any function"),
    ],
)
def test_refuses(code: bytes, reason: str) -> None:
    with pytest.raises(BadBytecode, match=reason):
        recover(code)


def test_refuses_what_comes_behind_the_function() -> None:
    (first, *_) = stored("3.10", "lambdas")
    with pytest.raises(BadBytecode, match="follow the code object"):
        recover(first.code + b"N")


def test_refuses_marshalled_things_that_are_no_function() -> None:
    for value in (None, 1, "text", [1], {"a": 1}, (lambda: 0).__code__.co_consts):
        with pytest.raises(BadBytecode):
            recover(marshal.dumps(value))


def test_a_text_that_is_no_function_stands_for_no_bytes() -> None:
    assert stored_bytes("") == ()
    assert stored_bytes("relu") == ()
    assert stored_bytes("\ud800") == ()


def test_what_no_compiler_takes_is_not_exact() -> None:
    """Found by fuzzing: a keyword that is given twice."""
    (given,) = (each for each in stored("3.10", "lambdas") if each.source.startswith("lambda x: f(k0=b0, k1=b1"))
    assert recover(given.code).status == "exact"
    found = recover(given.code.replace(b"\x02k1", b"\x02k0"))
    assert found.status == "approximate"
    assert "keyword argument repeated" in (found.reason or "")
