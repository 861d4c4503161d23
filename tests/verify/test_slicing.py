"""What an expression of a file needs of the statements before it."""

from __future__ import annotations

import ast

from keras_lambda_lint.verify.child.slicing import Bind, reads, slice_of

PROGRAM = """
def build(size, config=None, *, scale=size):
    unused = size + 1
    width = size * 2
    table = {}
    table["width"] = width
    print(unused)
    with open(unused) as file:
        for index, (name, _) in enumerate(table.items()):
            label = name
            def halve(x):
                return x / label
            layers = [HERE(halve, step) for step in range(index)]
            later = label
"""


def found(program: str):
    tree = ast.parse(program)
    node = next(
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "HERE"
    )
    return slice_of(tree, (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))


def test_only_what_binds_or_changes_what_is_read_is_kept_in_order():
    (scope,) = found(PROGRAM).scopes

    assert [each.arg for each in scope.parameters] == ["size", "config", "scale"]
    assert {name: ast.unparse(node) for name, node in scope.defaults.items()} == {"config": "None", "scale": "size"}
    steps = [
        f"{ast.unparse(each.target)} in {ast.unparse(each.items)}" if isinstance(each, Bind) else ast.unparse(each)
        for each in scope.steps
    ]
    assert [step.splitlines()[0] for step in steps] == [
        "width = size * 2",
        "table = {}",
        "table['width'] = width",
        "(index, (name, _)) in enumerate(table.items())",
        "label = name",
        "def halve(x):",
        "step in range(index)",
    ]


def test_names_of_a_function_or_comprehension_of_its_own_are_not_read_from_around_it():
    tree = ast.parse("""
@decorated(outer)
def f(a, *rest, b=default, **options):
    local = a + free
    return [each + local for each in items if each], lambda c: c + b + other
""")
    assert reads(tree.body[0]) == {"decorated", "outer", "default", "free", "items", "other"}


def test_functions_and_classes_around_an_expression():
    slice_ = found("class Outer:\n    def method(self):\n        def inner(x):\n            return HERE(self, x)\n")
    outer, inner = slice_.scopes

    assert (outer.owner, inner.owner) == ("Outer", None)
    assert ast.unparse(slice_.expression) == "HERE(self, x)"


def test_the_names_that_the_value_is_called_with():
    one, many = (found(f"def f(a, b):\n    return HERE(1)({given})\n").argument for given in ("a", "[a, b]"))

    assert (ast.unparse(one), ast.unparse(many)) == ("a", "(a, b)")
    assert found("def f(a):\n    return HERE(1)(a + 1)\n").argument is None
    assert found("def f(a):\n    return HERE(1)\n").argument is None


def test_what_chooses_whether_an_expression_is_reached():
    (scope,) = found("def f(a=None, b=None):\n    if a is not None:\n        x = HERE(a) if b else 1\n").scopes

    assert scope.decided == {"a", "b"}


def test_an_expression_of_the_module_itself_needs_nothing_before_it():
    assert found("layers = [HERE(each) for each in names]\n").scopes == ()


def test_no_slice_where_there_is_no_such_expression_or_it_is_in_a_class_body():
    assert slice_of(ast.parse("x = 1"), (1, 0, 1, 3)) is None
    assert found("class Outer:\n    layer = HERE(1)\n") is None
