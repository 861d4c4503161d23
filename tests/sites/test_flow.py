"""Which functions reach a layer: followed as far as the code shows, and no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.model import sites_of

from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.model import FunctionForm, LambdaSite
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from functools import partial\nimport tensorflow as tf\nfrom keras.layers import Lambda, TimeDistributed\n"

REACHED = {
    "factory": ("def make(k):\n    return lambda x: x * k\nLambda(make(3))", ["lambda x: x * k"]),
    "factory of a def": ("def make(k):\n    def f(x):\n        return x * k\n    return f\nLambda(make(3))", ["f"]),
    "factory of one of two": (
        "def make(k):\n    if k:\n        return lambda x: x\n    return lambda x: -x\nLambda(make(3))",
        ["lambda x: x", "lambda x: -x"],
    ),
    "bound to itself over and over": ("f = lambda x: x\n" + "if c: f = f\n" * 60 + "Lambda(f)", ["lambda x: x"]),
    "factory through a name": ("def make():\n    return lambda x: x\nf = make()\nLambda(f)", ["lambda x: x"]),
    "pairs": ("for n, f in [('a', lambda x: x), ('b', lambda x: -x)]:\n    Lambda(f)", ["lambda x: x", "lambda x: -x"]),
    "zip": ("for n, f in zip('ab', [lambda x: x, lambda x: -x]):\n    Lambda(f)", ["lambda x: x", "lambda x: -x"]),
    "enumerate": ("for i, f in enumerate([lambda x: x]):\n    Lambda(f)", ["lambda x: x"]),
    "items": ("d = {'a': lambda x: x}\nfor n, f in d.items():\n    Lambda(f)", ["lambda x: x"]),
    "values": ("d = {'a': lambda x: x}\n[Lambda(f) for f in d.values()]", ["lambda x: x"]),
    "by key": ("d = {'a': lambda x: x, 'b': lambda x: -x}\nLambda(d['b'])", ["lambda x: -x"]),
    "by any key": ("d = {'a': lambda x: x, 'b': lambda x: -x}\nLambda(d[k])", ["lambda x: x", "lambda x: -x"]),
    "by position": ("fs = [lambda x: x, lambda x: -x]\nLambda(fs[1])", ["lambda x: -x"]),
    "unpacked": ("f, g = lambda x: x, lambda x: -x\nLambda(g)", ["lambda x: -x"]),
    "unpacked through a name": ("p = (lambda x: x, lambda x: -x)\nf, g = p\nLambda(g)", ["lambda x: -x"]),
    "attribute": (
        "class N:\n    def __init__(self):\n        self.f = lambda x: x\n    def b(self):\n        Lambda(self.f)",
        ["lambda x: x"],
    ),
    "default": ("def b(f=lambda x: x):\n    Lambda(f)", ["lambda x: x"]),
    "helper": ("def L(f):\n    return Lambda(f)\nL(lambda x: x)\nL(f=lambda x: -x)", ["lambda x: x", "lambda x: -x"]),
    "helper method": (
        "class N:\n    def L(self, n, f):\n        return Lambda(f)\n    def b(self):\n        self.L(1, lambda x: x)",
        ["lambda x: x"],
    ),
    "or": ("f = g or (lambda x: x)\nLambda(f)", ["lambda x: x"]),
    "wrapper layer": ("TimeDistributed(Lambda(lambda x: x))", ["lambda x: x"]),
    "tf.function": ("Lambda(tf.function(lambda x: x))", ["lambda x: x"]),
}


def reached(site: LambdaSite) -> list[str]:
    """Return the functions of a site that are defined in the project: a lambda as it is written, a `def` by its name."""
    import ast

    return [
        function.name or ast.unparse(function.node)
        for function in site.functions
        if function.node is not None and isinstance(function.node, (ast.Lambda, ast.FunctionDef))
    ]


@pytest.mark.parametrize(("text", "expected"), REACHED.values(), ids=REACHED)
def test_follows(text: str, expected: list[str]) -> None:
    (site,) = sites_of(HEAD + text).lambdas
    assert reached(site) == expected


UNKNOWN = {
    "factory that may return anything": "def make(k):\n    if k:\n        return lambda x: x\n    return other(k)\nLambda(make(3))",
    "factory that is decorated": "@cached\ndef make():\n    return lambda x: x\nLambda(make())",
    "factory that returns what it got": "def make(f):\n    return f\nLambda(make(g))",
    "two assignments": "class N:\n    def __init__(self):\n        self.f = lambda x: x\n        self.f = g\n    def b(self):\n        Lambda(self.f)",
    "unpacked star": "f, *g = fs\nLambda(g)",
    "a list that grows elsewhere": "fs = make_list()\nfor f in fs:\n    Lambda(f)",
    "keyword of another function": "def L(f):\n    return Lambda(f)\ndef M(f):\n    return f\nM(lambda x: x)",
    "method of another object": "class N:\n    def L(self, f):\n        return Lambda(f)\nother.L(lambda x: x)",
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_shown_stays_unknown(text: str) -> None:
    (site,) = sites_of(HEAD + text).lambdas
    assert reached(site) == []


def test_a_circle_ends() -> None:
    (site,) = sites_of(HEAD + "def f(g=None):\n    h = g\n    f(h)\n    Lambda(h)").lambdas
    assert reached(site) == []


FORMS = {
    "partial": ("Lambda(partial(f, 1))", FunctionForm.PARTIAL),
    "object": ("class F:\n    def __call__(self, x): pass\nLambda(F())", FunctionForm.OBJECT),
    "operation": ("Lambda(tf.square)", FunctionForm.LIBRARY),
    "builtin": ("Lambda(abs)", FunctionForm.LIBRARY),
    "class": ("Lambda(tf.Module)", FunctionForm.OTHER),
    "object without call": ("class F:\n    pass\nLambda(F())", FunctionForm.OTHER),
    "nobody's": ("Lambda(unknown)", FunctionForm.OTHER),
}


@pytest.mark.parametrize(("text", "form"), FORMS.values(), ids=FORMS)
def test_forms(text: str, form: FunctionForm) -> None:
    (site,) = sites_of(HEAD + text).lambdas
    assert [function.form for function in site.functions] == [form]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("from .ops import scale as scaled\n")
    (tmp_path / "pkg" / "ops.py").write_text(
        "import keras\n"
        "import numpy as np\n"
        "mean = np.load('mean.npy')\n"
        "def scale(x):\n    return x * mean\n"
        "double = lambda x: x * 2\n"
        "def make(k):\n    return lambda x: x * k\n"
        "def registered(name):\n    return keras.saving.register_keras_serializable('app', name)\n"
        "@registered('known')\ndef known(x):\n    return x\n"
    )
    return tmp_path


ELSEWHERE = {
    "a def": ("from pkg.ops import scale\nLambda(scale)", ["KLL102", "KLL103"]),
    "through the package": ("from pkg import scaled\nLambda(scaled)", ["KLL102", "KLL103"]),
    "of a module": ("import pkg.ops as ops\nLambda(ops.scale)", ["KLL102", "KLL103"]),
    "star": ("from pkg.ops import *\nLambda(scale)", ["KLL102", "KLL103"]),
    "a lambda": ("from pkg.ops import double\nLambda(double)", ["KLL101"]),
    "a factory": ("from pkg.ops import make\nLambda(make(2))", ["KLL101", "KLL103"]),
    "registered by an own decorator": ("from pkg.ops import known\nLambda(known)", []),
}


@pytest.mark.parametrize(("text", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_reports_where_it_is_used_what_is_wrong_elsewhere(project: Path, text: str, expected: list[str]) -> None:
    from keras_lambda_lint.linter import Options, lint

    source = Source(str(project / "main.py"), f"from keras.layers import Lambda\n{text}\n")
    found = lint(source, frozenset({"KLL101", "KLL102", "KLL103"}), Options("3"), fixes=True)
    assert [finding.code for finding in found] == expected
    for finding in found:
        assert source.location(finding.span.start).row == 3
        assert [related.source.filename.endswith("ops.py") for related in finding.related if related.source] != []
        assert finding.fix is not None


def test_targets_the_file_as_it_is_given() -> None:
    site = FileSites(Source("<stdin>", HEAD + "Lambda(lambda x: x)"), None, "auto").lambdas[0]
    assert site.function is not None
