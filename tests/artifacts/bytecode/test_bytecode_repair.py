"""Keras on Windows wrote each backslash in the marshalled bytes as a slash."""

from __future__ import annotations

import pytest
from artifacts.bytecode.marshalled import VERSIONS, Stored, stored

from keras_lambda_lint.artifacts.bytecode import BadBytecode, recover

NAME = b"C:\\Users\\me\\model.py"


def on_windows(given: Stored) -> bytes:
    """Return the bytes with a path of Windows as the file's name, which the fixtures call `<f>`."""
    for short in (b"\xfa", b"\xda", b"z", b"Z"):
        if short + b"\x03<f>" in given.code:
            return given.code.replace(short + b"\x03<f>", short + bytes([len(NAME)]) + NAME, 1)
    for long in (b"s", b"t", b"u"):
        if long + b"\x03\0\0\0<f>" in given.code:
            return given.code.replace(long + b"\x03\0\0\0<f>", long + len(NAME).to_bytes(4, "little") + NAME, 1)
    raise AssertionError("no file name")


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_functions_come_back_or_are_doubtful(version: str) -> None:
    exact = repaired = 0
    chosen = [given for index, given in enumerate(stored(version, "lambdas")) if b"\\" in given.code or index % 5 == 0]
    # The number of 3.14's most frequent instruction is that of the backslash: all but all of its functions are chosen.
    chosen = chosen[:: 1 + len(chosen) // 100]
    for given in chosen:
        whole = recover(given.code)
        intact = on_windows(given)
        found = recover(intact.replace(b"\\", b"/"))
        if found.status == "exact":
            assert found.source == whole.source
            exact += 1
            repaired += bool(found.repairs)
    # A backslash in a text of the source may have been a slash: nothing can tell.
    certain = [given for given in chosen if "\\" not in given.source]
    assert exact / len(certain) > 0.95
    assert repaired


def test_says_what_else_damaged_bytes_may_mean() -> None:
    (given,) = (each for each in stored("3.7", "lambdas") if "quoted" in each.source)
    found = recover(on_windows(given).replace(b"\\", b"/"))
    assert found.status == "approximate"
    assert found.reason is not None
    assert "may also mean `lambda x: 'it" in found.reason


def test_line_ends_that_were_doubled() -> None:
    (given,) = (each for each in stored("3.6", "lambdas") if each.source == "lambda x: f(*a, *b)")
    code = given.code.replace(b"\x03<f>", b"\x03\n\nf")
    found = recover(code.replace(b"\n", b"\r\n"))
    assert (found.status, found.source) == ("exact", given.source)
    assert found.repairs


def test_what_cannot_be_mended_is_an_error() -> None:
    (first, *_) = stored("3.6", "lambdas")
    with pytest.raises(BadBytecode):
        recover(first.code[:-4])


def test_notes_what_a_slash_may_have_been_where_nothing_shows_the_system() -> None:
    (given,) = (each for each in stored("3.10", "lambdas") if "hub_module" in each.source)
    assert recover(given.code).notes == ()
    changed = given.code.replace(b"default", b"a/fault")
    found = recover(changed)
    assert found.status == "exact"
    assert "if it was saved on Windows, the bytes are damaged and may also mean" in found.notes[0]
    assert recover(changed.replace(b"<f>", b"/fy")).notes == ()
