"""What one pass over a tree leaves in the index."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from harness.model import index_of, last_expression, last_read
from harness.tool import FILENAME, source_of

import keras_lambda_lint
from keras_lambda_lint.source import indexing
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.scopes import ScopeKind
from keras_lambda_lint.source.text import SourceError

OWN_FILES = sorted(Path(keras_lambda_lint.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_nothing_of_a_real_file_is_left_out(path: Path) -> None:
    index = index_of(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(index.tree))
    without = (ast.Module, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    assert [node for node in nodes if not isinstance(node, without) and node not in index.parents] == []
    assert {node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} <= set(index.reads)
    assert {node for node in nodes if isinstance(node, ast.Call)} >= {
        c.node for calls in index.calls.values() for c in calls
    }
    makers = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.Lambda,
        ast.ClassDef,
        ast.ListComp,
        ast.SetComp,
        ast.DictComp,
        ast.GeneratorExp,
    )
    assert {node for node in nodes if isinstance(node, makers)} == set(index.scopes)


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_parents_are_the_real_parents(path: Path) -> None:
    index = index_of(path.read_text(encoding="utf-8"))
    for child, parent in index.parents.items():
        assert child in ast.iter_child_nodes(parent)


def test_calls_are_found_by_the_last_name() -> None:
    index = index_of("import a\na.b.Lambda(1)\nLambda(2)\nf()(3)\n[Lambda(4) for _ in x]\n")
    assert [call.node.args[0].value for call in index.calls["Lambda"]] == [1, 2, 4]
    assert [call.scope.kind for call in index.calls["Lambda"]] == [
        ScopeKind.MODULE,
        ScopeKind.MODULE,
        ScopeKind.COMPREHENSION,
    ]
    assert len(index.calls["f"]) == 1
    assert "b" not in index.calls


def test_statement_and_top_statement_hold_a_node() -> None:
    index = index_of("class C:\n    def f(self):\n        return [x for x in y]\n")
    read = last_read(index, "y")
    assert isinstance(index.statement(read), ast.Return)
    assert index.top_statement(read) is index.tree.body[0]
    assert [type(node).__name__ for node in index.ancestors(read)] == [
        "comprehension", "ListComp", "Return", "FunctionDef", "ClassDef", "Module",
    ]  # fmt: skip


def test_a_module_is_in_no_statement() -> None:
    index = index_of("x = 1\n")
    with pytest.raises(ValueError, match="without a statement"):
        index.statement(index.tree)


def test_reads_of_a_binding() -> None:
    index = index_of("x = 1\nuse(x)\nif c:\n    x = 2\nuse(x)\n")
    first, second = index.module.bindings["x"]
    assert [read.node.lineno for read in index.reads_of(first)] == [2, 5]
    assert [read.node.lineno for read in index.reads_of(second)] == [5]


def test_a_binding_is_found_at_its_node() -> None:
    index = index_of("import a.b as c\nd = e = 1\nfor f, g in h: pass\ndef i(j): pass\n")
    assert sorted(binding.name for binding in index.bound_at.values()) == ["c", "d", "e", "f", "g", "i", "j"]
    assert all(index.bound_at[node].node is node for node in index.bound_at)


def test_star_imports_are_kept_apart() -> None:
    index = index_of("from keras.layers import *\nfrom a import b\n")
    assert [star.module for star in index.stars] == ["keras.layers"]
    assert list(index.module.bindings) == ["b"]


def test_scopes_are_found_at_their_nodes() -> None:
    index = index_of("f = lambda: [i for i in x]\n")
    function = index.tree.body[0].value
    assert index.scope_of(function).kind is ScopeKind.FUNCTION
    assert index.scope_of(function).parent is index.module
    assert index.scopes[function.body].parent is index.scope_of(function)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("x = 1\ny = (\n", 2),
        ("print 'hello'\n", 1),
        ("def f():\nreturn 1\n", 2),
        ("x = 1\n  y = 2\n", 2),
        ("f(**a, *b)\n", 1),
    ],
)
def test_a_syntax_error_names_file_and_row(text: str, row: int) -> None:
    with pytest.raises(SourceError) as raised:
        parse(source_of(text))
    assert (raised.value.row, raised.value.filename) == (row, FILENAME)
    assert "syntax error" in raised.value.reason


def test_a_text_nested_too_deeply_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError) as raised:
        parse(source_of("x = " + "(" * 5000 + ")" * 5000))
    assert "\n" not in str(raised.value)


def test_warnings_of_the_parsed_text_are_not_ours() -> None:
    assert isinstance(parse(source_of("x = '\\d' is 1\n")), ast.Module)


def test_a_tree_can_be_given() -> None:
    tree = ast.parse("x = 1\nx")
    index = indexing.index_of(tree)
    assert index.tree is tree
    assert len(index.reaching(last_expression(tree))) == 1
