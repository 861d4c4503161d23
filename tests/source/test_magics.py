"""What IPython adds to Python becomes expressions of the same length."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_lambda_lint.source import magics


def shown(text: str) -> str:
    """Return a cell as Python reads it."""
    return magics.masked(text, magics.masks(text, {"x", "model", "files"}, "_"))


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%matplotlib inline", "_                ;"),
        ("x = 1\n%load_ext tensorboard\ny = 2", "x = 1\n_                   ;\ny = 2"),
        ("!pip install keras", "_                ;"),
        ("if x:\n    !ls {x} $files\n    y = 1", "if x:\n    _   +x  +files\n    y = 1"),
        ("files = !ls", "files = _ ;"),
        ("files[0] = !ls", "files[0] = _ ;"),
        ("a, b = %sql select x", "a, b = _          +x"),
        ("%store x model", "_     +x+model"),
        ("model?", "model;"),
        ("?model", "+model"),
        ("model.fit??", "model     ;"),
        ("%time model = f(x)", "_;    model = f(x)"),
        ("%timeit -n 10 f(x)", "_;            f(x)"),
        ("y = %time f(x)", "y =       f(x)"),
        ("%time for a in x: f(a)", "_             +x     ;"),
        ("%%time\ny = 1", "_    ;\ny = 1"),
        ("\n%%capture out\n%%time\ny = 1", "\n_           ;\n_    ;\ny = 1"),
        ("!echo \\\n  {x}\ny = 1", "_     \\\n  +x;\ny = 1"),
        ("!", "_"),
    ],
)
def test_a_line_of_ipython_is_an_expression_that_reads_the_same_names(cell: str, python: str) -> None:
    assert shown(cell) == python
    ast.parse(python)


@pytest.mark.parametrize(
    "cell",
    [
        "x = 5 % 3",
        "y = (x\n% 3)",
        's = """\n%matplotlib inline\n!ls\n"""',
        "s = 'what?'",
        "s = f'{x!r}'",
        "assert x != 3",
        "y = x \\\n  % 3",
        "# !ls\nx = 1  # why?",
        "a = {\n'%': 1,\n}",
    ],
)
def test_python_stays_as_it_is(cell: str) -> None:
    assert shown(cell) == cell


@pytest.mark.parametrize(
    ("cell", "is_python"),
    [
        ("%%time\nx = 1", True),
        ("%%capture\n%%time\nx = 1", True),
        ("%%bash\nls", False),
        ("\n%%html\n<p>", False),
        ("%%writefile a.py\nx = 1", False),
        ("%%capture\n%%bash\nls", False),
        ("x = '''\n%%bash\n'''", True),
    ],
)
def test_a_cell_magic_says_what_a_cell_holds(cell: str, is_python: bool) -> None:
    assert magics.is_python(cell) is is_python


def test_a_name_that_nothing_in_the_notebook_says_is_not_read() -> None:
    assert "inline" not in shown("%matplotlib inline x")


@given(st.text(alphabet="x =%!?\\\n\r\t()[]'\"#;,/{}$a1_", max_size=40))
def test_masks_keep_every_row_and_column(text: str) -> None:
    python = shown(text)

    assert len(python) == len(text)
    ends = [index for index, each in enumerate(text) if each in "\r\n"]
    assert [index for index, each in enumerate(python) if each in "\r\n"] == ends
