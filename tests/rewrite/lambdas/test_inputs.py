"""What the function reads of the model becomes an input: which names `call` gets, and what the code passes."""

from __future__ import annotations

import ast

import pytest
from harness.tool import findings, fixed

from keras_lambda_lint.diagnostic import IntendedChange

HEAD = "import keras\nfrom keras.layers import Dense, Input, Lambda\nx = Input((4,))\nt = Input((4,))\nd = Dense(4)\ne = Dense(4)\n"


def rewritten(site: str) -> tuple[list[str], str]:
    """Return the statements of `call`, and the expression that takes the place of `site`."""
    text = fixed(f"{HEAD}y = {site}\n").source.text
    tree = ast.parse(text)
    last = tree.body[-1]
    assert isinstance(last, ast.Assign)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "call"]
    statements = [ast.get_source_segment(text, statement) or "" for call in calls for statement in call.body]
    return statements, ast.unparse(last.value)


SITES = {
    "Lambda(lambda a: a * t, name='n')(x)": (["a, t = inputs", "return a * t"], "MultiplyInputs(name='n')([x, t])"),
    "Lambda(lambda p: p[0] + t, name='n')([x, x])": (
        ["*p, t = inputs", "return p[0] + t"],
        "AddInputs(name='n')([x, x, t])",
    ),
    "Lambda(lambda a: a * x, name='n')(x)": (["return inputs * inputs"], "MultiplyInputs(name='n')(x)"),
    "Lambda(lambda inputs: inputs * t, name='n')(x)": (
        ["inputs, t = tensors", "return inputs * t"],
        "MultiplyInputs(name='n')([x, t])",
    ),
    "Lambda(lambda a: d(a) * 2, name='nnn')(e(x))": (["return inputs * 2"], "Nnn(name='nnn')(d(e(x)))"),
    "Lambda(lambda a: d(a, training=False) * 2, name='nnn')(x)": (
        ["return inputs * 2"],
        "Nnn(name='nnn')(d(x, training=False))",
    ),
    "Lambda(lambda a: d(a) + e(a), name='nnn')(x)": (
        ["d_output, e_output = inputs", "return d_output + e_output"],
        "Nnn(name='nnn')([d(x), e(x)])",
    ),
    "Lambda(lambda a: d(a) * a * t, name='nnn')(x)": (
        ["a, t, d_output = inputs", "return d_output * a * t"],
        "Nnn(name='nnn')([x, t, d(x)])",
    ),
    "Lambda(lambda a: d(a))(x)": ([], "d(x)"),
    "Lambda(lambda a: d(a))": ([], "d"),
}


@pytest.mark.parametrize(("site", "outcome"), SITES.items(), ids=SITES)
def test_inputs(site: str, outcome: tuple[list[str], str]) -> None:
    assert rewritten(site) == outcome


def test_an_expression_that_would_be_repeated_is_no_input() -> None:
    assert all(finding.fix is None for finding in findings(f"{HEAD}y = Lambda(lambda a: d(a) + a)(e(x))\n"))


def test_the_loop_value_that_the_layer_is_called_with_is_its_own() -> None:
    text = "from keras.layers import Lambda\ndef f(parts):\n    for p in parts:\n        y = Lambda(lambda a: sum(a) / len(p), name='n')(p)\n"
    fixes = {finding.fix for finding in findings(text)}
    assert [fix.intended for fix in fixes if fix is not None] == [(IntendedChange.BINDS_LOOP_VALUE,)]
