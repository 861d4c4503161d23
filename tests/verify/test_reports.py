"""`verify --report`: the verdicts with the errors of each layer, as Markdown and as a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import html5lib
import numpy as np
import pytest

from keras_lambda_lint.verify.child.record import Recording
from keras_lambda_lint.verify.evidence import Recorded
from keras_lambda_lint.verify.tally import Tally
from keras_lambda_lint.verify.verdict import (
    BINS,
    Form,
    Kind,
    LayerErrors,
    ModelVerdict,
    SiteVerdict,
    Verdict,
    Verification,
)
from keras_lambda_lint.verify.views.reports import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

SVG = "{http://www.w3.org/2000/svg}"
FORMS = (
    Form(".keras", "reload refused: ValueError: `x|y`", "reloads and agrees", was_whole=False, is_whole=True),
    Form("old .h5", "", "loads with by_name=True", was_whole=False, is_whole=True),
)
ERRORS = LayerErrors("layer <b>scaled</b>", (3, 4), 2.5e-7, 3.0, (30, 4, 2, *[0] * (len(BINS) - 3)))
AGREES = Verdict(Kind.AGREE, cases=12, before="reload refused", after="reloads and agrees", forms=FORMS)
DIFFERS = Verdict(Kind.DIFFER, detail="output 0, input normal, error 2")
FOUND = Verification(
    "models/<i>m.py",
    "keras 3.15.1 / tensorflow 2.21.0",
    "CPU",
    (SiteVerdict(3, 9, ("scaled",), AGREES), SiteVerdict(8, 1, (), DIFFERS)),
    (ModelVerdict("functional", 5, AGREES, (ERRORS,)),),
    notes=("cv2 is not installed: a stand-in took its place",),
    also=(Verification("models/<i>m.py", "keras", "GPU", (), (), instead=Verdict(Kind.SKIPPED, detail="no GPU")),),
)


def recorded(path: Path, **arrays: object) -> Recorded:
    """Return what a child would have recorded."""
    recording = Recording()
    for name, values in arrays.items():
        recording.add(name, np.asarray(values))
    return Recorded(recording.write(path))


def page(text: str) -> Element:
    """Return a page as a parser understands it that takes no error."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert isinstance(tree, Element)
    return tree


def shown(element: Element) -> str:
    """Return the text of an element."""
    return "".join(element.itertext())


def test_errors_are_counted_by_their_size_relative_to_the_largest_value(tmp_path: Path) -> None:
    before = recorded(tmp_path / "a.npz", x=np.array([0.0, 1.0, 10.0, np.inf]), y=np.array([1.0]))
    after = recorded(tmp_path / "b.npz", x=np.array([0.0, 1.5, 10.0 + 1e-6, np.inf]), y=np.array([1.0]))
    tally = Tally()
    tally.add("x", before, after)
    tally.add("y", before, after)
    errors = tally.errors("layer")
    assert (errors.largest, errors.magnitude, errors.shape) == (0.5, 10.0, (4,))
    assert {name: count for name, count in errors.bins() if count} == {"equal": 2, "below 1e-7": 1, "below 1e-1": 1}


def test_what_has_no_numbers_in_common_is_not_counted(tmp_path: Path) -> None:
    before = recorded(
        tmp_path / "a.npz", shape=np.zeros(3), text=np.array(["a"]), nan=np.array([np.nan]), gone=np.zeros(1)
    )
    after = recorded(tmp_path / "b.npz", shape=np.zeros(4), text=np.array(["b"]), nan=np.array([np.nan]))
    tally = Tally()
    for name in ("shape", "text", "nan", "gone"):
        tally.add(name, before, after)
    assert sum(tally.errors("layer").counts) == 0


def test_the_page_shows_verdicts_forms_and_errors() -> None:
    tree = page(REPORTS[".html"]([FOUND]))
    text = shown(tree)
    assert "agree: 2 · differ: 1 · skipped: 1" in text
    assert "models/<i>m.py" in text
    assert "no GPU: skipped" in text
    assert "forms in which it is kept, 1 of them whole only now" in text
    assert "cv2 is not installed" in text
    (histogram,) = tree.iter(f"{SVG}svg")
    assert histogram.get("aria-label") == "equal: 30, below 1e-9: 4, below 1e-8: 2"
    assert len(list(histogram.iter(f"{SVG}rect"))) == len(BINS)
    assert not list(tree.iter("b"))
    assert not list(tree.iter("i"))
    (row,) = (each for each in tree.iter("tr") if "<b>scaled</b>" in shown(each))
    assert [shown(each) for each in row.iter("td")][1:4] == ["(3, 4)", "2.5e-07", "3"]


def test_each_table_has_a_name_of_its_own() -> None:
    elsewhere = replace(FOUND, keras="keras 3.15.1 / jax 0.10.2")
    two = replace(FOUND, models=(*FOUND.models, replace(FOUND.models[0], row=12)), also=(elsewhere,))
    names = [
        each.get("aria-label") for each in page(REPORTS[".html"]([two])).iter("div") if each.get("role") == "region"
    ]
    assert len(names) == len(set(names)) == 8


def test_markdown_shows_the_same() -> None:
    text = REPORTS[".md"]([FOUND])
    assert "## models/&lt;i>m.py on keras 3.15.1 / tensorflow 2.21.0, CPU" in text
    assert "| &lt;i>m.py:3:9 | scaled | agree (12 cases) | reload refused | reloads and agrees |" in text
    assert "| .keras | reload refused: ValueError: \\`x\\|y\\` | reloads and agrees |" in text
    assert "| layer &lt;b>scaled&lt;/b> | (3, 4) | 2.5e-07 | 3 | 30 of 36 |" in text


def test_another_form_is_refused(cli: Run, project: Path) -> None:
    (project / "m.py").write_text("x = 1\n", encoding="utf-8")
    result = cli("verify", "m.py", "--report", "report.pdf")
    assert result.code == 2
    assert result.err == (
        "keras-lambda-lint: error: --report writes Markdown or a page: `report.pdf` must end with .md or .html\n"
    )


@pytest.mark.execution
@pytest.mark.parametrize("end", ["md", "html"])
def test_the_list_of_check_holds_the_verdicts(cli: Run, project: Path, end: str) -> None:
    lines = ["import keras", "x = keras.Input((4,))", "y = keras.layers.Lambda(lambda t: t * 2, name='double')(x)"]
    (project / "m.py").write_text("\n".join([*lines, "model = keras.Model(x, y)", ""]), encoding="utf-8")
    assert cli("check", "--fix", "--verify", "--report", f"list.{end}").code == 0
    text = (project / f"list.{end}").read_text(encoding="utf-8")
    assert "m.py:3:5" in text
    assert ("agree (12 cases)" if end == "md" else ">agree</span>12 cases") in text
