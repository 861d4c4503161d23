"""What becomes of a site: how safe that is, where the class goes, what moves with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.tool import accept_all, findings, fixed

from keras_lambda_lint.diagnostic import Applicability, IntendedChange
from keras_lambda_lint.linter import lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.rules import select
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.diagnostic import Fix

HEAD = "import keras\nimport tensorflow as tf\nfrom keras.layers import Add, Dense, Lambda\n"
MODEL = "i = keras.Input((3,))\n"


def plans(text: str) -> list[Fix]:
    found = [finding.fix for finding in findings(text) if finding.fix is not None]
    return [fix for fix in found if fix.applicability is not Applicability.DISPLAY]


def only_plan(text: str) -> Fix:
    [plan] = set(plans(text))
    return plan


SAFE = {
    "named": "layer = Lambda(lambda x: x * 2, name='a')",
    "its output feeds a layer": "d = Dense(1)(Lambda(lambda x: x * 2)(i))",
    "its output feeds layers through a name": "x = Lambda(lambda x: x * 2)(i)\ny = Add()([x, i])",
    "captures a constant": "def b():\n    c = 2\n    return Lambda(lambda x: x * c, name='a')",
    "declared shape that Keras infers": "Lambda(lambda x: x[:, :2], output_shape=(2,), name='a')(i)",
    "declared shape None": "Lambda(lambda x: x[:, :2], output_shape=None, name='a')(i)",
}
UNSAFE = {
    "unnamed output": ("Lambda(lambda x: x * 2)(i)", "the layer's automatic name changes"),
    "name=None": ("Lambda(lambda x: x * 2, name=None)(i)", "the layer's automatic name changes"),
    "parameter": ("def b(c):\n    return Lambda(lambda x: x * c, name='a')", "`c` goes into the config"),
    "bound again": ("c = 1\nl = Lambda(lambda x: x * c, name='a')\nc = 2", "`c` is bound again later"),
    "declared shape that differs": (
        "Lambda(lambda x: x[:, :2], output_shape=(3,), name='a')(i)",
        "the declared `output_shape`",
    ),
    "weight": ("v = tf.Variable(1.0)\nLambda(lambda x: x * v, name='a')", "the weight starts to train"),
    "loop": ("for k in y:\n    Lambda(lambda x: x * k, name='a')", "of its own iteration"),
    "crash": ("Lambda(lambda x: tf.one_hot(x, 3), name='a')(i)", "cannot be built"),
}


@pytest.mark.parametrize("program", SAFE.values(), ids=SAFE)
def test_safe(program: str) -> None:
    plan = only_plan(f"{HEAD}{MODEL}{program}\n")
    assert (plan.applicability, plan.unsafe_because) == (Applicability.SAFE, None)


@pytest.mark.parametrize(("program", "reason"), UNSAFE.values(), ids=UNSAFE)
def test_unsafe_with_the_reason(program: str, reason: str) -> None:
    plan = only_plan(f"{HEAD}{MODEL}{program}\n")
    assert plan.applicability is Applicability.UNSAFE
    assert reason in (plan.unsafe_because or "")


INTENDED = {
    "nothing": ("Lambda(lambda x: x * 2)", set()),
    "weight": ("v = tf.Variable(1.0)\nLambda(lambda x: x * v)", {IntendedChange.TRAINS_WEIGHT}),
    "weight that does not train": ("v = tf.Variable(1.0, trainable=False)\nLambda(lambda x: x * v)", set()),
    "loop": ("for k in y:\n    Lambda(lambda x: x * k)", {IntendedChange.BINDS_LOOP_VALUE}),
    "bound again": ("c = 1\nl = Lambda(lambda x: x * c)\nc = 2", {IntendedChange.BINDS_LOOP_VALUE}),
    "comparison": ("Lambda(lambda x: x > 0)", {IntendedChange.DECLARED_DTYPE}),
    "argmax": ("Lambda(lambda x: tf.argmax(x, 1))", {IntendedChange.DECLARED_DTYPE}),
    "crash": ("Lambda(lambda x: tf.one_hot(x, 3))(i)", {IntendedChange.REPAIRS_CRASH}),
}


@pytest.mark.parametrize(("program", "intended"), INTENDED.values(), ids=INTENDED)
def test_intended_changes(program: str, intended: set[IntendedChange]) -> None:
    plan = only_plan(f"{HEAD}{program}\n")
    assert set(plan.intended) == intended
    assert plan.applicability is Applicability.UNSAFE or intended <= {IntendedChange.DECLARED_DTYPE}


def test_a_lambda_that_stays_makes_the_unnamed_others_unsafe() -> None:
    stays = "Lambda(lambda x: x * y, mask=m)"
    text = f"{HEAD}{MODEL}d = Dense(1)(Lambda(lambda x: x * 2)(i))\nother = {stays}\n"
    reasons = {plan.unsafe_because for plan in plans(text)}
    assert reasons == {
        "the layer's automatic name changes: another Lambda of this file stays, and its automatic name changes"
    }


LOOKS = {
    "model.get_layer('lambda')": "other.py looks at layer names",
    'model.get_layer("lambda_12")': "other.py looks at layer names",
    "if isinstance(layer, Lambda): pass": "other.py asks whether a layer is a `Lambda`",
    "if type(layer) is keras.layers.Lambda: pass": "other.py asks whether a layer is a `Lambda`",
    "if layer.__class__.__name__ == 'Lambda': pass": "other.py asks whether a layer is a `Lambda`",
    "print(layer.function)": "or for its function",
}


def plan_beside(folder: Path, other: str) -> Fix:
    """Return the plan for an unnamed layer in a project that has one more file."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'demo'\n")
    (folder / "other.py").write_text(f"import keras\nfrom keras.layers import Lambda\n{other}\n")
    path = folder / "model.py"
    path.write_text(f"{HEAD}{MODEL}d = Dense(1)(Lambda(lambda x: x**2)(i))\n")
    [finding] = lint(Source.from_bytes(str(path), path.read_bytes()), select(), fixes=True)
    assert finding.fix is not None
    return finding.fix


@pytest.mark.parametrize(("other", "reason"), LOOKS.items())
def test_a_file_of_the_project_that_looks_at_names_or_functions(tmp_path: Path, other: str, reason: str) -> None:
    plan = plan_beside(tmp_path, other)
    assert plan.applicability is Applicability.UNSAFE
    assert reason in (plan.unsafe_because or "")


@pytest.mark.parametrize(
    "other", ["f = tf.function(g)", "model.get_layer('lambdas')", "isinstance(node, ast.Lambda)", "x.function()"]
)
def test_a_file_of_the_project_that_looks_at_something_else(tmp_path: Path, other: str) -> None:
    assert plan_beside(tmp_path, other).applicability is Applicability.SAFE


@pytest.mark.parametrize("look", ["print(model.get_layer('lambda'))", "assert isinstance(layer, Lambda)"])
def test_the_text_itself_looks_at_names(look: str) -> None:
    """It need not be a file: standard input, an editor."""
    plan = only_plan(f"{HEAD}{MODEL}d = Dense(1)(Lambda(lambda x: x * 2)(i))\n{look}\n")
    assert plan.applicability is Applicability.UNSAFE


PLACES = {
    "above the comments of the statement": (
        "a = 1\n# the model\nlayer = Lambda(lambda x: x * 2, name='a')\n",
        "a = 1\n\n\n@",
        "\n\n\n# the model\nlayer = MultiplyBy(name='a')\n",
    ),
    "above the decorators": (
        "@a\ndef f():\n    return Lambda(lambda x: x * 2, name='a')\n",
        "Dense\n\n\n@keras",
        "\n\n\n@a\ndef f():\n    return MultiplyBy(name='a')\n",
    ),
    "at module level, whatever holds the site": (
        "if a:\n    class C:\n        def f(self):\n            return Lambda(lambda x: x * 2, name='a')\n",
        "Dense\n\n\n@keras",
        "\n\n\nif a:\n    class C:\n        def f(self):\n            return MultiplyBy(name='a')\n",
    ),
    "after few blank lines": (
        "a = 1\n\n\n\n\nlayer = Lambda(lambda x: x * 2, name='a')\n",
        "a = 1\n\n\n@",
        "\n\n\nlayer = ",
    ),
    "a shebang stays on top": ("x = Lambda(lambda x: x * 2, name='a')\n", "import keras\n", "\n\n\nx = MultiplyBy"),
}


@pytest.mark.parametrize(("program", "before", "after"), PLACES.values(), ids=PLACES)
def test_where_the_class_goes(program: str, before: str, after: str) -> None:
    text = fixed(f"import keras\nfrom keras.layers import Dense, Lambda\n{program}").source.text
    assert before in text
    assert after in text
    assert text.index(before) < text.index("class MultiplyBy") < text.index(after)


def test_a_class_goes_above_the_first_statement_that_uses_it() -> None:
    text = fixed(
        f"{HEAD}def a():\n    return Lambda(lambda x: x * 2, name='a')\n\n\ndef b():\n    return Lambda(lambda x: x * 2, name='b')\n"
    ).source.text
    assert text.count("class MultiplyBy") == 1
    assert text.index("class MultiplyBy") < text.index("def a")


def test_a_class_of_an_earlier_run_is_used_again() -> None:
    once = fixed(f"{HEAD}a = Lambda(lambda x: x * 2, name='a')\n").source.text
    twice = fixed(
        once.replace("import Add,", "import Lambda, Add,") + "b = Lambda(lambda x: x * 2, name='b')\n"
    ).source.text
    assert twice.count("class ") == 1
    assert "b = MultiplyBy(name='b')" in twice


ARGUMENTS = {
    "Lambda(lambda x: x * 2, name='a')": "MultiplyBy(name='a')",
    "Lambda(name='a', function=lambda x: x * 2)": "MultiplyBy(name='a')",
    "Lambda(lambda x: x * 2, (3,), None, {}, name='a')": "MultiplyBy(name='a')",
    "Lambda(lambda x: x * 2, dtype='float64', trainable=False, name='a')": "MultiplyBy(dtype='float64', trainable=False, name='a')",
    "Lambda(lambda x: x * 2, input_shape=(3,))": "MultiplyBy(input_shape=(3,))",
    "Lambda(lambda x, c: x * c, arguments={'c': 2}, name='a')": "MultiplyBy(2, name='a')",
    "Lambda(lambda x, c, d: x * c + d, arguments=dict, name='a')": None,
    "Lambda(lambda x, c, d=4: x * c + d, arguments={'c': 2}, name='a')": "Rescale(c=2, d=4, name='a')",
    "Lambda(lambda x: x * 2, **{})": None,
}


@pytest.mark.parametrize(("call", "expected"), ARGUMENTS.items())
def test_what_the_call_becomes(call: str, expected: str | None) -> None:
    text = f"{HEAD}layer = {call}\n"
    result = fixed(text).source.text
    assert result == text if expected is None else result.endswith(f"layer = {expected}\n")


def test_comments_of_the_call_move_into_the_layer() -> None:
    text = f"{HEAD}layer = Lambda(  # one\n    # two\n    lambda x: x * 2,  # three\n    name='a',  # four\n)  # five\n"
    result = fixed(text).source.text
    head, _, tail = result.partition("class ")
    for comment in ("# one", "# two", "# three", "# four"):
        assert comment in tail.partition("layer =")[0]
    assert result.endswith(")  # five\n")
    assert "#" not in head


def test_comments_of_a_nested_function_move_with_it() -> None:
    text = f"{HEAD}def b():\n    # above\n    def f(x):  # head\n        # first\n        return x * 2  # last\n    return Lambda(f, name='a')\n"
    layer, _, rest = fixed(text).source.text.partition("def b")
    assert [comment for comment in ("# above", "# head", "# first", "# last") if comment in layer] == [
        "# above", "# head", "# first", "# last",
    ]  # fmt: skip
    assert rest == "():\n    return F(name='a')\n"


def test_names_are_unique_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'demo'\n")
    for name in ("one.py", "two.py"):
        path = tmp_path / name
        path.write_text(f"{HEAD}layer = Lambda(lambda x: x * 2, name='a')\n")
        source = Source.from_bytes(str(path), path.read_bytes())
        outcome = engine.fix(source, lambda text, _others: lint(text, select(), fixes=True), accept_all)
        path.write_text(outcome.source.text)
    assert 'package="demo")' in (tmp_path / "one.py").read_text()
    assert 'package="demo", name="two.MultiplyBy")' in (tmp_path / "two.py").read_text()
