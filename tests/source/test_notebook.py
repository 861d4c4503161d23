"""Notebooks as one module: cells, places, edits, problems, and the way back to bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.source.notebook import CodeCell, Notebook
from keras_lambda_lint.source.text import Source, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable


def notebook(*cells: str) -> Notebook:
    return Notebook.of_cells("nb.ipynb", [CodeCell(number, text) for number, text in enumerate(cells, 1)])


def data(cells: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def code(*lines: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 7, "metadata": {}, "outputs": [], "source": list(lines), **more}


def read(content: Any, **style: Any) -> Source:
    return Source.from_bytes("nb.ipynb", json.dumps(content, **style).encode())


def replaced(source: Source, old: str, new: str) -> Source:
    start = source.text.index(old)
    return source.applied(source.fitted([Edit(Span(start, start + len(old)), new)]))


def test_cells_stand_below_each_other_and_know_their_number() -> None:
    source = read(
        data([{"cell_type": "markdown", "metadata": {}, "source": ["# x"]}, code("a = 1\n", "b = 2"), code("c")])
    )

    assert source.text == "a = 1\nb = 2\n\n\nc\n"
    assert str(source.place(source.text.index("b"))) == "cell 2:2:1"
    assert str(source.place(source.text.index("c"))) == "cell 3:1:1"


def test_what_is_no_python_is_left_out() -> None:
    cells = [
        code("%%bash\n", "ls"),
        code("x", metadata={"vscode": {"languageId": "julia"}}),
        {"cell_type": "raw", "metadata": {}, "source": "y"},
    ]

    assert read(data(cells)).text == ""
    assert read(data([code("library(keras)")], metadata={"kernelspec": {"language": "R"}})).text == ""


def test_a_broken_cell_is_named_and_the_others_stay() -> None:
    source = notebook("a = 1", "b = \n", "print a", "c = 3")

    assert [str(each) for each in source.problems] == [
        "nb.ipynb:cell 2:1: syntax error: invalid syntax",
        "nb.ipynb:cell 3:1: syntax error: Missing parentheses in call to 'print'. Did you mean print(...)? (looks like Python 2)",
    ]
    assert "a = 1" in source.text
    assert "c = 3" in source.text


def test_a_cell_of_indented_lines_runs_as_in_ipython() -> None:
    source = notebook("  x = 1\n  y = 2")

    assert source.problems == ()
    assert str(source.place(source.text.index("y"))) == "cell 1:2:3"


def test_an_insertion_above_the_first_line_of_a_cell_lands_in_it() -> None:
    source = notebook("a = 1", "b = 2")
    start = source.text.index("b")

    assert dict(source.applied([Edit(Span(start, start), "new\n")]).parts)["nb.ipynb:cell 2"] == b"new\nb = 2\n"


def test_an_insertion_below_the_last_line_of_a_cell_lands_in_it() -> None:
    source = notebook("a = 1", "b = 2")
    edit = Edit(Span(6, 6), "new\n")

    assert dict(source.applied([edit]).parts)["nb.ipynb:cell 1"] == b"a = 1\nnew\n"
    start, end, content = source.placed(edit)
    assert (str(start), str(end), content) == ("cell 1:1:6", "cell 1:1:6", "\nnew")


def test_a_removed_last_line_takes_its_newline_along() -> None:
    source = notebook("a = 1\nb = 2", "c = 3")
    (edit,) = source.fitted([Edit(Span(6, 14), "")])

    assert source.applied([edit]).parts[0][1] == b"a = 1\n"
    start, end, content = source.placed(edit)
    assert (str(start), str(end), content) == ("cell 1:1:6", "cell 1:2:6", "")


def test_blank_lines_of_another_cell_are_left_alone() -> None:
    source = notebook("a = 1\n\n\n\n", "b = 2")
    start = source.text.index("b")

    assert source.fitted([Edit(Span(5, start), "\n\n\n")]) == ()


def test_an_edit_over_two_cells_is_refused() -> None:
    source = notebook("a = 1", "b = 2")

    with pytest.raises(ValueError, match="several cells"):
        source.fitted([Edit(Span(0, len(source.text)), "c = 3")])


def test_an_edit_of_a_magic_is_refused() -> None:
    source = notebook("if a:\n    !ls\n    b = 2")

    with pytest.raises(ValueError, match="`!ls`"):
        source.fitted([Edit(Span(0, len(source.text)), "c = 3")])


def test_magics_move_with_the_text_around_them() -> None:
    source = replaced(notebook("a = 1\n%time b = 2\n!ls a"), "a = 1", "abc = 100")

    assert source.parts[0][1] == b"abc = 100\n%time b = 2\n!ls a\n"


@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_only_the_changed_lines_change_in_the_file(indent: Any, whole: bool, ascii_only: bool) -> None:
    lines = ["# \u00e9 <\n", "a = 'x\\n'\n", 'b = "\u4e2d"']
    output = {"output_type": "stream", "name": "stdout", "text": ["\u00e9\n"]}
    cells = [code(*lines, outputs=[output], id="q"), code("c = 1")]
    if whole:
        cells[0]["source"] = "".join(lines)
    content = data(cells, zz={"nan": float("nan")}, aa=1)
    raw = json.dumps(content, indent=indent, ensure_ascii=ascii_only) + "\n"

    fixed = replaced(Source.from_bytes("nb.ipynb", raw.encode()), "a = 'x\\n'", "a = 'y\\n'\nd = 3")

    lines[1:2] = ["a = 'y\\n'\n", "d = 3\n"]
    cells[0]["source"] = "".join(lines) if whole else lines
    assert fixed.to_bytes().decode() == json.dumps(content, indent=indent, ensure_ascii=ascii_only) + "\n"


def test_an_untouched_notebook_is_the_same_bytes() -> None:
    raw = b'\xef\xbb\xbf{"nbformat" : 4,\r\n "cells":[ {"source":["\\u0061 = \\u003c\\/"\n ,"x"], "cell_type":"code"} ]} \n\n'

    assert Source.from_bytes("nb.ipynb", raw).to_bytes() == raw


def test_escapes_of_lines_that_stay_are_kept() -> None:
    raw = r'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\u0061 = \"\u003c\u00E9\/\"\nb = 1\nc\u000ad"}]}'

    fixed = replaced(Source.from_bytes("nb.ipynb", raw.encode()), "b = 1", "b = '<'")

    assert fixed.to_bytes().decode() == raw.replace("b = 1", r"b = '\u003c'")


def test_a_cell_that_loses_all_its_lines_is_an_empty_list() -> None:
    source = read(data([code("import a"), code("b = 1")]))

    assert json.loads(replaced(source, "import a\n", "").to_bytes())["cells"][0]["source"] == []


def test_carriage_returns_stay() -> None:
    source = read(data([code("a = 1\r\n", "b = 2\r\n"), code("c = 3\r")]))

    assert source.to_bytes() == json.dumps(data([code("a = 1\r\n", "b = 2\r\n"), code("c = 3\r")])).encode()
    fixed = replaced(source, "a = 1", "z = 1")
    assert json.loads(fixed.to_bytes())["cells"][0]["source"] == ["z = 1\r\n", "b = 2\r\n"]


def test_notebooks_of_format_3_are_read_and_written() -> None:
    cell = {"cell_type": "code", "input": ["a = 1\n", "b"], "language": "python", "outputs": [], "prompt_number": 3}
    old = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }
    source = read(old)

    fixed = replaced(source, "a = 1", "a = 2")

    cell["input"] = ["a = 2\n", "b"]
    assert fixed.to_bytes() == json.dumps(old).encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "nb.ipynb:1: not a notebook, or damaged: Expecting value"),
        (b'{"cells": [{"cell_type": "code", "source": ["a', "nb.ipynb:1: not a notebook, or damaged: Unterminated string starting at"),
        (b"[]", "nb.ipynb:1: not a notebook, or damaged: the file is no object"),
        (b'{"nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: it has no `cells`"),
        (b'{"cells": []}', "nb.ipynb:1: not a notebook, or damaged: `nbformat` is missing"),
        (b'{"cells": [], "nbformat": 9}', "nb.ipynb:1: not a notebook, or damaged: nbformat 9 is unknown"),
        (b'{"cells": {}, "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: `cells` is no list"),
        (b'{"cells": [1], "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: a cell is no object"),
        (b'{"cells": [{}], "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: a cell has no `cell_type`"),
        (b'{"cells": [\n{"cell_type": "code", "source": [1]}], "nbformat": 4}', "nb.ipynb:2: not a notebook, or damaged: the text of a cell is no text"),
        (b'{"cells": [{"cell_type": "code"}], "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: a code cell has no `source`"),
        (b'{"cells": [], "cells": [], "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: the file says `cells` twice"),
        (b'{"cells": [{"cell_type": "code", "source": "", "source": ""}], "nbformat": 4}', "nb.ipynb:1: not a notebook, or damaged: a cell says `source` twice"),
        (b'{"cells": [], "nbformat": 4} x', "nb.ipynb:1: not a notebook, or damaged: Extra data"),
        (b'{"cells": [], "nbformat": 4,}', None),
        (b'{"a": "\xff"}', "nb.ipynb: not a notebook, or damaged: no UTF-8 at byte 7"),
        ('{"cells": [], "nbformat": 4}'.encode("utf-16"), "nb.ipynb: not a notebook, or damaged: no UTF-8 at byte 0"),
        (b'{"cells": ' + b"[" * 100_000, "nb.ipynb: not a notebook, or damaged: nested too deeply"),
    ],
)  # fmt: skip
def test_a_malformed_notebook_is_one_clear_line(raw: bytes, said: str | None) -> None:
    with pytest.raises(SourceError) as caught:
        Source.from_bytes("nb.ipynb", raw)

    assert "\n" not in str(caught.value)
    assert said is None or str(caught.value) == said


def test_half_a_character_is_a_problem_of_its_cell() -> None:
    source = Source.from_bytes("nb.ipynb", json.dumps(data([code("a = '\ud800'"), code("b = 1")])).encode())

    assert [str(each) for each in source.problems] == ["nb.ipynb:cell 1:1: half a character (a lone surrogate)"]
    assert "b = 1" in source.text


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("whole", [False, True])
def test_a_span_has_a_place_in_the_json(indent: Any, whole: bool) -> None:
    lines = ["a = '\u00e9\U0001f600\\n'\n", 'b = "<"\n', "c"]
    source = read(data([code("".join(lines)) if whole else code(*lines)]), indent=indent)
    start = source.text.index("b")

    place = source.file_span(Span(start, start + 7))

    assert source.file_text.text[slice(*place)] == r"b = \"<\""
    assert source.file_text.text[slice(*source.file_span(Span(0, 1)))] == "a"


def test_edits_have_a_place_in_the_json() -> None:
    source = read(data([code("a = 1\n", "b = 2"), code("c")]), indent=1)
    edits = [Edit(Span(0, 5), "x = '<'"), Edit(Span(6, 6), "y\n")]

    (edit,) = source.file_edits(edits)

    before = source.file_text.text
    after = before[: edit.span.start] + edit.content + before[edit.span.end :]
    assert after == source.applied(edits).to_bytes().decode()
    assert edit.span.end - edit.span.start < 10
