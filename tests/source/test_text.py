from __future__ import annotations

import ast
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_lambda_lint.diagnostic import Edit, Location, Span
from keras_lambda_lint.source.text import Source, SourceError

TEXTS = st.text(st.sampled_from("aé日😀\t \x0c\u2028\n\r"), max_size=40)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"x = 1\n", "x = 1\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        ("é = 1".encode(), "é = 1"),
        (codecs.BOM_UTF8 + "é".encode(), "é"),
        (codecs.BOM_UTF8 + b"# coding: utf-8\nx", "# coding: utf-8\nx"),
        ("# coding: latin-1\né = 1\n".encode("latin-1"), "# coding: latin-1\né = 1\n"),
        ("# coding: latin-1\ré = 1\r".encode("latin-1"), "# coding: latin-1\ré = 1\r"),
        ("# text\r\n# coding: latin-1\ré = 1\r".encode("latin-1"), "# text\r\n# coding: latin-1\ré = 1\r"),
        (
            "#!/usr/bin/python\n# -*- coding: cp1252 -*-\n# €\n".encode("cp1252"),
            "#!/usr/bin/python\n# -*- coding: cp1252 -*-\n# €\n",
        ),
        ("# coding: euc-jp\n# 日本\n".encode("euc-jp"), "# coding: euc-jp\n# 日本\n"),
    ],
)
def test_bytes_become_text_and_the_same_bytes_again(data: bytes, text: str) -> None:
    source = Source.from_bytes("x.py", data)
    assert source.text == text
    assert source.to_bytes() == data


@pytest.mark.parametrize(
    ("data", "row", "reason"),
    [
        (b"x = 1\n# \xe9\n", 2, "not valid utf-8"),
        (b"\r\n\r\n\r\n# \xff", 4, "not valid utf-8"),
        (b"# coding: ascii\n# \xc3\xa9\n", 2, "not valid ascii"),
        (b"# coding: no-such-codec\n", 1, "unknown encoding"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "encoding problem: utf-8"),
        (b"x = 1\ny = '\0'\n", 2, "null byte"),
        ("import keras\n".encode("utf-16"), 1, "correct the coding line"),
        (b"# coding: hex\n00\n", 1, "correct the coding line"),
        (b"# coding: rot13\nk\n", 1, "correct the coding line"),
        (b"# coding: undefined\nk\n", 1, "correct the coding line"),
        (b"# coding: utf-16\nkeras\n", 1, "correct the coding line"),
        (b"# coding: utf-16\nkeras2\n", 1, "correct the coding line"),
        (b"# coding: utf-32\n", 1, "correct the coding line"),
    ],
)
def test_what_cannot_be_decoded_is_an_error_that_names_the_row(data: bytes, row: int, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        Source.from_bytes("x.py", data)
    assert caught.value.filename == "x.py"
    assert reason in caught.value.reason
    assert "\n" not in str(caught.value)
    if row:
        assert caught.value.row == row
        assert str(caught.value).startswith(f"x.py:{row}: ")


def test_an_error_without_a_row_names_the_file_alone() -> None:
    assert str(SourceError("x.py", 0, "reason")) == "x.py: reason"


def test_a_character_that_the_encoding_lacks_is_an_error_that_names_the_row() -> None:
    source = Source("x.py", "a\nb = '€'\n", encoding="iso-8859-1")
    with pytest.raises(SourceError, match=r"x\.py:2: the fix needs a character that iso-8859-1 lacks"):
        source.to_bytes()


def test_a_byte_order_mark_is_kept_and_not_counted() -> None:
    source = Source.from_bytes("x.py", codecs.BOM_UTF8 + b"ab\n")
    assert source.location(0) == Location(1, 1)
    assert source.with_text("c").to_bytes() == codecs.BOM_UTF8 + b"c"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\x0cb\u2028c\x1cd\x85e\n", ["a\x0cb\u2028c\x1cd\x85e", ""]),
    ],
)
def test_lines_end_with_python_s_newlines_only(text: str, lines: list[str]) -> None:
    source = Source("x.py", text)
    assert [source.line(row) for row in range(1, len(source.line_starts) + 1)] == lines
    assert source.line(0) == source.line(len(lines) + 1) == ""


@pytest.mark.parametrize(("text", "newline"), [("", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb", "\r"), ("a\nb\r\n", "\n")])
def test_the_newline_is_that_of_the_first_line(text: str, newline: str) -> None:
    assert Source("x.py", text).newline == newline


@given(TEXTS)
def test_offsets_and_locations_are_inverse(text: str) -> None:
    source = Source("x.py", text)
    for offset in range(len(text) + 1):
        row, column = source.location(offset)
        assert source.line_starts[row - 1] + column - 1 == offset


@given(TEXTS)
def test_byte_columns_are_characters_again(text: str) -> None:
    source = Source("x.py", text)
    for offset in range(len(text) + 1):
        row, column = source.location(offset)
        head = text[source.line_starts[row - 1] : source.line_starts[row - 1] + column - 1]
        assert source.offset(row, len(head.encode())) == offset


def test_spans_of_nodes_count_characters() -> None:
    source = Source("x.py", "日 = '😀'; y = f(\n  日)\n")
    assign, call = ast.parse(source.text).body
    assert isinstance(assign, ast.Assign)
    assert isinstance(call, ast.Assign)
    assert [source.text[slice(*source.span(node))] for node in (assign.value, call, call.value)] == [
        "'😀'",
        "y = f(\n  日)",
        "f(\n  日)",
    ]


def test_edits_are_applied_by_offset_whatever_their_order() -> None:
    source = Source("x.py", "abc\r\ndef\r\n")
    edits = [Edit(Span(5, 8), "D"), Edit(Span(0, 0), "<"), Edit(Span(1, 2), "")]
    assert source.applied(edits).text == "<ac\r\nD\r\n"


def test_insertions_at_the_end_and_beside_a_replacement() -> None:
    source = Source("x.py", "abc")
    assert source.applied([Edit(Span(3, 3), "!"), Edit(Span(1, 3), "x"), Edit(Span(1, 1), "-")]).text == "a-x!"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="offset 1"):
        Source("x.py", "abc").applied([Edit(Span(0, 2), ""), Edit(Span(1, 3), "")])


@given(TEXTS, st.data())
def test_edits_touch_nothing_else(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6)))
    edits = [Edit(Span(start, end), "#") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    expected = []
    position = 0
    for (start, end), _ in edits:
        expected += [text[position:start], "#"]
        position = end
    assert Source("x.py", text).applied(edits).text == "".join([*expected, text[position:]])
