"""Which bindings a read can see. Each program reads `x` last; the numbers are the rows of the bindings that reach it."""

from __future__ import annotations

import pytest
from harness.model import index_of, last_read, reaching, rows

from keras_lambda_lint.source.scopes import BindingKind

CASES = {
    "assigned": ("x = 1\nuse(x)", [1]),
    "bound again": ("x = 1\nx = 2\nuse(x)", [2]),
    "before the second binding": ("x = 1\nuse(x)\nx = 2", [1]),
    "its own right side": ("x = 1\nx = x", [1]),
    "bound in one arm": ("x = 1\nif c:\n    x = 2\nuse(x)", [1, 3]),
    "bound in both arms": ("if c:\n    x = 1\nelse:\n    x = 2\nuse(x)", [2, 4]),
    "in the other arm": ("x = 0\nif c:\n    x = 1\nelse:\n    use(x)", [1]),
    "in the same arm": ("x = 0\nif c:\n    x = 1\n    use(x)", [3]),
    "elif": ("x = 0\nif c:\n    x = 1\nelif d:\n    x = 2\nuse(x)", [1, 3, 5]),
    "import with a fallback": ("try:\n    import x\nexcept ImportError:\n    x = None\nuse(x)", [2, 4]),
    "in the handler": ("try:\n    x = 1\nexcept E:\n    use(x)", [2]),
    "in else of try": ("x = 0\ntry:\n    x = 1\nexcept E:\n    x = 2\nelse:\n    use(x)", [3]),
    "in finally": ("x = 0\ntry:\n    x = 1\nfinally:\n    use(x)", [1, 3]),
    "exception": ("try:\n    pass\nexcept E as x:\n    use(x)", [3]),
    "loop variable": ("for x in y:\n    use(x)", [1]),
    "after a loop": ("x = 0\nfor x in y:\n    pass\nuse(x)", [1, 2]),
    "next round of a loop": ("x = 0\nfor i in y:\n    use(x)\n    x = i", [1, 4]),
    "else of a while": ("x = 0\nwhile c:\n    x = 1\nelse:\n    use(x)", [1, 3]),
    "else of a loop": ("for x in y:\n    pass\nelse:\n    use(x)", [1]),
    "next round of a while": ("x = 0\nwhile x:\n    use(x)\n    x = 1", [1, 4]),
    "with": ("with open() as x:\n    use(x)", [1]),
    "with, unpacked": ("with open() as (a, x):\n    use(x)", [1]),
    "walrus": ("if (x := f()):\n    use(x)", [1]),
    "walrus in a comprehension": ("x = 0\n[(x := i) for i in y]\nuse(x)", [1, 2]),
    "unpacked": ("a, (b, x) = y\nuse(x)", [1]),
    "starred": ("a, *x = y\nuse(x)", [1]),
    "chained": ("x = a = 1\nuse(x)", [1]),
    "augmented": ("x = 1\nx += 1\nuse(x)", [2]),
    "annotated": ("x: int = 1\nuse(x)", [1]),
    "only annotated": ("x = 1\nx: int\nuse(x)", [1]),
    "function": ("def x():\n    pass\nuse(x)", [1]),
    "class": ("class x:\n    pass\nuse(x)", [1]),
    "deleted": ("x = 1\ndel x\nuse(x)", [2]),
    "import": ("import x.y\nuse(x)", [1]),
    "import under another name": ("import a as x\nuse(x)", [1]),
    "from import": ("from a import x\nuse(x)", [1]),
    "star import": ("from a import *\nuse(x)", []),
    "builtin": ("use(x)", []),
    "match, captured": ("match y:\n    case [x]:\n        use(x)", [2]),
    "match, as": ("match y:\n    case 1 as x:\n        use(x)", [2]),
    "match, star": ("match y:\n    case [a, *x]:\n        use(x)", [2]),
    "match, mapping": ("match y:\n    case {'a': 1, **x}:\n        use(x)", [2]),
    "match, other case": ("x = 0\nmatch y:\n    case [x]:\n        pass\n    case _:\n        use(x)", [1]),
    "match, after": ("x = 0\nmatch y:\n    case [x]:\n        pass\nuse(x)", [1, 3]),
    "parameter": ("x = 0\ndef f(x):\n    use(x)", [2]),
    "keyword parameter": ("x = 0\ndef f(*, x=1):\n    use(x)", [2]),
    "star parameter": ("x = 0\ndef f(*x):\n    use(x)", [2]),
    "lambda parameter": ("x = 0\nlambda x: x", [2]),
    "default": ("x = 0\ndef f(x=x):\n    pass", [1]),
    "decorator": ("x = 0\n@x\ndef f(x):\n    pass", [1]),
    "function of the module reads it in the end": ("x = 0\ndef f():\n    use(x)\nx = 1", [4]),
    "function of the module, bound in an arm": ("x = 0\ndef f():\n    use(x)\nif c:\n    x = 1", [1, 5]),
    "lambda of the module reads it as it is": ("x = 0\nf = lambda: x\nx = 1", [1]),
    "nested function reads it as it is": ("def f():\n    x = 0\n    def g():\n        use(x)\n    x = 1", [2]),
    "nested function before any binding": ("def f():\n    def g():\n        use(x)\n    x = 1", [4]),
    "nested twice": ("def f():\n    x = 0\n    def g():\n        def h():\n            use(x)\n    x = 1", [6]),
    "local hides global": ("x = 0\ndef f():\n    x = 1\n    use(x)", [3]),
    "global": ("x = 0\ndef f():\n    global x\n    x = 1\n    use(x)", [1, 4]),
    "global in another function": ("x = 0\ndef f():\n    global x\n    x = 1\nuse(x)", [1, 4]),
    "nonlocal": ("def f():\n    x = 0\n    def g():\n        nonlocal x\n        x = 1\n    use(x)", [2, 5]),
    "class body": ("x = 0\nclass C:\n    x = 1\n    use(x)", [3]),
    "class body is hidden from methods": ("x = 0\nclass C:\n    x = 1\n    def f(self):\n        use(x)", [1]),
    "class body is hidden from a lambda": ("x = 0\nclass C:\n    x = 1\n    f = lambda self: x", [1]),
    "class body before its binding": ("x = 0\nclass C:\n    use(x)\n    x = 1", [1]),
    "comprehension": ("x = 0\n[x for x in y]", [2]),
    "comprehension leaves nothing behind": ("x = 0\n[x for x in y]\nuse(x)", [1]),
    "first iterable of a comprehension": ("x = 0\n[a for a in x for x in y]\n", [1]),
    "second iterable of a comprehension": ("x = 0\n[a for x in y for a in x]\n", [2]),
    "dict comprehension": ("{k: x for k, x in y}", [1]),
    "lambda in a comprehension": ("[lambda: x for x in y]", [1]),
    "in a call's keyword": ("x = 0\nf(a=x)", [1]),
    "in an f-string": ("x = 0\nf'{x}'", [1]),
    "in an annotation": ("x = 0\na: x = 1", [1]),
}


@pytest.mark.parametrize(("program", "expected"), CASES.values(), ids=CASES)
def test_bindings_that_reach_a_read(program: str, expected: list[int]) -> None:
    assert rows(program) == expected


KINDS = {
    BindingKind.IMPORT: "import x",
    BindingKind.FROM_IMPORT: "from a import x",
    BindingKind.ASSIGNMENT: "x = 1",
    BindingKind.UNPACKING: "x, y = z",
    BindingKind.AUGMENTED: "x += 1",
    BindingKind.LOOP: "for x in y: pass",
    BindingKind.WITH: "with y as x: pass",
    BindingKind.FUNCTION: "def x(): pass",
    BindingKind.CLASS: "class x: pass",
    BindingKind.OTHER: "match y:\n    case [x]: pass",
}


@pytest.mark.parametrize(("kind", "program"), KINDS.items(), ids=lambda value: getattr(value, "value", ""))
def test_binding_says_how_the_name_came_to_be_bound(kind: BindingKind, program: str) -> None:
    assert reaching(f"{program}\nuse(x)")[-1].kind is kind


def test_binding_holds_the_value_where_an_expression_says_it() -> None:
    assert reaching("x = 5\nuse(x)")[0].value.value == 5
    assert reaching("x, y = 1, 2\nuse(y)", "y")[0].value.value == 2
    assert reaching("x, y = 1, 2\nuse(y)", "y")[0].kind is BindingKind.ASSIGNMENT
    assert reaching("def f(x=3):\n    use(x)")[0].value.value == 3
    assert reaching("def f(a, x):\n    use(x)")[0].value is None


def test_a_name_belongs_to_the_scope_that_binds_it() -> None:
    index = index_of("x = 0\ndef f():\n    def g():\n        return x\n    return g")
    scope = index.reads[last_read(index, "x")].scope
    assert scope.owner("x") is index.module
    assert scope.owner("f") is index.module
    assert scope.owner("g") is not index.module
    assert scope.owner("y") is None
    assert scope.within(index.module)
    assert scope.module is index.module
