"""What stands below an open bracket stays below it."""

from __future__ import annotations

import pytest

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.rewrite.alignment import realigned
from keras_lambda_lint.source.index import parse
from keras_lambda_lint.source.text import Source


def renamed(text: str, old: str, new: str) -> str:
    """Return a statement after a name in it was changed, realigned."""
    source = Source("example.py", text)
    places = [n for n in range(len(text)) if text.startswith(old, n)]
    edits = [Edit(Span(n, n + len(old)), new) for n in places]
    return source.applied([*edits, *realigned(source, parse(source).body[0], edits)]).text


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("y = K.f(a,\n        b)\n", "y = ops.f(a,\n          b)\n"),
        ("y = K.f(K.g(a,\n            b),\n        c)\n", "y = ops.f(ops.g(a,\n                b),\n          c)\n"),
        ("y = K.f(a,\n        K.g(b,\n            c))\n", "y = ops.f(a,\n          ops.g(b,\n                c))\n"),
        ("y = K.f(\n    a,\n    b)\n", "y = ops.f(\n    a,\n    b)\n"),
        ("y = (a +\n     K.f(b))\n", "y = (a +\n     ops.f(b))\n"),
        ("y = K.f('''a\n        b''')\n", "y = ops.f('''a\n        b''')\n"),
    ],
)
def test_a_longer_name_moves_what_is_aligned(text: str, fixed: str) -> None:
    assert renamed(text, "K.", "ops.") == fixed
    assert renamed(fixed, "ops.", "K.") == text
