"""What a project says of saving and loading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from harness.model import sites_of

from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.sites.saving.project_facts import FileFacts, facts_of
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

IMPORTS = "import keras\nfrom keras.models import load_model\n"


def facts(text: str) -> FileFacts:
    return facts_of(sites_of(IMPORTS + text))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("load_model(p, custom_objects={'f': g})", {"f"}),
        ("load_model(p, {'f': g})", {"f"}),
        ("objects = {'f': g}\nobjects['h'] = k\nload_model(p, custom_objects=objects)", {"f", "h"}),
        ("def made():\n    return {'f': g}\nload_model(p, custom_objects=made())", {"f"}),
        ("def made():\n    d = {}\n    d['f'] = g\n    return d\nload_model(p, custom_objects=made())", {"f"}),
        ("objects = keras.saving.get_custom_objects()\nobjects['f'] = g", {"f"}),
        ("def made():\n    return dict(f=g)\nload_model(p, custom_objects=made())", {"f"}),
        ("objects = {'f': g}\nobjects.update(h=k)\nload_model(p, custom_objects=objects)", {"f", "h"}),
        ("objects = {'f': g}\nobjects.update({'h': k})\nload_model(p, custom_objects=objects)", {"f", "h"}),
        ("load_model(p, custom_objects=dict(more, f=g))", {"f"}),
        ("load_model(p, custom_objects={**{'f': g}, 'h': k})", {"f", "h"}),
        ("with keras.utils.custom_object_scope({'f': g}): pass", {"f"}),
        ("with keras.utils.CustomObjectScope({'f': g}): pass", {"f"}),
        ("keras.utils.get_custom_objects()['f'] = g", {"f"}),
        ("keras.utils.get_custom_objects().update({'f': g})", {"f"}),
        ("self.custom_objects = {'f': g}", {"f"}),
        ("keras.losses.f = g", {"f"}),
        ("def load(p, custom_objects=None):\n    return load_model(p, custom_objects=custom_objects)", set()),
    ],
)
def test_keys_of_custom_objects(text: str, keys: set[str]) -> None:
    assert facts(text).keys == keys


def test_a_value_counts_under_its_own_name() -> None:
    assert facts("load_model(p, custom_objects={f.__name__: utils.f})").values == {"f"}


def test_classes_listed_under_their_own_names_are_supplied() -> None:
    assert facts("layers = {each.__name__: each for each in [own.Double, Half]}").values == {"Double", "Half"}


def test_a_value_counts_under_the_name_it_was_imported_by() -> None:
    assert "Half" in facts("from layers import Half as _Half\nload_model(p, custom_objects={'half': _Half})").values


def test_a_function_may_return_what_it_does_not_show() -> None:
    assert facts(
        "def made():\n    return {c.__name__: c for c in CLASSES}\nload_model(p, custom_objects=made())"
    ).hidden


@pytest.mark.parametrize("around", ["for f in made:", "def supply(f):"])
def test_what_a_loop_or_a_caller_supplies_may_be_anything(around: str) -> None:
    assert facts(f"{around}\n    keras.saving.get_custom_objects()[f.__name__] = f").hidden


@pytest.mark.parametrize("given", ["globals()", "vars(module)", "{k: v for k, v in x}", "imported.things", "f()[0]"])
def test_hidden_custom_objects_may_be_anything(given: str) -> None:
    assert facts(f"load_model(p, custom_objects={given})").hidden


@pytest.mark.parametrize("given", ["None", "{}", "{'f': g}", "{'f': g} if x else None"])
def test_shown_custom_objects_are_not_hidden(given: str) -> None:
    assert not facts(f"load_model(p, custom_objects={given})").hidden


@pytest.mark.parametrize(
    ("text", "loads", "training"),
    [
        ("load_model(p)", True, True),
        ("keras.models.load_model(p, compile=False)", True, False),
        ("load_model(p, None, False)", True, False),
        ("load_model(p, compile=flag)", True, True),
        ("keras.models.clone_model(m)", True, False),
        ("keras.models.model_from_json(text)", True, False),
        ("joblib.load_model(p)", False, False),
        ("def load_model(p): return p\nload_model(p)", False, False),
        ("model.load_weights(p)", False, False),
    ],
)
def test_loading(text: str, loads: bool, training: bool) -> None:
    found = facts(text)
    assert (found.loads, found.loads_training) == (loads, training)


@pytest.mark.parametrize(
    ("text", "saves"),
    [
        ("model = keras.Sequential()\nmodel.save(p)", True),
        ("net.save(folder + '/net.h5')", True),
        ("net.compile(loss='mse')\nnet.save(p)", True),
        ("keras.models.save_model(m, p)", True),
        ("keras.callbacks.ModelCheckpoint(p)", True),
        ("keras.callbacks.ModelCheckpoint(p, save_weights_only=False)", True),
        ("keras.callbacks.ModelCheckpoint(p, save_weights_only=True)", False),
        ("image.save('picture.png')", False),
        ("figure.save(p)", False),
        ("form.save()", False),
        ("model.save_weights('x.h5')", False),
    ],
)
def test_saving(text: str, saves: bool) -> None:
    assert bool(facts(text).saved) is saves


def test_other_files_of_the_project_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "evaluate.py").write_text(f"{IMPORTS}load_model(p, custom_objects={{'f': f}})\n")
    (tmp_path / "old.py").write_text("from keras.models import load_model\nprint 'not Python 3'\n")
    model = tmp_path / "package" / "model.py"
    model.parent.mkdir()
    model.write_text("stale")
    found = FileSites(Source(str(model), "import keras\n"), None, "auto").facts
    assert found.supplies("f")
    assert not found.supplies("g")
    assert found.loads_training
    assert not found.saves


def test_a_map_made_of_own_modules_only_counts(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    (tmp_path / "catalogue.py").write_text("from shapes import Double\n\ncustom_objects = {'Double': Double}\n")
    model = tmp_path / "shapes.py"
    model.write_text("import keras\n")
    assert FileSites(Source(str(model), "import keras\n"), None, "auto").facts.supplies("Double")
