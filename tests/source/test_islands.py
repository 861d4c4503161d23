"""Concrete syntax: the text comes back, and places are those of the abstract tree."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from harness.tool import source_of

from keras_lambda_lint.diagnostic import Span
from keras_lambda_lint.source import indexing
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.islands import Island, island_of, row_with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.source.text import Source

STATEMENTS = {
    "call": "x = f(a, b=c)\n",
    "lambda": "y = Lambda(lambda x: x ** 2, name='a')(x)\n",
    "no newline at the end": "x = f(a)",
    "comments": "# above\nx = f(  # one\n    a,  # two\n    # three\n)  # four\n",
    "parentheses": "x = ((a) + (b * (c)))\n",
    "windows newlines": "x = f(\r\n    a,\r\n    b,\r\n)\r\n",
    "mixed newlines": "if x:\r\n    y = f(a)\n    z = 1\r\n",
    "tabs": "def f(x):\n\tif x:\n\t\treturn g(x)\n\treturn 0\n",
    "tabs and spaces": "if a:\n\tx = f(a)\nif b:\n        x = f(b)\n",
    "form feed in a block": "def f():\n    a = 1\n\x0c\n    return g(a)\n",
    "backslash": "x = a + \\\n    f(b)\n",
    "backslash with windows newlines": "x = a + \\\r\n    f(b)\r\n",
    "not ascii": "größe = f('ü', x)  # Größe\n",
    "beyond the basic plane": "x = f('\U0001f600', y)\n",
    "combining": "x = f('e\u0301', y)\n",
    "strings over several lines": "x = f('''a\nb\n''', y)\n",
    "joined strings": "x = f('a' 'b', y)\n",
    "f-string": "x = f(f'{a!r:>{width}} b', y)\n",
    "statements sharing a line": "a = 1; x = f(a); b = x\n",
    "a block on one line": "if a: x = f(a); y = x\n",
    "trailing semicolon": "x = f(a);\n",
    "decorated": "# above\n@a.b(c)\n@d\ndef f(x):  # head\n    '''doc'''\n    # first\n    return g(x)\n    # last\n",
    "nested": "class C:\n    def f(self):\n        def g():\n            return h(x)\n        return g\n",
    "lambda over several lines": "f = (\n    lambda x: (\n        x\n        + 1  # one\n    )\n)\n",
    "comprehensions": "x = [f(a) for a in b if (a)]\n",
    "generator argument": "x = sum(a * b for a, b in c)\n",
    "subscripts": "x = y[:, 1, ..., None, ::-1]\n",
    "operators": "x = not a and -b ** 2 < c <= d if e else f @ g\n",
    "walrus": "if (n := f(a)) > 1:\n    pass\n",
    "starred": "x = f(*a, **b, c=d)\n",
    "match": "match x:\n    case [a, *b] if f(a):\n        y = g(b)\n",
    "async": "async def f():\n    async with a as b:\n        return await g(b)\n",
    "global": "def f():\n    global x\n    x = g(x)\n",
    "try": "try:\n    x = f(a)\nexcept (A, B) as e:\n    raise C from e\nelse:\n    y = 1\nfinally:\n    g()\n",
    "with in parentheses": "with (open(a) as b, open(c) as d):\n    f(b)\n",
    "blank lines with spaces": "def f():\n    a = 1\n   \n    return g(a)\n",
    "comment less indented": "def f():\n    a = 1\n# here\n    return g(a)\n",
}
every_statement = pytest.mark.parametrize("text", STATEMENTS.values(), ids=STATEMENTS)

# Without a place of their own in libcst's tree, or with the parentheses that libcst leaves out.
UNLIKE = (ast.Tuple, ast.GeneratorExp, ast.Slice, ast.JoinedStr, ast.FormattedValue, ast.Starred)


def islands(source: Source) -> list[tuple[ast.stmt, Island]]:
    """Return the top-level statements of a source with their islands."""
    index = indexing.index_of(parse(source))
    return [(statement, island_of(source, index, statement)) for statement in index.tree.body]


def all_islands(source: Source) -> list[tuple[ast.stmt, Island]]:
    """Return all statements of a source, nested ones too, with their islands."""
    index = indexing.index_of(parse(source))
    return [(node, island_of(source, index, node)) for node in ast.walk(index.tree) if isinstance(node, ast.stmt)]


def text_of(source: Source, span: Span) -> str:
    return source.text[span.start : span.end]


@every_statement
def test_an_island_is_the_whole_lines_of_a_statement(text: str) -> None:
    source = source_of(text)
    for statement, island in islands(source):
        assert source.text[island.start :].startswith(island.text)
        assert island.start in source.line_starts
        assert Span(island.start, island.start + len(island.text)).contains(source.span(statement))


@every_statement
def test_an_island_of_a_nested_statement_ends_with_its_whole_lines(text: str) -> None:
    source = source_of(text)
    for statement, island in all_islands(source):
        assert Span(island.start, island.start + len(island.text)).contains(source.span(statement))
        first = source.line_starts[statement.lineno - 1]
        assert island.text[first - island.start :] == source.text[first : island.start + len(island.text)]


@every_statement
def test_places_are_those_of_the_abstract_tree(text: str) -> None:
    source = source_of(text)
    for statement, island in all_islands(source):
        for node in ast.walk(statement):
            if isinstance(node, ast.expr) and not isinstance(node, UNLIKE) and not _in_a_string(node, statement):
                assert source.span(node) in island._nodes, ast.unparse(node)


def _in_a_string(node: ast.expr, statement: ast.stmt) -> bool:
    """Whether a node lies inside an f-string: before Python 3.12 the abstract tree has no places there."""
    return any(node in ast.walk(outer) for outer in ast.walk(statement) if isinstance(outer, ast.JoinedStr))


@every_statement
def test_comments_are_found_at_their_places(text: str) -> None:
    source = source_of(text)
    for _, island in all_islands(source):
        for span, comment in island.comments:
            assert text_of(source, span) == comment
            assert comment.startswith("#")


def test_whole_is_an_expression_with_its_parentheses() -> None:
    source = source_of("f = (\n    lambda x: (\n        x + 1  # one\n    )\n)\n")
    [(statement, island)] = islands(source)
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Lambda)
    assert text_of(source, island.whole(source.span(statement.value.body))) == "(\n        x + 1  # one\n    )"
    assert text_of(source, island.whole(source.span(statement.value))) == source.text[4:-1]


def test_whole_of_a_bare_expression_is_itself() -> None:
    source = source_of("x = f(a)\n")
    [(statement, island)] = islands(source)
    assert isinstance(statement, ast.Assign)
    assert text_of(source, island.whole(source.span(statement.value))) == "f(a)"


def test_comments_in_a_span_and_outside_another() -> None:
    source = source_of("x = f(  # one\n    a,  # two\n    [b,  # three\n    ])\n# four\n")
    [(statement, island)] = islands(source)
    assert isinstance(statement, ast.Assign)
    call = statement.value
    assert isinstance(call, ast.Call)
    assert island.comments_in(source.span(call)) == ["# one", "# two", "# three"]
    assert island.comments_in(source.span(call), outside=[source.span(call.args[1])]) == ["# one", "# two"]
    assert island.comments_in() == []


def test_block_is_the_body_below_the_head_of_a_function() -> None:
    source = source_of("# a\n@b\ndef f(x):  # head\n    # first\n    return x\n\n\ny = 1\n")
    statement, island = islands(source)[0]
    block = island.block(source.span(statement))
    assert block is not None
    assert text_of(source, block).startswith("    # first\n    return x\n")


def test_a_function_on_one_line_has_no_block() -> None:
    source = source_of("def f(x): return x\n")
    [(statement, island)] = islands(source)
    assert island.block(source.span(statement)) is None


def test_a_statement_inside_a_block_is_an_island_of_its_own() -> None:
    source = source_of(
        "class C:\n    a = 1\n\n    # above\n    @staticmethod\n    def f(x):\n        return (x)  # one\n"
    )
    found = {type(statement): island for statement, island in all_islands(source)}
    function, returned = found[ast.FunctionDef], found[ast.Return]
    assert function.text.endswith("\n    # above\n    @staticmethod\n    def f(x):\n        return (x)  # one\n")
    assert "a = 1" not in function.text
    assert returned.text.endswith("\n        return (x)  # one\n")
    assert "def" not in returned.text
    start = source.text.index("x)  #")
    assert text_of(source, returned.whole(Span(start, start + 1))) == "(x)"
    assert [comment for _, comment in function.comments] == ["# above", "# one"]


def test_what_does_not_read_by_itself_is_read_with_what_is_around_it() -> None:
    source = source_of("if a:\n    b = 1\nelse: c = f(\n  d)\n")
    found = {ast.unparse(statement): island for statement, island in all_islands(source)}
    assert found["c = f(d)"].text == source.text


def test_statements_that_share_a_line_are_one_island() -> None:
    source = source_of("a = 1; x = f(\n    a); b = [\n    x]\nc = 2\n")
    found = islands(source)
    assert [island.text for _, island in found[:3]] == ["a = 1; x = f(\n    a); b = [\n    x]\n"] * 3
    assert found[3][1].text == "c = 2\n"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("x = 1\n", 1),
        ("# a\n# b\nx = 1\n", 1),
        ("# a\n\n# b\nx = 1\n", 3),
        ("#!/usr/bin/env python\nx = 1\n", 2),
        ("# a\n@b\ndef x(): pass\n", 1),
    ],
)
def test_comments_on_top_belong_to_a_statement(text: str, row: int) -> None:
    assert row_with_comments(source_of(text), ast.parse(text).body[-1]) == row


@pytest.mark.parametrize("text", ["\x0cx = f(a)\n", "x = f(\r    a)\r"], ids=["form feed in front", "old newlines"])
def test_what_libcst_does_not_give_back_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="does not reproduce"):
        islands(source_of(text))


def test_what_libcst_cannot_read_is_a_value_error() -> None:
    source = source_of("x = (1,\n")
    with pytest.raises(ValueError, match="libcst cannot read the statement"):
        Island(source, 1, 1)
