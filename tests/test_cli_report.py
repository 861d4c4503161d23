"""`check --report F.md`: the list that a person gets to finish the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HEAD = "import keras\nimport tensorflow as tf\n\n"
SAFE = HEAD + 'x = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
UNSAFE = HEAD + "scale = tf.Variable(1.0)\nx = keras.layers.Lambda(lambda t: t * scale)(x)\n"
NONE = HEAD + "x = keras.layers.Lambda(unknown(lambda t: t))(x)\n"
SUPPRESSED = HEAD + "x = keras.layers.Lambda(lambda t: t * 2)(x)  # noqa: KLL101\n"
TWINS = HEAD + "".join(
    f"b{n} = keras.layers.Lambda(\n    lambda x: x / 2,  # half\n    name='b{n}',\n)\n" for n in (1, 2)
)


def sections(text: str) -> dict[str, str]:
    """Return what the list says of each file."""
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in text.split("\n## ")[1:]}


def test_the_list_says_what_changed_and_what_is_left_and_why(cli: Run, project: Path) -> None:
    for name, text in (("safe", SAFE), ("unsafe", UNSAFE), ("kept", SUPPRESSED)):
        (project / f"{name}.py").write_text(text, encoding="utf-8")
    (project / "broken.py").write_text("import keras\nx = keras.layers.Lambda(\n", encoding="utf-8")
    assert cli("check", "--fix", "--report", "todo.md").code == 2
    text = (project / "todo.md").read_text(encoding="utf-8")
    assert "Changed: 1. Left for a person: 1. Files that could not be worked on: 1." in text
    parts = sections(text)
    assert list(parts) == ["Could not be worked on", "kept.py", "safe.py", "unsafe.py"]
    assert "broken.py:2" in parts["Could not be worked on"]
    assert "* line 4: KLL101: Layer subclass `MultiplyBy`" in parts["safe.py"]
    assert "Suppressed by a comment:\n\n* line 4: KLL101" in parts["kept.py"]
    assert "Changed:" not in parts["unsafe.py"]
    assert "* [ ] line 5: KLL101, KLL201:" in parts["unsafe.py"]
    assert "**`--fix --unsafe-fixes` writes: Layer subclass `Scale` with a weight (unsafe: the weight starts" in text


def test_what_was_written_is_named_with_what_it_changes_on_purpose(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(UNSAFE, encoding="utf-8")
    assert cli("check", "--fix", "--unsafe-fixes", "--report", "todo.md").code == 0
    text = (project / "todo.md").read_text(encoding="utf-8")
    assert "* line 5: KLL101, KLL201: Layer subclass `Scale` with a weight (unsafe: " in text
    assert "changes on purpose: trains-weight" in text


@pytest.mark.parametrize("options", [(), ("--diff",), ("--diff", "--unsafe-fixes")])
def test_without_fix_nothing_but_the_list_is_written(cli: Run, project: Path, options: tuple[str, ...]) -> None:
    (project / "m.py").write_text(UNSAFE, encoding="utf-8")
    cli("check", *options, "--report", "todo.md")
    text = (project / "todo.md").read_text(encoding="utf-8")
    assert ("Changed: 1. Left for a person: 0." if len(options) == 2 else "Changed: 0. Left for a person: 1.") in text
    assert (project / "m.py").read_text(encoding="utf-8") == UNSAFE


def test_a_site_without_a_fix_has_its_reason(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(UNSAFE.replace("Variable(1.0)", "Variable(1.0, shape=make())"), encoding="utf-8")
    cli("check", "--report", "todo.md")
    assert "**No fix: " in (project / "todo.md").read_text(encoding="utf-8")


def test_a_fix_that_a_promise_forbids_has_its_reason(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(TWINS, encoding="utf-8")
    _, _, err = cli("check", "--fix", "--report", "todo.md")
    assert err == "keras-lambda-lint: m.py:8:6: a fix was left out: the comment `# half` would be lost\n"
    text = (project / "todo.md").read_text(encoding="utf-8")
    assert "**Not written (Layer subclass `" in text
    assert "the comment `# half` would be lost**" in text
    assert (project / "m.py").read_text(encoding="utf-8").count("# half") == 2


def test_nothing_found_is_a_list_too(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("x = 1\n", encoding="utf-8")
    assert cli("check", "--report", "todo.md").code == 0
    assert "Changed: 0. Left for a person: 0." in (project / "todo.md").read_text(encoding="utf-8")


def test_names_and_messages_cannot_break_the_list(cli: Run, project: Path) -> None:
    (project / "a\n## b.py").write_text(UNSAFE, encoding="utf-8")
    cli("check", "--report", "todo.md")
    assert list(sections((project / "todo.md").read_text(encoding="utf-8"))) == ["a\\\\n## b.py"]


@pytest.mark.parametrize("name", ["todo.txt", "todo", "todo.htm"])
def test_another_form_than_markdown_or_a_page_is_refused(cli: Run, project: Path, name: str) -> None:
    code, _, err = cli("check", "--report", name)
    assert code == 2
    assert err == f"keras-lambda-lint: error: --report writes Markdown or a page: `{name}` must end with .md or .html\n"
    assert not (project / name).exists()


def test_a_list_that_cannot_be_written_is_an_error_before_anything_is_done(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(SAFE, encoding="utf-8")
    code, out, err = cli("check", "--fix", "--report", "missing/todo.md")
    assert (code, out) == (2, "")
    assert err == "keras-lambda-lint: error: missing/todo.md: cannot write the report: its directory does not exist\n"
    assert (project / "m.py").read_text(encoding="utf-8") == SAFE


@pytest.mark.parametrize("mode", ["--fix", "--diff"])
def test_what_a_fix_changes_in_another_file_is_done(cli: Run, project: Path, mode: str) -> None:
    (project / "there.py").write_text("def double(x):\n    return x * 2\n", encoding="utf-8")
    text = "import keras\nfrom there import double\n\nlayer = keras.layers.Dense(2, activation=double)\n"
    (project / "here.py").write_text(text, encoding="utf-8")
    cli("check", mode, "--unsafe-fixes", "--report", "todo.md")
    assert "Changed: 1. Left for a person: 0." in (project / "todo.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("excluded", ["vendor", "vendor/there.py", "there.py"])
def test_an_excluded_file_is_not_changed_by_the_fix_of_another(cli: Run, project: Path, excluded: str) -> None:
    (project / "vendor").mkdir()
    there = project / "vendor" / "there.py"
    there.write_text("def double(x):\n    return x * 2\n", encoding="utf-8")
    text = "import keras\nfrom vendor.there import double\n\nlayer = keras.layers.Dense(2, activation=double)\n"
    (project / "here.py").write_text(text, encoding="utf-8")
    cli("check", "--fix", "--unsafe-fixes", "--exclude", excluded, "--report", "todo.md")
    assert there.read_text(encoding="utf-8") == "def double(x):\n    return x * 2\n"
    assert "there.py would change too, and is excluded**" in (project / "todo.md").read_text(encoding="utf-8")
