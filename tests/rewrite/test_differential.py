"""Hundreds of generated functions, executed in a `Lambda` and in the layer that takes its place: they compute the same.

One process per flavour of Keras runs all programs of a test: `keras` is Keras 3, `tf_keras` is Keras 2.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import bodies, execute
from harness.tool import fixed
from harness.variants import SPELLINGS

pytestmark = [
    pytest.mark.execution,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

FAMILIES = {"keras": ("ops", "tf"), "tf_keras": ("K", "tf")}
"""The functions that programs for each flavour use."""


def outcomes(flavour: str, programs: dict[str, str]) -> dict[str, Any]:
    """Return what becomes of each program, by name."""
    assert execute.__file__ is not None
    ran = subprocess.run(
        [sys.executable, execute.__file__, flavour],
        input=json.dumps({"programs": programs, "neighbours": {}, "changed": {}}),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        cwd=Path(execute.__file__).parent.parent,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def pairs(flavour: str, seeds: range) -> dict[str, str]:
    """Return the programs of both families, before the fix and after it under the same name with `:fixed`."""
    respell = SPELLINGS["tf_keras"] if flavour == "tf_keras" else str
    programs: dict[str, str] = {}
    for family in FAMILIES[flavour]:
        for seed in seeds:
            text = respell(bodies.program(seed, family))
            programs[f"{family} {seed}"] = text
            programs[f"{family} {seed}:fixed"] = fixed(text).source.text
    return programs


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == pytest.approx(other, rel=1e-6, abs=1e-6, nan_ok=True))


def calls(text: str) -> int:
    return len(re.findall(r"\bLambda\(", text))


def compare(flavour: str, seeds: range) -> None:
    programs = pairs(flavour, seeds)
    found = outcomes(flavour, programs)
    for name in (name for name in programs if not name.endswith(":fixed")):
        was, now = found[name], found[f"{name}:fixed"]
        assert "error" not in was, f"{name}: the program does not run: {was['error']}"
        assert "error" not in now, f"{name}: {now['error']}\n{programs[f'{name}:fixed']}"
        assert equal(was["outputs"], now["outputs"]), f"{name}\n{programs[name]}\n{programs[f'{name}:fixed']}"
        if not calls(programs[f"{name}:fixed"]):
            assert equal(now["outputs"], now.get("reloaded")), f"{name}: {now.get('reload_error')}"
    before, after = (
        sum(calls(text) for name, text in programs.items() if name.endswith(":fixed") is is_fixed)
        for is_fixed in (False, True)
    )
    assert after < before / 5, f"{after} of {before} layers are not rewritten: too little is compared"


@pytest.mark.parametrize("flavour", FAMILIES)
def test_generated_functions_compute_the_same_in_a_layer(flavour: str) -> None:
    compare(flavour, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("flavour", FAMILIES)
def test_many_generated_functions_compute_the_same_in_a_layer(flavour: str) -> None:
    compare(flavour, range(4, 24))
