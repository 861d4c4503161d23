"""Programs that a careless rewrite would change: each keeps its meaning, or gets no safe fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.tool import codes, findings, fixed

from keras_lambda_lint.diagnostic import Applicability
from keras_lambda_lint.linter import lint
from keras_lambda_lint.rewrite import engine
from keras_lambda_lint.rules import select
from keras_lambda_lint.sites.classes.registered_names import registered_in
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.rewrite.engine import Fixed


def reasons(text: str) -> set[str | None]:
    """Return why the sites of a program have no fix."""
    return {finding.no_fix for finding in findings(text)}


def fixed_file(path: Path) -> Fixed:
    """Return the outcome of `--fix --unsafe-fixes` on a file of a project."""
    source = Source.from_bytes(str(path), path.read_bytes())
    return engine.fix(source, lambda text, _others: lint(text, select(), fixes=True), lambda fix, origin, text: True)


def test_a_function_that_is_defined_twice_is_not_called_by_name() -> None:
    text = (
        "import keras\n\n\ndef f(x):\n    return x + 1\n\n\na = keras.layers.Lambda(f, name='first')\n\n\n"
        "def f(x):\n    return x + 2\n\n\nb = keras.layers.Lambda(f, name='second')\n"
    )
    assert reasons(text) == {"`f` is bound more than once in the module"}
    assert fixed(text).source.text == text


@pytest.mark.parametrize("change", ["ks[0] = 7", "ks.append(3)", "print(ks)"])
def test_a_list_that_other_code_may_change_is_not_safe(change: str) -> None:
    text = f"import keras\n\nks = [1, 2]\nlayer = keras.layers.Lambda(lambda x: x + ks[0], name='shift')\n{change}\n"
    fix = next(finding.fix for finding in findings(text))
    assert fix is not None
    assert fix.applicability is Applicability.UNSAFE
    assert fix.unsafe_because == "other code may change `ks`; the layer keeps the value it has here"


@pytest.mark.parametrize("value", ["{1: 2.0}", "{1, 2}", "b'abc'", "2j", "[b'abc']", "{'a': b'abc'}"])
def test_a_value_that_json_cannot_carry_has_no_fix(value: str) -> None:
    text = f"import keras\n\n\ndef build():\n    k = {value}\n    return keras.layers.Lambda(lambda x: f(x, k), name='layer')\n"
    assert reasons(text) == {"`k` cannot be put into a config: JSON has no such value"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [("(1, 2)", "self.k = tuple(k)"), ("[1, 2]", "self.k = k"), ("-1", "self.k = k"), ("2 * 3", "self.k = k")],
)
def test_a_value_that_json_carries_is_safe(value: str, kept: str) -> None:
    text = f"import keras\n\n\ndef build():\n    k = {value}\n    return keras.layers.Lambda(lambda x: f(x, k), name='layer')\n"
    fix = next(finding.fix for finding in findings(text))
    assert fix is not None
    assert fix.applicability is Applicability.SAFE
    assert kept in fixed(text).source.text


@pytest.mark.parametrize("value", ["((1, 1), (2, 2))", "(3,) + (4,)", "{'a': (1, 2)}"])
def test_a_value_that_may_come_back_otherwise_is_not_safe(value: str) -> None:
    text = f"import keras\n\n\ndef build():\n    k = {value}\n    return keras.layers.Lambda(lambda x: f(x, k), name='layer')\n"
    fix = next(finding.fix for finding in findings(text))
    assert fix is not None
    assert fix.applicability is Applicability.UNSAFE


def test_a_function_of_a_class_body_stays() -> None:
    text = (
        "import keras\n\n\nclass Net:\n    def act(x):\n        return x * 2\n\n"
        "    layer = keras.layers.Lambda(act, name='act')\n"
    )
    assert reasons(text) == {"`act` belongs to a class"}


def test_no_class_stands_above_the_import_it_needs() -> None:
    text = (
        "import keras; m = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x + 1, name='shift')])\n"
    )
    outcome = fixed(text)
    compile(outcome.source.text, "fixed", "exec")
    assert outcome.source.text == text


@pytest.mark.parametrize(
    "other", ["from common import *", "from .common import tf, Lambda", "from pkg.common import (\n    Lambda,\n)"]
)
def test_an_import_that_another_file_takes_from_here_stays(tmp_path: Path, other: str) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    common = tmp_path / "common.py"
    common.write_text("from keras.layers import Lambda\n\nscale = Lambda(lambda x: x * 2, name='scale')\n")
    (tmp_path / "model.py").write_text(f"{other}\n\nlayer = Lambda(abs)\n")
    assert "from keras.layers import Lambda" in fixed_file(common).source.text


def test_an_import_that_nothing_needs_goes(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    common = tmp_path / "common.py"
    common.write_text("from keras.layers import Lambda\n\nscale = Lambda(lambda x: x * 2, name='scale')\n")
    (tmp_path / "model.py").write_text("from common import scale\n")
    assert "import Lambda" not in fixed_file(common).source.text


def test_three_files_of_one_name_register_three_names(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    registered: set[str] = set()
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "model.py"
        path.write_text("import keras\n\nlayer = keras.layers.Lambda(lambda x: x * 2, name='double')\n")
        path.write_text(fixed_file(path).source.text)
        registered |= set(registered_in(path.read_bytes()))
    assert registered == {
        "demo>MultiplyBy",
        "demo>model.MultiplyBy",
        "demo>c.model.MultiplyBy",
    }


@pytest.mark.parametrize(
    "uses",
    [
        "for n in range(3):\n    x = keras.layers.Lambda(lambda t: t * s, name=f'scale{n}')(x)",
        "def block(x):\n    return keras.layers.Lambda(lambda t: t * s)(x)\n\n\nx = block(block(x))",
        "def block(x):\n    return keras.layers.Lambda(lambda t: t * s)(x)\n\n\nfor _ in range(3):\n    x = block(x)",
        "layers = [keras.layers.Lambda(lambda t: t * s) for _ in range(2)]",
    ],
)
def test_a_variable_that_several_layers_share_is_not_split(uses: str) -> None:
    text = f"import keras\nimport tensorflow as tf\n\ns = tf.Variable(1.5)\nx = keras.Input((3,))\n{uses}\n"
    assert reasons(text) == {"several layers may share the variable `s`: it needs a layer that hands it out"}


def test_the_dtype_of_a_weight_is_known_to_the_class() -> None:
    text = (
        "import keras\nimport tensorflow as tf\n\n\ndef build():\n    dt = tf.float64\n    s = tf.Variable(1.5, dtype=dt)\n"
        "    return keras.layers.Lambda(lambda t: t * s, name='scale')\n"
    )
    assert reasons(text) == {"the dtype of `s` is known only where it is made"}
    assert "dtype=tf.float64" in fixed(text.replace("dtype=dt", "dtype=tf.float64")).source.text


@pytest.mark.parametrize("package", ["tensorflow.python.keras", "tensorflow.contrib.keras"])
def test_no_import_is_written_that_does_not_exist(package: str) -> None:
    text = f"from {package}.layers import Lambda\n\nlayer = Lambda(lambda x: x * 2, name='double')\n"
    assert fixed(text).source.text == text
    assert "register_keras_serializable" in str(reasons(text))


@pytest.mark.parametrize(
    "registration",
    [
        "keras.saving.register_keras_serializable('demo')(f)",
        "keras.saving.get_custom_objects()['f'] = f",
        "keras.saving.get_custom_objects().update({'f': f})",
        "model = keras.models.load_model('model.keras', custom_objects={'f': f})",
        "with keras.saving.custom_object_scope({'f': f}):\n    pass",
    ],
)
def test_a_function_that_a_loader_finds_is_no_finding(registration: str) -> None:
    text = f"import keras\n\n\ndef f(x):\n    return x + 1\n\n\n{registration}\nlayer = keras.layers.Lambda(f)\n"
    assert codes(text) == []


def test_a_custom_object_that_is_the_class_lambda_helps_nobody() -> None:
    text = (
        "import keras\n\n\ndef f(x):\n    return x + 1\n\n\n"
        "model = keras.models.load_model('model.keras', custom_objects={'f': keras.layers.Lambda})\n"
        "layer = keras.layers.Lambda(f)\n"
    )
    assert codes(text) == ["KLL109", "KLL102"]


def test_a_weight_of_the_model_itself_is_tracked_by_it() -> None:
    text = (
        "import keras\n\n\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.w = self.add_weight(shape=(), initializer='ones')\n"
        "        self.scale = keras.layers.Lambda(lambda x: x * self.w)\n"
    )
    assert codes(text) == ["KLL101", "KLL103"]


@pytest.mark.parametrize(
    "question",
    [
        "isinstance(x, (Dense, keras.layers.Lambda))",
        "type(x) is Lambda",
        "x.__class__.__name__ == 'Lambda'",
        "x.function",
    ],
)
def test_a_named_layer_is_not_safe_where_the_project_asks_for_lambda_layers(tmp_path: Path, question: str) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = demo\n")
    (tmp_path / "other.py").write_text(f"import keras\n\nfound = [x for x in model.layers if {question}]\n")
    path = tmp_path / "model.py"
    path.write_text("import keras\n\nlayer = keras.layers.Lambda(lambda x: x * 2, name='double')\n")
    [finding] = lint(Source.from_bytes(str(path), path.read_bytes()), select(), fixes=True)
    assert finding.fix is not None
    assert finding.fix.unsafe_because == "other.py asks whether a layer is a `Lambda`, or for its function"


def test_one_plan_that_cannot_be_kept_does_not_starve_the_others() -> None:
    sites = "".join(f"a{n} = keras.layers.Lambda(lambda x: x * {n}, name='times{n}')\n" for n in range(40))
    twins = "".join(
        f"b{n} = keras.layers.Lambda(\n    lambda x: x / 2,  # half\n    name='half{n}',\n)\n" for n in range(2)
    )
    outcome = fixed(f"import keras\n\n{sites}{twins}")
    assert len(outcome.replacements) == 41
    assert [*outcome.left_out.values()] == ["the comment `# half` would be lost"]
    assert fixed(outcome.source).source.text == outcome.source.text


@pytest.mark.parametrize("function", ["def f(x, n=k):\n        return x * n", "f = lambda x, n=k: x * n"])
def test_a_default_is_read_where_the_function_is_made(function: str) -> None:
    text = f"import keras\n\n\ndef build():\n    k = 2\n    {function}\n    k = 3\n    return keras.layers.Lambda(f, name='times')\n"
    assert reasons(text) == {"the default of `n` is computed where the function is made"}


def test_a_function_that_reads_what_only_a_run_sets_has_no_fix() -> None:
    text = (
        "import keras\n\n\ndef f(x):\n    return x**scale\n\n\nif __name__ == '__main__':\n    scale = 2.0\n"
        "    layer = keras.layers.Lambda(f, name='scale')\n"
    )
    assert reasons(text) == {"`f` reads `scale`, which only a run of the script sets"}


def test_a_function_that_only_exists_in_a_run_has_no_fix() -> None:
    text = (
        "import keras\n\nif __name__ == '__main__':\n\n    def f(x):\n        return x * 2\n\n"
        "    layer = keras.layers.Lambda(f, name='double')\n"
    )
    assert reasons(text) == {"`f` only exists when the file is run as a script"}


@pytest.mark.parametrize("uses", ["(lambda inputs: t)(1)", "[t for inputs in (1, 2)]"])
def test_the_parameter_is_not_renamed_into_an_inner_name(uses: str) -> None:
    text = f"import keras\n\nlayer = keras.layers.Lambda(lambda t: {uses}, name='layer')\n"
    assert f"def call(self, t):\n        return {uses}\n" in fixed(text).source.text


def test_a_self_of_its_own_has_no_fix() -> None:
    text = "import keras\n\n\ndef b(k):\n    return keras.layers.Lambda(lambda t: (lambda self: self * k)(t), name='layer')\n"
    assert reasons(text) == {"the function has a `self` of its own"}


@pytest.mark.parametrize("again", ["SCALE = 5", "def configure():\n    global SCALE\n    SCALE = 5"])
def test_a_module_value_that_is_bound_again_is_not_safe(again: str) -> None:
    text = (
        "import keras\n\nSCALE = 1\n\n\ndef build():\n    return keras.layers.Lambda(lambda u: u * SCALE, name='scale')\n\n\n"
        f"a = build()\n{again}\n"
    )
    fix = next(finding.fix for finding in findings(text))
    assert fix is not None
    assert fix.unsafe_because == "`SCALE` is bound again later; the layer keeps the value it has here"


@pytest.mark.parametrize("value", ["-1", "(1, 2)", "'float' + '32'"])
def test_a_value_that_is_the_same_in_each_iteration_is_no_loop_variable(value: str) -> None:
    text = (
        "import keras\nfrom tools import f\n\n\ndef build(x):\n    for n in range(3):\n"
        f"        k = {value}\n        x = keras.layers.Lambda(lambda t: f(t, k), name=f'layer{{n}}')(x)\n    return x\n"
    )
    assert codes(text) == ["KLL101", "KLL103"]


def test_an_import_that_a_string_annotation_reads_stays() -> None:
    text = (
        "import keras\nfrom keras.layers import Lambda\n\nlayer = Lambda(lambda x: x * 2, name='double')\n\n\n"
        "def f(x: 'list[Lambda]'):\n    return x\n"
    )
    assert "from keras.layers import Lambda" in fixed(text).source.text


@pytest.mark.parametrize(
    "use",
    [
        "fs = [lambda x: x**2, lambda x: x * 2]\nlayer = keras.layers.Lambda(fs[0])",
        "fs = [lambda x: x, lambda x: x * 2]\nfor f in fs:\n    layer = keras.layers.Lambda(f)",
        "fs = (lambda x: x, lambda x: x * 2)\nlayers = [keras.layers.Lambda(f) for f in fs]",
        "layer = keras.layers.Lambda({'a': lambda x: x**2}['a'])",
        "layer = keras.layers.Lambda((f := lambda x: x**2))",
    ],
)
def test_a_lambda_in_a_list_or_dict_is_found(use: str) -> None:
    assert codes(f"import keras\n\n{use}\n") == ["KLL101"]
