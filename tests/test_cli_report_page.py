"""`check --report F.html`: the page for people who would rather look."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import html5lib
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HEAD = "import keras\nimport tensorflow as tf\n\n"
SAFE = HEAD + 'x = keras.layers.Lambda(lambda t: t * 2, name="double")(x)\n'
UNSAFE = HEAD + "scale = tf.Variable(1.0)\nx = keras.layers.Lambda(lambda t: t * scale)(x)\n"
SUPPRESSED = HEAD + "x = keras.layers.Lambda(lambda t: t * 2)(x)  # noqa: KLL101\n"
HOSTILE = HEAD + "x = keras.layers.Lambda(lambda t: t + '</script><img src=x onerror=alert(1)>\u202e')(x)\n"


def page(project: Path) -> Element:
    """Return the page as a parser understands it that takes no error."""
    text = (project / "report.html").read_text(encoding="utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert isinstance(tree, Element)
    return tree


def shown(element: Element) -> str:
    """Return the text of an element."""
    return "".join(element.itertext())


def items(tree: Element, state: str) -> list[Element]:
    """Return the entries in one state."""
    return [each for each in tree.iter("details") if each.get("data-state") == state]


def test_the_page_shows_what_is_to_do_with_its_code_and_the_diff(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(UNSAFE, encoding="utf-8")
    assert cli("check", "--report", "report.html").code == 1
    (item,) = items(page(project), "left")
    assert (item.get("data-codes"), item.get("data-severity"), item.get("data-fix")) == (
        "KLL101 KLL201",
        "error",
        "unsafe",
    )
    text = shown(item)
    assert "5 | x = keras.layers.Lambda(lambda t: t * scale)(x)" in text
    assert "----- created here" in text
    assert "--fix --unsafe-fixes writes: Layer subclass Scale with a weight (unsafe: the weight starts to train" in text
    assert "+class Scale(keras.layers.Layer):" in text


def test_the_page_shows_what_was_changed_and_what_is_suppressed(cli: Run, project: Path) -> None:
    (project / "m.py").write_text(SAFE, encoding="utf-8")
    (project / "kept.py").write_text(SUPPRESSED, encoding="utf-8")
    assert cli("check", "--fix", "--report", "report.html").code == 0
    tree = page(project)
    assert "0 to do · 1 changed · 1 suppressed by a comment" in shown(tree)
    assert "Layer subclass MultiplyBy" in shown(items(tree, "changed")[0])
    assert "KLL101" in shown(items(tree, "suppressed")[0])
    assert '-x = keras.layers.Lambda(lambda t: t * 2, name="double")(x)' in shown(tree)


def test_files_that_could_not_be_worked_on_are_named(cli: Run, project: Path) -> None:
    (project / "broken.py").write_text("import keras\nx = keras.layers.Lambda(\n", encoding="utf-8")
    assert cli("check", "--report", "report.html").code == 2
    assert "broken.py:2" in shown(page(project))


def test_without_findings_the_page_says_so(cli: Run, project: Path) -> None:
    assert cli("check", "--report", "report.html").code == 0
    tree = page(project)
    assert "No findings." in shown(tree)
    assert not list(tree.iter("form"))


def test_nothing_in_a_file_becomes_markup(cli: Run, project: Path) -> None:
    (project / "<b>&'\".py").write_text(HOSTILE, encoding="utf-8")
    cli("check", "--report", "report.html")
    tree = page(project)
    assert not list(tree.iter("img"))
    assert not list(tree.iter("b"))
    assert len(list(tree.iter("script"))) == 1
    assert "</script><img src=x onerror=alert(1)>\\u202e" in shown(tree)
    assert "<b>&'\".py" in [shown(each) for each in tree.iter("h2")]


@pytest.mark.parametrize("name", ["style", "script"])
def test_the_policy_lets_nothing_in_but_the_page_s_own_style_and_script(cli: Run, project: Path, name: str) -> None:
    (project / "m.py").write_text(UNSAFE, encoding="utf-8")
    cli("check", "--report", "report.html")
    text = (project / "report.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    content = text.split(f"<{name}>")[1].split(f"</{name}>")[0]
    digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
    assert policy.startswith("default-src 'none';")
    assert f"{name}-src 'sha256-{digest}'" in policy
    assert not re.findall(r"(?:src|href)=\"(?!#)", text)
