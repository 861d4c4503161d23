"""Which files are parsed for what they import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keras_lambda_lint.source.chain import is_candidate

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "setup.cfg": "",
    "pkg/__init__.py": "",
    "pkg/common.py": "from keras.layers import *\n",
    "pkg/far.py": "from .common import *\n",
    "pkg/other.py": "class Lambda: pass\n",
    "pkg/circle.py": "from .circle import *\n",
}

CASES = {
    "star": ("from pkg.common import *\nLambda(f)", True),
    "relative": ("from .common import Lambda\nLambda(f)", True),
    "a module of the package": ("from . import common\ncommon.Lambda(f)", True),
    "two files away": ("from .far import *\nLambda(f)", True),
    "several lines": ("from .far import (\n    a,\n    Lambda,\n)\nLambda(f)", True),
    "a base class": ("from .far import *\nclass A(Layer): pass", True),
    "no layer": ("from .far import *\nf(x)", False),
    "a class of its own": ("from .other import Lambda\nLambda(f)", False),
    "nobody's": ("from elsewhere import *\nLambda(f)", False),
    "a circle": ("from .circle import *\nLambda(f)", False),
    "no import": ("Lambda(f)", False),
    "by itself": ("import keras\nkeras.layers.Lambda(f)", True),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_is_imported_counts(tmp_path: Path, text: str, expected: bool) -> None:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    assert is_candidate(text.encode(), str(tmp_path / "pkg" / "model.py")) is expected


def test_no_import_leads_out_of_the_package_around_a_project(tmp_path: Path) -> None:
    inner = tmp_path / "work" / "pkg" / "inner"
    inner.mkdir(parents=True)
    for path in (inner.parent / "__init__.py", inner / "__init__.py", inner / "setup.cfg"):
        path.touch()
    (tmp_path / "common.py").write_text(FILES["pkg/common.py"], encoding="utf-8")
    text = b"from common import *\nLambda(f)"
    assert not is_candidate(text, str(inner / "m.py"))
    (inner.parents[1] / "near.py").write_text(FILES["pkg/common.py"], encoding="utf-8")
    assert is_candidate(text.replace(b"common", b"near"), str(inner / "m.py"))
