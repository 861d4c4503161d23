"""Which function takes the place of the class `Lambda` in a map of custom objects, and under which key an object goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.linter import lint
from keras_lambda_lint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.diagnostic import Diagnostic

FUNCTION = "def pick(x):\n    return x[:, 0]\n"
LOAD = 'model = keras.models.load_model("m", custom_objects={"pick": keras.layers.Lambda})\n'


def found(folder: Path, here: str, name: str = "here.py", **files: str) -> tuple[Source, Diagnostic]:
    """Return the only finding in one file of a project."""
    (folder / "setup.cfg").write_text("[metadata]\nname = demo\n", encoding="utf-8")
    for stem, text in files.items():
        path = folder / f"{stem}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(here, encoding="utf-8")
    source = Source(str(path), here)
    (finding,) = lint(source, frozenset({"KLL109"}), fixes=True)
    return source, finding


@pytest.mark.parametrize(
    ("head", "expected", "value"),
    [
        ("import keras\n", "import keras\n\nfrom other import pick\n", "pick"),
        ("import keras\nfrom other import a\n", "import keras\nfrom other import a, pick\n", "pick"),
        ("import keras\nimport other\n", "import keras\nimport other\n", "other.pick"),
        ("import keras\nimport other as o\n", "import keras\nimport other as o\n", "o.pick"),
        ("import keras\nfrom other import pick\n", "import keras\nfrom other import pick\n", "pick"),
        (
            "from keras import *\nimport keras\n",
            "from keras import *\nimport keras\n\nfrom other import pick\n",
            "pick",
        ),
    ],
)
def test_the_function_of_another_file_as_this_file_says_it(
    tmp_path: Path, head: str, expected: str, value: str
) -> None:
    source, finding = found(tmp_path, f"{head}\n{LOAD}", other=f"a = 1\n\n\n{FUNCTION}")
    assert finding.fix is not None
    assert source.applied(finding.fix.edits).text == f"{expected}\n{LOAD.replace('keras.layers.Lambda', value)}"


def test_inside_a_package_the_import_is_relative(tmp_path: Path) -> None:
    source, finding = found(
        tmp_path, f"import keras\n\n{LOAD}", "nets/here.py", **{"nets/__init__": "", "nets/other": FUNCTION}
    )
    assert finding.fix is not None
    assert "import keras\n\nfrom .other import pick\n" in source.applied(finding.fix.edits).text


def test_in_another_folder_the_import_starts_at_the_root(tmp_path: Path) -> None:
    source, finding = found(
        tmp_path, f"import keras\n\n{LOAD}", "train.py", **{"nets/__init__": "", "nets/other": FUNCTION}
    )
    assert finding.fix is not None
    assert "from nets.other import pick\n" in source.applied(finding.fix.edits).text


REFUSED = {
    "none": ({}, f"import keras\n{LOAD}", "no function `pick` is known"),
    "several": ({"a": FUNCTION, "b": FUNCTION}, f"import keras\n{LOAD}", "2 files define a function `pick`"),
    "a circle": (
        {"other": f"import here\n{FUNCTION}"},
        f"import keras\n{LOAD}",
        "which imports this file",
    ),
    "one inside a function": (
        {},
        f"import keras\ndef build():\n    {FUNCTION.replace('    ', '        ')}    return pick\n{LOAD}",
        "`pick` is a function inside a function, which nothing outside can name",
    ),
    "something else": ({}, f"import keras\npick = 3\n{LOAD}", "`pick` is no function here"),
    "one below": ({}, f"import keras\n{LOAD}{FUNCTION}", "`pick` is defined below this place"),
    "a name of its own": (
        {},
        f'import keras\n{FUNCTION}m = keras.models.load_model("m", custom_objects={{"": pick, "pick": pick}})\n',
        'the entry "pick" is there already',
    ),
    "a lambda": (
        {},
        'import keras\nm = keras.models.load_model("m", custom_objects={"": lambda x: x})\n',
        "under which name Keras looks for `lambda x: x` is not known",
    ),
}


@pytest.mark.parametrize(("files", "here", "reason"), REFUSED.values(), ids=REFUSED)
def test_stays_for_a_person(tmp_path: Path, files: dict[str, str], here: str, reason: str) -> None:
    _, finding = found(tmp_path, here, **files)
    assert finding.fix is None
    assert reason in (finding.no_fix or "")


def test_a_finding_about_safe_mode_does_not_get_the_fix_of_the_custom_objects() -> None:
    text = f"import keras\n{FUNCTION}{LOAD.replace('custom_objects', 'safe_mode=False, custom_objects')}"
    fixes = {each.code: each.fix for each in lint(Source("<text>", text), frozenset({"KLL109", "KLL501"}), fixes=True)}
    assert fixes["KLL109"] is not None
    assert fixes["KLL501"] is None
