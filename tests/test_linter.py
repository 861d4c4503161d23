"""One file from text to findings."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from harness.tool import source_of

from keras_lambda_lint.linter import Options, lint
from keras_lambda_lint.rules import RULES, select
from keras_lambda_lint.source.text import SourceError

TEXT = """\
import keras
import tensorflow as tf


def build(t):
    inputs = keras.Input((4, 3))
    outputs = keras.layers.Lambda(lambda x: x[:, t] * scale)(inputs)
    return keras.Model(inputs, keras.layers.Lambda(lambda x: x[:, 0])(outputs))


scale = tf.Variable(1.0)
"""
ALL = select()


def codes(text: str, wanted: frozenset[str] = ALL, options: Options | None = None) -> list[str]:
    return [finding.code for finding in lint(source_of(text), wanted, options or Options(), fixes=False)]


def test_findings_come_in_the_order_of_the_text() -> None:
    found = lint(source_of(TEXT), ALL, fixes=False)
    assert [finding.span for finding in found] == sorted(finding.span for finding in found)
    assert [finding.code for finding in found] == ["KLL101", "KLL103", "KLL201", "KLL301", "KLL101"]


def test_only_the_wanted_codes_are_reported() -> None:
    assert codes(TEXT, frozenset({"KLL201"})) == ["KLL201"]
    assert codes(TEXT, frozenset()) == []


def test_suppressed_findings_are_reported_here() -> None:
    assert codes("import keras\nkeras.layers.Lambda(lambda x: x**2)  # noqa\n") == ["KLL101"]


def test_fixes_come_only_when_they_are_wanted() -> None:
    assert all(finding.fix is None and finding.no_fix is None for finding in lint(source_of(TEXT), ALL, fixes=False))
    assert all(finding.fix is not None or finding.no_fix for finding in lint(source_of(TEXT), ALL, fixes=True))


def test_all_findings_of_a_site_have_the_same_fix() -> None:
    text = TEXT.replace(" * scale", "")
    fixes = {}
    for finding in lint(source_of(text), ALL, fixes=True):
        assert finding.fix is not None
        fixes.setdefault(finding.fix.site, set()).add(finding.fix)
    assert [len(found) for found in fixes.values()] == [1, 1]
    assert all(finding.fix.site in fixes for finding in lint(source_of(text), ALL, fixes=True) if finding.fix)


def test_a_tree_that_is_there_is_used() -> None:
    source = source_of(TEXT)
    given = lint(source, ALL, tree=ast.parse(TEXT), fixes=True)
    assert given == lint(source, ALL, fixes=True)


def test_one_place_is_reported_once_per_code() -> None:
    text = "import keras\nfor f in (lambda x: x, lambda x: -x):\n    keras.layers.Lambda(f)\n"
    found = lint(source_of(text), ALL, fixes=False)
    assert [finding.code for finding in found] == ["KLL101"]
    assert len(found[0].related) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), ["KLL101"]),
        (Options(output_shape="always"), ["KLL301", "KLL101"]),
        (Options(output_shape="needed"), ["KLL101"]),
        (Options(keras="2", output_shape="always"), ["KLL101"]),
    ],
)
def test_options(options: Options, expected: list[str]) -> None:
    assert codes("import keras\nkeras.layers.Lambda(lambda x: x * 2)\n", options=options) == expected


@pytest.mark.parametrize("keras", ["2", "3"])
def test_messages_speak_of_the_keras_that_was_chosen(keras: str) -> None:
    other = "3" if keras == "2" else "2"
    for finding in lint(source_of(TEXT), ALL, Options(keras=keras), fixes=False):
        assert f"Keras {other}" not in finding.message


def test_messages_are_one_line() -> None:
    text = "import keras\nkeras.layers.Lambda(lambda x: x * config['a\\nb'][\n  0])\n"
    assert all("\n" not in finding.message for finding in lint(source_of(text), ALL, fixes=False))


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "import keras\n", "Lambda(lambda x: x)\n"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert lint(source_of(text), ALL, fixes=True) == []


def test_a_syntax_error_is_raised_with_its_row() -> None:
    with pytest.raises(SourceError) as raised:
        lint(source_of("import keras\nx = = 1\n"), ALL, fixes=True)
    assert raised.value.row == 2


def test_without_fixes_no_concrete_syntax_is_loaded() -> None:
    program = (
        "import sys\n"
        "from keras_lambda_lint.linter import lint\n"
        "from keras_lambda_lint.rules import select\n"
        "from keras_lambda_lint.source.text import Source\n"
        "text = 'import keras\\nkeras.layers.Lambda(lambda x: x**2)\\n'\n"
        "print(len(lint(Source('a.py', text), select(), fixes=False)))\n"
        "print(sorted({'libcst', 'tensorflow', 'keras', 'numpy'} & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n[]\n"


# choosing rules


def _codes(prefix: str) -> list[str]:
    return sorted(rule.code for rule in RULES if rule.code.startswith(prefix))


def _by_default() -> list[str]:
    return sorted(rule.code for rule in RULES if not rule.opt_in)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, _by_default()),
        ({"select": ["KLL1"]}, _codes("KLL1")),
        ({"select": ["KLL101", "KLL205"]}, ["KLL101", "KLL205"]),
        ({"ignore": ["KLL2", "KLL301"]}, [code for code in _by_default() if code[:4] != "KLL2" and code != "KLL301"]),
        ({"select": ["KLL"], "ignore": ["KLL1"]}, [code for code in _codes("KLL") if code[:4] != "KLL1"]),
        ({"select": ["KLL101"], "ignore": ["KLL1"]}, ["KLL101"]),
        ({"select": ["KLL301"], "extend_select": ["KLL101"]}, ["KLL101", "KLL301"]),
        ({"ignore": ["KLL"], "extend_select": ["KLL101"]}, ["KLL101"]),
        ({"select": ["KLL101"], "ignore": ["KLL101"]}, []),
    ],
)
def test_the_longer_prefix_wins(chosen: dict[str, list[str]], expected: list[str]) -> None:
    assert sorted(select(**chosen)) == expected


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("KLL190", "did you mean KLL1"),
        ("kll101", "did you mean KLL101"),
        ("W605", "KLL101, KLL102"),
        ("", "KLL101, KLL102"),
    ],
)
def test_an_unknown_code_is_named_with_a_suggestion(prefix: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"unknown rule code '{prefix}'.*{said}"):
        select([prefix])
