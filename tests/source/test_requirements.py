"""What the files of a project require, with the row of each requirement."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.source.requirements import requirements

if TYPE_CHECKING:
    from pathlib import Path

WANTED = {"keras", "tensorflow", "tensorflow-gpu", "tf-keras"}

FILES = {
    "requirements.txt": (
        "numpy\nKeras == 2.3.0  # why\n# tensorflow==1\ntensorflow_gpu[and-cuda]>=2,<3 ; python_version<'3.9'\n"
        "tf.keras==2.16 \\\n    --hash=sha256:12\n-r other.txt\nkeras-resnet==0.2\ntensorflow @ https://x/tensorflow-2.1.whl\n",
        [("keras", "== 2.3.0", 2), ("tensorflow", "", 9), ("tensorflow-gpu", ">=2,<3", 4), ("tf-keras", "==2.16", 5)],
    ),
    "requirements-dev.txt": ("tensorflow\n", [("tensorflow", "", 1)]),
    "dev-requirements.txt": ("tensorflow==2.1\n", [("tensorflow", "==2.1", 1)]),
    "requirements/base.txt": ("keras<3\n", [("keras", "<3", 1)]),
    "environment.yml": (
        "name: keras\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.8\n  - conda-forge::tensorflow=2.10=gpu_py38\n"
        "  - 'keras >=2,<=2.9'\n  - pip:\n      - tf_keras==2.16  # pip\n#  - tensorflow=1\n",
        [("keras", ">=2,<=2.9", 7), ("tensorflow", "=2.10", 6), ("tf-keras", "==2.16", 9)],
    ),
    "environment-gpu.yaml": ("dependencies:\n- tensorflow 2.10.*\n", [("tensorflow", "2.10.*", 2)]),
    "setup.py": (
        "from setuptools import setup\n'''Keras is good.'''\nX = ['tensorflow>=2.4', 'numpy']\n# 'keras==1'\n"
        "setup(name='keras', keywords=['keras', 'tensorflow'], description='keras', install_requires=X + [\n"
        "    'keras<3',\n], entry_points={'console_scripts': ['x = keras.y:z']})\n",
        [("keras", "<3", 6), ("tensorflow", ">=2.4", 3)],
    ),
    "setup.cfg": (
        "[metadata]\nname = keras\nkeywords = keras, tensorflow\n[options]\ninstall_requires =\n    numpy\n    keras>=3\n"
        "[options.extras_require]\ntf =\n    tensorflow[and-cuda]~=2.16; python_version > '3'\n",
        [("keras", ">=3", 7), ("tensorflow", "~=2.16", 10)],
    ),
    "pyproject.toml": (
        "[build-system]\nrequires = ['tensorflow==1.0']\n[project]\nname = 'keras'\nkeywords = ['keras', 'tensorflow']\n"
        "dependencies = [\n  'keras>=3',\n]\n[project.optional-dependencies]\ntf = ['tensorflow==2.10']\n"
        "[dependency-groups]\ndev = [{include-group = 'x'}, 'tf_keras']\n"
        "[tool.poetry.dependencies]\ntensorflow-gpu = {version = '^2.10', optional = true}\n"
        "[tool.poetry.group.dev.dependencies]\nkeras = [{version = '^2'}, {version = '^3'}]\n",
        [
            ("keras", ">=3", 7),
            ("keras", "^2", 16),
            ("keras", "^3", 16),
            ("tensorflow", "==2.10", 10),
            ("tensorflow-gpu", "^2.10", 14),
            ("tf-keras", "", 12),
        ],
    ),
    "Pipfile": (
        "[packages]\ntensorflow = '==2.10'\nkeras = '*'\n[dev-packages.tf-keras]\nversion = '>=2'\n",
        [("keras", "*", 3), ("tensorflow", "==2.10", 2), ("tf-keras", ">=2", 4)],
    ),
    "Pipfile.lock": (
        '{"default": {\n  "tensorflow": {\n    "hashes": ["sha256:1"],\n    "version": "==2.10.0"\n  },\n  "x": {"version": "==1"}\n}}\n',
        [("tensorflow", "==2.10.0", 4)],
    ),
    "poetry.lock": (
        '[[package]]\nname = "keras"\nversion = "2.10.0"\n\n[package.dependencies]\ntensorflow = ">=2"\n',
        [("keras", "==2.10.0", 3)],
    ),
    "uv.lock": ('version = 1\n[[package]]\nname = "tensorflow"\nversion = "2.17.0"\n', [("tensorflow", "==2.17.0", 4)]),
    "pdm.lock": ('[[package]]\nname = "tf-keras"\nversion = "2.17.0"\n', [("tf-keras", "==2.17.0", 3)]),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_kind_of_file(tmp_path: Path, name: str, newline: str) -> None:
    text, expected = FILES[name]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.replace("\n", newline).encode())
    found = requirements(str(tmp_path), WANTED)
    assert [(each.name, each.specifier, each.row) for each in found] == expected
    assert {each.path for each in found} == {str(path)}
    assert {each.locked for each in found} == {name.endswith(".lock")}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "data", [b"", b"keras\x00==\xff", b"[[[ keras", b"keras = [", b"(" * 9999 + b"keras", b"\xff\xfek\x00eras"]
)
def test_what_cannot_be_read_breaks_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(data)
    assert {each.name for each in requirements(str(tmp_path), WANTED)} <= {"keras"}


def test_what_a_windows_shell_writes(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\nkeras==2.3.0\n", encoding="utf-16")
    (found,) = requirements(str(tmp_path), WANTED)
    assert str(found) == "keras==2.3.0"


def test_other_files_and_folders_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keras<3\n", encoding="utf-8")
    (tmp_path / "requirements.txt").mkdir()
    os.mkfifo(tmp_path / "setup.py")
    assert requirements(str(tmp_path), WANTED) == []
    assert requirements(str(tmp_path / "missing"), WANTED) == []
