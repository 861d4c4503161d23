"""Which Keras a file runs on, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.sites.bodies.idioms import BuiltinUse
from keras_lambda_lint.sites.build import FileSites
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.sites.pins import Decision


def decision(path: Path | str, text: str = "import keras\n", keras: str = "auto") -> Decision:
    return FileSites(Source(str(path), text), None, keras).keras


def write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")


ONE_FILE = [
    ("keras<3", {2}, "requirements.txt:1 pins keras<3"),
    ("keras~=2.9", {2}, "requirements.txt:1 pins keras~=2.9"),
    ("keras>=3", {3}, "requirements.txt:1 pins keras>=3"),
    ("numpy\ntensorflow==2.10", {2}, "requirements.txt:2 pins tensorflow==2.10"),
    ("tensorflow-gpu<2.16", {2}, "requirements.txt:1 pins tensorflow-gpu<2.16"),
    ("tensorflow-macos==2.16.1", {3}, "requirements.txt:1 pins tensorflow-macos==2.16.1"),
    ("tf-nightly==2.18.0.dev20240701", {3}, "requirements.txt:1 pins tf-nightly==2.18.0.dev20240701"),
    ("tensorflow>=2.16", {3}, "requirements.txt:1 pins tensorflow>=2.16"),
    ("keras==2.3.0\ntensorflow>=2.0", {2}, "requirements.txt:1 pins keras==2.3.0"),
    ("keras\ntensorflow==2.10", {2}, "requirements.txt:2 pins tensorflow==2.10"),
    (
        "keras==3.0\ntensorflow==2.15",
        {2, 3},
        "requirements.txt:2 pins tensorflow==2.15 and requirements.txt:1 pins keras==3.0, which contradict each other",
    ),
    (
        "tensorflow>=2.16\ntf_keras",
        {2, 3},
        "requirements.txt:1 pins tensorflow>=2.16 and requirements.txt:2 names tf-keras, which is Keras 2",
    ),
    ("tensorflow==2.10\ntf_keras", {2}, "requirements.txt:1 pins tensorflow==2.10"),
]
UNDECIDED = [
    "keras",
    "tensorflow>=2.4",
    "tensorflow>=2,<3",
    "keras-resnet==0.2.0",
    "tf-keras",
    "tensorflow==2.10; python_version<'3.9'\ntensorflow>=2.11; python_version>='3.9'",
    "# keras<3",
]


@pytest.mark.parametrize(("text", "versions", "reason"), ONE_FILE)
def test_a_pin_decides(project: Path, text: str, versions: set[int], reason: str) -> None:
    write(project, {"requirements.txt": text, "setup.py": ""})
    assert decision(project / "m.py").versions == versions
    assert decision(project / "m.py").reason == reason


@pytest.mark.parametrize("text", UNDECIDED)
def test_what_allows_both_decides_nothing(project: Path, text: str) -> None:
    write(project, {"requirements.txt": text, "setup.py": ""})
    assert decision(project / "m.py").versions == {2, 3}
    assert decision(project / "m.py").reason == "no import and no version pin decides"


def test_an_exact_pin_or_a_lock_outranks_a_range(project: Path) -> None:
    write(project, {"setup.py": "setup(install_requires=['keras>=3'])", "requirements.txt": "keras==2.9\n"})
    assert decision(project / "m.py").reason == "requirements.txt:1 pins keras==2.9"
    write(project, {"a/pyproject.toml": "[project]\ndependencies = ['tensorflow<2.16']\n"})
    write(project, {"a/uv.lock": '[[package]]\nname = "tensorflow"\nversion = "2.17.0"\n'})
    assert decision(project / "a" / "m.py").reason == "uv.lock:3 locks tensorflow==2.17.0"


def test_files_that_contradict_each_other_leave_both(project: Path) -> None:
    write(project, {"setup.py": "setup(install_requires=['keras>=3'])", "requirements.txt": "keras<3\n"})
    assert decision(project / "m.py").versions == {2, 3}
    assert decision(project / "m.py").reason == (
        "requirements.txt:1 pins keras<3 and setup.py:1 pins keras>=3, which contradict each other"
    )


def test_the_nearest_folder_that_decides_wins(project: Path) -> None:
    write(project, {"setup.py": "", "requirements.txt": "keras<3", "a/b/c.py": "", "a/requirements.txt": "keras>=3"})
    write(project, {"a/b/requirements.txt": "keras"})
    assert decision(project / "a" / "b" / "m.py").reason == "a/requirements.txt:1 pins keras>=3"
    assert decision(project / "m.py").versions == {2}
    assert decision(project / "other" / "m.py").versions == {2}


def test_nothing_above_the_project_counts(project: Path) -> None:
    write(project, {"requirements.txt": "keras<3", "a/setup.py": "", "a/m.py": ""})
    assert decision(project / "a" / "m.py").versions == {2, 3}


def test_without_a_project_it_is_searched_up_to_the_current_directory(project: Path) -> None:
    write(project, {"requirements.txt": "keras<3", "a/m.py": ""})
    (project.parent / "requirements.txt").write_text("keras>=3", encoding="utf-8")
    assert decision("a/m.py").versions == {2}
    assert decision("<stdin>").versions == {2}
    assert decision(project.parent / "b" / "m.py").versions == {2, 3}


@pytest.mark.parametrize(
    ("text", "keras", "versions", "reason"),
    [
        ("import keras\n", "3", {3}, "the option `keras` is 3"),
        ("from keras import ops\n", "auto", {3}, "it imports keras.ops"),
        ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n", "auto", {2}, "line 2 sets TF_USE_LEGACY_KERAS"),
        ("import tf_keras\n", "auto", {2}, "it imports tf_keras"),
        (
            "import tf_keras\nimport keras.ops\n",
            "auto",
            {2, 3},
            "it imports tf_keras and it imports keras.ops, which contradict each other",
        ),
    ],
)
def test_the_option_and_the_file_itself_outrank_pins(
    project: Path, text: str, keras: str, versions: set[int], reason: str
) -> None:
    pin = "keras<3" if versions == {3} else "keras>=3"
    write(project, {"requirements.txt": pin, "setup.py": ""})
    found = decision(project / "m.py", text, keras)
    assert (found.versions, found.reason) == (versions, reason)


def test_pins_are_not_read_where_nothing_asks_for_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keras_lambda_lint.linter import lint
    from keras_lambda_lint.rules import select
    from keras_lambda_lint.sites import pins

    write(project, {"requirements.txt": "keras<3", "setup.py": ""})
    monkeypatch.setattr(pins, "requirements", None)
    source = Source(os.fspath(project / "m.py"), "import keras\nx = keras.backend.floatx\n")
    assert lint(source, select(), fixes=False) == []


@pytest.mark.parametrize(
    ("required", "silent"),
    [
        ("", False),
        ("keras", False),
        ("keras==2.1.5", True),
        ("keras==1.2", True),
        ("keras<2.6", True),
        ("keras>=2.1", False),
        ("keras==2.6.0\ntensorflow==2.6.0", False),
        ("keras\ntensorflow-gpu==1.15", True),
    ],
)
def test_a_layer_is_named_only_where_the_pinned_keras_may_have_it(
    tmp_path: Path, required: str, *, silent: bool
) -> None:
    write(tmp_path, {"requirements.txt": required, "setup.py": ""})
    text = "from keras.layers import Input, Lambda\n\nx = Lambda(lambda t: t / 127.5 - 1.0)(Input((4,)))\n"
    found = FileSites(Source(str(tmp_path / "model.py"), text), None, "auto").of(BuiltinUse)
    assert (not found) is silent
