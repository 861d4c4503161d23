"""The matrix in examples/README.md: every example and every case is in it."""

from __future__ import annotations

import runpy
from pathlib import Path

MATRIX = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "cases_matrix.py"))
BEGIN, END, EXAMPLES, README = (MATRIX[name] for name in ("BEGIN", "END", "EXAMPLES", "README"))
NO_MODEL, PLACES, PROGRAMS, table = (MATRIX[name] for name in ("NO_MODEL", "PLACES", "PROGRAMS", "table"))


def test_every_example_is_in_the_matrix() -> None:
    matrix = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert all(place in matrix for place in PLACES), "run python -m benchmarks.cases_matrix"
    programs = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.py"))
    assert [name for name in programs if f"`{name}`" not in matrix] == []


def test_every_case_has_a_row() -> None:
    assert sorted({*PROGRAMS, *NO_MODEL}) == list(range(1, 17))


def test_cells_say_where_the_verdict_was_found() -> None:
    site = {"text": "agree (12 cases)"}
    found = [
        {
            "path": "examples/square.py",
            "keras": keras,
            "instead": instead,
            "sites": [site, site],
            "models": [],
            "notes": notes,
        }
        for keras, instead, notes in (
            ("keras 3.15.1 / tensorflow 2.21.0", None, []),
            ("tf_keras 2.21.0 / tensorflow 2.21.0", None, ["fixed for this Keras alone, as `check --keras 2` does"]),
            ("keras / jax", {"text": "uncovered (uses TensorFlow: tf.exp, line 3)"}, []),
        )
    ]
    row = next(line for line in table(found).splitlines() if "`square.py`" in line)
    assert row.split(" | ")[2:5] == [
        "2 × agree",
        "2 × agree; fixed by `check --keras 2`",
        "uncovered (uses TensorFlow: tf.exp, line 3)",
    ]
