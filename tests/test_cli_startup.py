"""What a run imports: this decides what it costs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HIT = "from keras.layers import Lambda\nx = Lambda(lambda t: t * 2, name='double')\n"

CHECK = "from keras_lambda_lint.cli import main; main({argv!r})"
FLAKE8 = "from flake8.main.cli import main; main({argv!r})"
ENDS = "; import sys; print(*sorted(sys.modules), file=sys.stderr)"


def imported(project: Path, program: str, *argv: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program.format(argv=list(argv)) + ENDS],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stderr.rsplit("\n", 2)[-2].split())


def test_a_file_without_candidates_costs_no_heavy_import(project: Path) -> None:
    (project / "m.py").write_text("import numpy\n", encoding="utf-8")
    (project / "pyproject.toml").write_text("[project]\nname = 'keras'\n", encoding="utf-8")
    loaded = imported(project, CHECK, "check", "m.py")
    heavy = {"ast", "dataclasses", "tokenize", "tomllib", "tomli", "configparser", "json", "logging", "difflib"}
    assert not loaded & {
        *heavy,
        "libcst",
        "tensorflow",
        "keras_lambda_lint.rules",
        "keras_lambda_lint.linter",
    }


def test_a_notebook_without_a_mention_of_keras_is_not_even_read_as_json(project: Path) -> None:
    (project / "nb.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "import numpy"', encoding="utf-8")
    loaded = imported(project, CHECK, "check", "nb.ipynb")
    assert not loaded & {"ast", "json", "dataclasses", "tokenize", "keras_lambda_lint.source.notebook"}


def test_a_notebook_without_candidates_is_not_parsed(project: Path) -> None:
    cell = '{"cell_type": "code", "source": "import keras"}'
    (project / "nb.ipynb").write_text('{"nbformat": 4, "cells": [' + cell + "]}", encoding="utf-8")
    loaded = imported(project, CHECK, "check", "nb.ipynb")
    assert not loaded & {"ast", "dataclasses", "tokenize", "difflib", "keras_lambda_lint.linter"}


def test_a_finding_imports_only_what_shows_it(project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    loaded = imported(project, CHECK, "check", "m.py")
    assert "keras_lambda_lint.rewrite" in loaded
    assert not loaded & {"json", "difflib", "tempfile", "tomllib", "tomli", "configparser", "logging"}
    formats = {name for name in loaded if name.startswith("keras_lambda_lint.report.as_")}
    assert formats == {"keras_lambda_lint.report.as_text"}
    assert not loaded & {f"keras_lambda_lint.commands.{name}" for name in ("baseline", "diff_base", "adding_noqa")}


def test_check_never_imports_tensorflow_nor_the_verifier(project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    for options in ([], ["--diff"], ["--fix"]):
        loaded = imported(project, CHECK, "check", *options, "m.py")
        assert "keras_lambda_lint.linter" in loaded
        assert not {name for name in loaded if name.split(".")[0] in ("tensorflow", "keras", "tf_keras", "numpy")}
        assert "keras_lambda_lint.verify" not in loaded


def test_flake8_imports_neither_tensorflow_nor_libcst(project: Path) -> None:
    (project / "m.py").write_text(HIT, encoding="utf-8")
    loaded = imported(project, FLAKE8, "--isolated", "-j1", "--select=KLL", "m.py")
    assert "keras_lambda_lint.linter" in loaded
    assert not loaded & {"tensorflow", "keras", "tf_keras", "libcst", "keras_lambda_lint.verify"}
