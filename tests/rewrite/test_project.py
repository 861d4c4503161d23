"""What a rewrite knows of the project around a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.rewrite.project import package_name, project_of

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = {
    "pyproject": ({"pyproject.toml": "[build-system]\nrequires = []\n[project]\nname = 'demo-app'\n"}, "demo-app"),
    "poetry": ({"pyproject.toml": '[tool.poetry]\nname = "demo"\n'}, "demo"),
    "a name of another table": ({"pyproject.toml": "[tool.other]\nname = 'no'\n"}, "model"),
    "setup.cfg": ({"setup.cfg": "[metadata]\nname = demo\nversion = 1\n"}, "demo"),
    "setup.py": ({"setup.py": "from setuptools import setup\nsetup(name='demo', version='1')\n"}, "demo"),
    "nothing": ({}, "model"),
}


@pytest.mark.parametrize(("files", "expected"), PACKAGES.values(), ids=PACKAGES)
def test_package_is_the_distribution_else_the_file(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    (tmp_path / "requirements.txt").write_text("keras\n")
    for name, text in {"setup.cfg": "", **files}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "src").mkdir()
    assert package_name(str(tmp_path / "src" / "model.py")) == expected


def test_package_is_the_top_package_where_no_distribution_is_named(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    inner = tmp_path / "top" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "top" / "__init__.py").write_text("")
    (inner / "__init__.py").write_text("")
    assert package_name(str(inner / "model.py")) == "top"


@pytest.mark.parametrize(("name", "package"), [("my model.py", "my_model"), ("a-b.py", "a-b"), ("ü.py", "ü")])
def test_package_from_a_strange_file_name(tmp_path: Path, name: str, package: str) -> None:
    (tmp_path / "setup.cfg").write_text("")
    assert package_name(str(tmp_path / name)) == package


def test_registered_names_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "a.py").write_text(
        "@register_keras_serializable('app')\nclass One: pass\n"
        "@keras.saving.register_keras_serializable(package='app', name='two')\ndef f(x): pass\n"
        '@register_keras_serializable(package="app")\n@other\nclass Three: pass\n'
    )
    assert set(project_of(str(tmp_path / "b.py")).registered) == {"app>One", "app>two", "app>Three"}


@pytest.mark.parametrize("folder", [".venv", "build", "__pycache__", ".hidden", "site-packages"])
def test_other_peoples_files_do_not_count(tmp_path: Path, folder: str) -> None:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "a.py").write_text("import keras\nget_layer('lambda')\n")
    assert project_of(str(tmp_path / "b.py")).names_seen_in is None


def test_undecodable_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "a.py").write_bytes(b"import keras  # \xff\nget_layer('lambda')\n")
    assert project_of(str(tmp_path / "b.py")).names_seen_in == "a.py"


def test_files_that_do_not_name_keras_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "a.py").write_text("get('lambda')\nprint(task.function)\n")
    assert project_of(str(tmp_path / "b.py")).names_seen_in is None


def test_a_file_in_no_project_is_alone(tmp_path: Path) -> None:
    project = project_of(str(tmp_path / "missing" / "b.py"))
    assert (project.names_seen_in, project.class_seen_in, project.imported, project.registered) == (None, None, {}, {})
    assert project.complete


def test_names_that_files_import_from_modules(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "a.py").write_text(
        "from app.model import (\n    build,\n    double as d,\n)\nfrom .model import Lambda  # why\n"
    )
    (tmp_path / "b.py").write_text("from other import *\n")
    imported = project_of(str(tmp_path / "c.py")).imported
    assert {"build", "double", "Lambda"} <= imported["model"]
    assert imported["other"] == {"*"}


@pytest.mark.parametrize("name", ["<stdin>", "<unsaved>"])
def test_a_text_without_a_file_has_a_package_all_the_same(name: str) -> None:
    assert package_name(name) == "custom"


def test_notebooks_of_the_project_count_too(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    lines = ["from layers import scale\n", "import keras\n", "model.get_layer('lambda_1')\n", "total"]
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": lines}
    (tmp_path / "use.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    (tmp_path / "broken.ipynb").write_text("{")
    project = project_of(str(tmp_path / "layers.py"))

    assert project.names_seen_in == "use.ipynb"
    assert project.imports("layers", {"scale"})
    assert project.mentions("total", str(tmp_path / "layers.py"))
    assert not project.mentions("outputs", str(tmp_path / "layers.py"))


def test_what_a_notebook_registers_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("")
    cell = {"cell_type": "code", "source": "@keras.utils.register_keras_serializable(package='p')\nclass A: pass"}
    (tmp_path / "use.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))

    assert project_of(str(tmp_path / "layers.py")).registered == {}
