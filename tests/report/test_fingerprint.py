"""What identifies a finding when lines move."""

from __future__ import annotations

import pytest

from keras_lambda_lint.diagnostic import Diagnostic, Severity, Span
from keras_lambda_lint.report.fingerprint import Fingerprint, Fingerprints
from keras_lambda_lint.source.text import Source


def printed(text: str, part: str, code: str = "KLL101") -> Fingerprint:
    """Return the fingerprint of a finding on the first place of `part` in the text."""
    start = text.index(part)
    found = Diagnostic(code, "name", Severity.ERROR, "message", Span(start, start + len(part)))
    return Fingerprints(Source("m.py", text)).of(found)


SAME = [
    ("f(lambda x: x)", "\n\nf(lambda x: x)  # more", "lambda x: x"),
    ("f(lambda x: 'a')", 'f(\n    lambda x: (\n        "a"\n    ),\n)', "lambda"),
    ("f(lambda x: 0x10)", "f(lambda x: 16)", "lambda"),
    ("f(lambda x: x, name='a')", "f(lambda x: x, name='b')", "lambda"),
    ("g(1)\nf(lambda x: x)", "g(2)\nf(lambda x: x)", "lambda"),
    ("def f(): return a + b", "def f(): return a * b", "a"),
    ("@d\nclass A(B): x = 1", "@d\nclass A(C): x = 2", "A("),
    ("m(loss=own, lr=1)", "m(lr=2, loss=own)", "own"),
    ("x = g(f'{a!r} b')  # c", "x = g((f'{a!r} '\n 'b'))", "g"),
]

OTHER = [
    ("f(lambda x: x)", "f(lambda x: x + 1)", "lambda x: x"),
    ("f(lambda x: x)", "g(lambda x: x)", "lambda x: x"),
    ("f(lambda x: a.b * a.c)", "f(lambda x: a.b * a.d)", "a.b"),
    ("def f(): return a", "def g(): return a", "a"),
    ("def f(): return a", "class C:\n    def f(self): return a", "a"),
    ("K.sum(x)", "K.sum(y)", "K.sum"),
    ("k.K.sum(x)", "k.K.sum(y)", "k"),
    ("f('1')", "f(1)", "f"),
    ("f(None)", "f()", "f"),
    ("f([1, [2]])", "f([[1], 2])", "f"),
    ("f(True)", "f(1)", "f"),
]


@pytest.mark.parametrize(("one", "other", "part"), SAME)
def test_what_means_the_same_has_the_same_fingerprint(one: str, other: str, part: str) -> None:
    assert printed(one, part).digest == printed(other, part).digest


@pytest.mark.parametrize(("one", "other", "part"), OTHER)
def test_what_means_something_else_has_another(one: str, other: str, part: str) -> None:
    assert printed(one, part).digest != printed(other, part).digest


def test_two_findings_in_one_lambda_differ() -> None:
    text = "f(lambda x: g(a) * h(b))"
    assert printed(text, "g(a)").digest != printed(text, "h(b)").digest
    assert printed(text, "lambda x: g(a) * h(b)").digest != printed(text, "lambda x: g(a) * h(b)", "KLL201").digest


def test_the_symbol_is_the_definition_around_it() -> None:
    text = "class A:\n    def f(self):\n        def g():\n            return here\n"
    assert printed(text, "here").symbol == "A.f.g"
    assert printed("x = here\n", "here").symbol == ""


def test_what_is_shown_is_short_and_on_one_line() -> None:
    shown = printed(f"f(lambda x: (\n    {' + '.join(['x'] * 100)}))", "lambda").shown
    assert len(shown) == 80
    assert "\n" not in shown


@pytest.mark.parametrize("text", ["", "\x89HDF\r\n", "not python ("])
def test_what_is_no_python_is_told_apart_by_its_message(text: str) -> None:
    prints = Fingerprints(Source("m.h5", text))
    digests = {prints.of(Diagnostic("KLL502", "n", Severity.WARNING, each, Span(0, 0))).digest for each in "ab"}
    assert len(digests) == 2


def test_every_python_finds_the_same() -> None:
    text = "def f(x):\n    match x:\n        case [1, *_]:\n            return g(f'{x!r:>{w}} b' ' c')\n    return 1 if x else lambda: 0x10\n"
    parts = ("f'{x!r:>{w}} b' ' c'", "g(", "[1", "lambda", "f(x)")
    assert [printed(text, part).digest for part in parts] == [
        "6863f34ba95291b6",
        "0ff1f42471f9eb19",
        "7ed35e6d0be0c46a",
        "d60be54c9561e398",
        "4a0896bb37a81275",
    ], "a baseline is used under several Pythons: what identifies a finding must not depend on them"


def test_deep_and_long_code_is_no_trouble() -> None:
    text = f"f(lambda x: {' + '.join(['x'] * 3000)})\ny = f({'9' * 4000})\n"
    assert printed(text, "lambda").digest
    assert printed(text, "f(999").digest
