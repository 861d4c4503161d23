"""How far the verifier gets: mains that need data, functions that need arguments, modules of packages, layers alone."""

from __future__ import annotations

import json

import pytest
from test_discovery import HEAD, LAYER, MODEL, pair

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, Span
from keras_lambda_lint.source.text import Source
from keras_lambda_lint.verify import Kind, TargetError, VerifyOptions, verify_file
from keras_lambda_lint.verify.child.trace import Creation, Site, Tracer
from keras_lambda_lint.verify.target import input_spec

pytestmark = pytest.mark.execution

BUILD = """
def build({parameters}):
    inputs = Input(input_shape)
    return keras.Model(inputs, Dense(num_classes)({{layer}}(inputs)))
"""


def test_a_main_that_needs_arguments_and_data(verify):
    program = """
import argparse
import no_such_plots as plots


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--size", choices=["small", "large"], required=True)
    args = parser.parse_args()
    units = 2 if args.size == "small" else 3
    images = plots.read(args.data).astype("float32") / 255
    weights = keras.utils.get_file("weights.h5", "https://example.org/weights.h5")
    inputs = Input((4,))
    model = keras.Model(inputs, Dense(units)({layer}(inputs)))
    model.load_weights(weights)
    model.fit(images, images)


if __name__ == "__main__":
    main()
"""
    found = verify(*pair(program))

    assert str(found.sites[0].verdict) == "agree (12 cases)"
    assert len(found.models) == 1
    skipped, stand_ins = found.notes
    assert skipped.startswith("skipped: TypeError: unsupported operand type(s) for /: 'Anything' and 'int' (line 18)")
    assert stand_ins == "not installed, so stand-ins took their place: no_such_plots"


def test_arguments_are_made_up_where_names_say_what_they_are(verify):
    found = verify(*pair(BUILD.format(parameters="input_shape, num_classes")))

    assert str(found.sites[0].verdict) == "agree (12 cases, arguments made up)"
    assert found.notes == ("called with made-up arguments: build(input_shape=(64, 64, 3), num_classes=4)",)


def test_arguments_whose_names_say_nothing_are_left_out(verify):
    found = verify(*pair(BUILD.format(parameters="input_shape, num_classes, strategy")))

    assert str(found.sites[0].verdict) == "agree (12 cases, arguments made up)"
    assert found.notes == ("called with made-up arguments: build(input_shape=(64, 64, 3), num_classes=4)",)


UNKNOWN = """
def build(strategy):
    if strategy.is_wide:
        return None
    for part in strategy.parts:
        part.outputs = {layer}(part.inputs)
    return None
"""


def test_a_layer_behind_a_value_that_is_left_out_is_compared_alone(verify):
    found = verify(*pair(UNKNOWN))

    assert str(found.sites[0].verdict) == "agree (12 cases, alone, arguments made up)"
    assert found.notes[-1].endswith("on Input((64, 64, 3))")


def test_a_layer_that_nothing_calls_is_compared_alone(verify):
    original, fixed = pair("double = {layer}\n")

    assert str(verify(original, fixed).sites[0].verdict) == "agree (12 cases, alone, arguments made up)"
    wrong = verify(original, fixed.replace("* 2", "* 2.5")).sites[0].verdict
    assert wrong.kind is Kind.DIFFER


CLASS = """
class Base:
    def __init__(self, num_actions, memory):
        self.num_actions = num_actions
        self.memory = memory


class Agent(Base):
    def __init__(self, model, filters, kind="none", enabled=False, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind
        if enabled:
            hidden = Dense(filters[1])(model.output)
            if self.kind == "double":
                outputs = {layer}(Dense(self.num_actions)(hidden))
            self.model = keras.Model(model.input, outputs)
"""


def test_a_class_gets_a_model_lists_and_what_its_base_needs(verify):
    found = verify(*pair(CLASS))

    assert str(found.sites[0].verdict) == "agree (12 cases, arguments made up)"
    assert "Agent(model=Model(Input((64, 64, 3))), filters=[8, 8], kind='double'" in found.notes[-1]
    assert "num_actions=4" in found.notes[-1]


def test_symbolic_tensors_of_keras_2_have_the_shape_that_old_code_reads(verify):
    program = MODEL.replace("({layer}(inputs))", "({layer}(Dense(inputs._keras_shape[-1])(inputs)))")

    assert program != MODEL
    assert str(verify(*pair(program), keras="2").sites[0].verdict) == "agree (12 cases)"


def test_a_named_factory_is_called_with_what_is_given(verify):
    program = (
        BUILD.format(parameters="input_shape, num_classes, strategy") + "raise OSError('not reached in a real run')\n"
    )
    given = {"input_shape": [None, 5], "num_classes": 2, "strategy": None}
    found = verify(*pair(program), factory="build", factory_args=given)

    assert str(found.sites[0].verdict) == "agree (12 cases)"
    assert len(found.models) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"factory": "make"}, "there is no `make`"),
        ({"factory": "HEIGHT"}, "`HEIGHT` is no function or class"),
        ({"factory": "build"}, "`build`: missing a required argument: 'input_shape': give --factory-args"),
        ({"factory": "late"}, "there is no `late` (line 8 fails: NameError: name 'missing' is not defined)"),
    ],
)
def test_a_factory_that_cannot_be_called_is_one_line(verify, options, said):
    program = "HEIGHT = 3\n@missing\ndef late(): pass\n" + BUILD.format(parameters="input_shape, num_classes")
    with pytest.raises(TargetError) as error:
        verify(*pair(program), **options)
    assert f"program.py: {said}" in str(error.value)


def test_an_input_specification_is_for_models_that_have_none(verify, keras):
    program = "model = keras.Sequential([Dense(3), {layer}])\n"
    verdict = verify(*pair(program), keras=keras, input_spec=input_spec("(None, 4)")).sites[0].verdict

    assert str(verdict) == "agree (12 cases)"


@pytest.mark.parametrize(("factor", "kind"), [("2", Kind.AGREE), ("3", Kind.DIFFER)])
def test_a_layer_whose_model_cannot_be_built_is_compared_alone(verify, factor, kind):
    program = """
inputs = Input((4, 3))
x = {layer}(inputs)
model = keras.Model(inputs, keras.layers.Reshape((5, 5))(x))
"""
    original, fixed = pair(program)
    verdict = verify(original, fixed.replace("inputs * 2", f"inputs * {factor}")).sites[0].verdict

    assert verdict.kind is kind
    if kind is Kind.AGREE:
        assert str(verdict) == "agree (12 cases, alone)"
        assert verdict.after == "reloads and agrees"


def test_a_layer_alone_takes_several_inputs_and_is_called_twice(verify):
    program = """
first, second = Input((4,)), Input((4,), dtype="int32")
layer = {layer}
a = layer([first, second])
b = layer([first, second])
model = keras.Model(first, missing(a, b))
"""
    original = HEAD.format(definition="") + program.replace("{layer}", "Lambda(lambda x: x[0] * 2)")
    fixed = HEAD.format(definition=LAYER.replace("inputs * 2", "inputs[0] * 2")) + program.replace("{layer}", "Fixed()")

    assert str(verify(original, fixed).sites[0].verdict) == "agree (12 cases, alone)"


def test_a_sequential_model_that_could_not_be_finished_is_none(verify):
    program = """
model = keras.Sequential([Input((4,))])
model.add({layer})
model.add(missing)
model.add(Dense(2))
"""
    found = verify(*pair(program))

    assert found.models == ()
    assert str(found.sites[0].verdict) == "agree (12 cases, alone)"


class TestProjects:
    """Files that belong together."""

    @pytest.fixture
    def package(self, tmp_path):
        package = tmp_path / "nets"
        package.mkdir()
        (tmp_path / "setup.py").write_text("", encoding="utf-8")
        (package / "sizes.py").write_text("import no_such_module\nUNITS = 3\n", encoding="utf-8")
        (package / "__init__.py").write_text(
            "from nets.net import build\nfrom nets import no_such_part\n", encoding="utf-8"
        )
        return package

    def verified(self, path, original, fixed, sandbox, others=(), **options):
        path.write_text(original, encoding="utf-8")
        texts = [Source(str(path), text) for text in (original, fixed)]
        places = [
            Span(text.index(call), text.index(call) + len(call))
            for text, call in ((original, "Lambda(lambda x: x * 2)"), (fixed, "Fixed()"))
        ]
        fix = Fix("fix", (Edit(places[0], ""),), Applicability.UNSAFE, places[0])
        replacement = type("Replaced", (), {"original": places[0], "fixed": places[1], "fix": fix})()
        return verify_file(str(path), *texts, [replacement], VerifyOptions(**options), sandbox, others)

    def test_a_module_of_a_package_is_imported_under_its_name(self, package, sandbox):
        program = "from .sizes import UNITS\n" + MODEL.replace("Dense(2)", "Dense(UNITS)")
        program += "assert __name__ == 'nets.net'\n\n\ndef build():\n    return model\n"
        program += "\n\nif __name__ == '__main__':\n    raise ValueError('as a script')\n"
        found = self.verified(package / "net.py", *pair(program), sandbox)

        assert str(found.sites[0].verdict) == "agree (12 cases)"
        assert found.sites[0].verdict.after == "reloads and agrees"
        assert found.notes == (
            "skipped: ValueError: as a script (line 19)",
            "not installed, so stand-ins took their place: no_such_module",
        )

    @pytest.mark.parametrize(("factor", "kind"), [("2", Kind.AGREE), ("3", Kind.DIFFER)])
    def test_what_a_fix_changes_in_another_file_is_run_too(self, package, sandbox, factor, kind):
        layers = package / "layers.py"
        before, after = "UNITS = 2\n", f"import keras\nUNITS = 2\n{LAYER}".replace("inputs * 2", f"inputs * {factor}")
        layers.write_text(before, encoding="utf-8")
        original = (
            HEAD.format(definition="")
            + "from nets import layers\n"
            + MODEL.replace("{layer}", "Lambda(lambda x: x * 2)")
        )
        fixed = HEAD.format(definition="") + "from nets.layers import Fixed\n" + MODEL.replace("{layer}", "Fixed()")
        others = [(Source(str(layers), before), Source(str(layers), after))]
        found = self.verified(package / "net.py", original, fixed, sandbox, others)

        assert found.sites[0].verdict.kind is kind
        assert layers.read_text(encoding="utf-8") == before


class TestPlacesWithoutColumns:
    """Python 3.10 does not know the column of a running expression."""

    def layers(self, sites, rows):
        tracer = Tracer(type("Framework", (), {"Model": int})(), "program.py", [Site(place, ()) for place in sites])  # type: ignore[arg-type]
        made = [object() for _ in rows]
        tracer.restore([Creation(each, (row, -1, row, -1), nested=False) for each, row in zip(made, rows, strict=True)])
        return [[made.index(layer) for layer in layers] for layers in tracer.layers_of_sites()]

    def test_layers_of_one_row_are_told_apart_by_their_order(self):
        assert self.layers([(3, 4, 3, 20), (3, 22, 3, 40)], [3, 3]) == [[0], [1]]

    def test_a_row_that_runs_again(self):
        assert self.layers([(3, 4, 3, 20), (3, 22, 3, 40)], [3, 3, 3, 3]) == [[0, 2], [1, 3]]

    def test_an_expression_over_several_rows(self):
        assert self.layers([(3, 4, 5, 20), (7, 0, 7, 9)], [4, 7, 9]) == [[0], [1]]


def test_a_notebook(sandbox, tmp_path):
    cells = [
        "%matplotlib inline\nimport keras",
        "model = keras.Sequential([keras.Input((4,)), Lambda(lambda x: x * 2)])",
    ]
    cells[0] += "\nfrom keras.layers import Lambda\n" + LAYER
    texts = []
    for name, replaced in (("original", cells[1]), ("fixed", cells[1].replace("Lambda(lambda x: x * 2)", "Fixed()"))):
        document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
        for number, text in enumerate([cells[0], replaced]):
            cell = {"id": str(number), "cell_type": "code", "source": text, "metadata": {}, "outputs": []}
            document["cells"].append({**cell, "execution_count": None})
        path = tmp_path / name / "net.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(document), encoding="utf-8")
        texts.append(Source.from_bytes(str(path), path.read_bytes()))
    places = [
        Span(text.text.index(call), text.text.index(call) + len(call))
        for text, call in zip(texts, ("Lambda(lambda x: x * 2)", "Fixed()"), strict=True)
    ]
    fix = Fix("fix", (Edit(places[0], ""),), Applicability.UNSAFE, places[0])
    replacement = type("Replaced", (), {"original": places[0], "fixed": places[1], "fix": fix})()
    (site,) = verify_file(texts[0].filename, *texts, [replacement], VerifyOptions(), sandbox).sites

    assert str(site.verdict) == "agree (12 cases)"
    assert (site.cell, site.row, site.column) == (2, 1, 46)


def test_import_paths_of_keras_1_and_early_keras_2(verify):
    imports = """
from keras import objectives
from keras.engine.topology import Layer as Base
from keras.layers.core import Dense, Lambda
from keras.models import Model
from keras.layers import Input
from keras.utils.np_utils import to_categorical
assert issubclass(Dense, Base) and objectives.mse
"""
    model = MODEL.replace("keras.Model", "Model")
    original = "import keras\n" + imports + model.replace("{layer}", "Lambda(lambda x: x * 2)")
    fixed = "import keras\n" + LAYER + imports + model.replace("{layer}", "Fixed()")
    found = verify(original, fixed, keras="2")

    assert found.notes == ()
    assert str(found.sites[0].verdict) == "agree (12 cases)"
