"""Every program of the rule fixtures is executed: what the rules say is true, and what the fixes promise holds.

One process per flavour of Keras runs all programs: `keras` is Keras 3, `tf_keras` is Keras 2.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from harness import execute
from harness.fixtures import Block, blocks, neighbours
from harness.variants import SPELLINGS

from keras_lambda_lint.diagnostic import IntendedChange

pytestmark = [
    pytest.mark.execution,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs the verify extra"),
]

_ONLY_KERAS_3 = re.compile(
    r"keras\.(?:ops|saving|Variable)|from keras import (?:.*\b)?ops\b|from keras\.saving|keras\.backend\.backend"
)

EXECUTED = [block for block in blocks() if "unrun" not in block.attributes and block.options.keras != "2"]
FIXED = [block for block in EXECUTED if block.fixed is not None]


NOT_RELOADED = {f"KLL{number}" for number in (101, 102, 104, 105, 106, 107, 108, 110)}
"""The rules that say of a model that Keras 3 cannot load it."""


def on_keras_2(block: Block, code: str | None = None) -> bool:
    """Return whether a program, or its fixed one, can run on Keras 2."""
    if block.options.fix_style == "function":
        return False
    code = block.code if code is None else code
    return not _ONLY_KERAS_3.search(code) and "from tensorflow.keras" not in code


@cache
def outcomes(flavour: str) -> dict[str, Any]:
    """Return the outcomes of all programs by the name of their block, with `:fixed` after the name of a fixed one."""
    respell = SPELLINGS["tf_keras"] if flavour == "tf_keras" else str
    programs = {}
    for block in EXECUTED:
        if flavour == "keras" or on_keras_2(block):
            programs[block.name] = respell(block.code)
        if block.fixed is not None and (flavour == "keras" or on_keras_2(block, block.fixed.code)):
            programs[f"{block.name}:fixed"] = respell(block.fixed.code)
    assert execute.__file__ is not None
    ran = subprocess.run(
        [sys.executable, execute.__file__, flavour],
        input=json.dumps(
            {
                "programs": programs,
                "neighbours": {name: respell(text) for name, text in neighbours().items()},
                "changed": {
                    f"{block.name}:fixed": {name: respell(text) for name, text in block.fixed.files.items()}
                    for block in FIXED
                    if block.fixed is not None and block.fixed.files
                },
            }
        ),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=Path(execute.__file__).parent.parent,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) or isinstance(other, list):
        return (
            isinstance(one, list) and isinstance(other, list) and len(one) == len(other) and all(map(equal, one, other))
        )
    return bool(one == pytest.approx(other, rel=1e-6, abs=1e-6))


@pytest.mark.parametrize("block", EXECUTED, ids=repr)
def test_runs_unless_it_says_that_it_fails(block: Block) -> None:
    outcome = outcomes("keras")[block.name]
    assert block.attributes.get("fails", "") in outcome.get("error", "")
    assert ("error" in outcome) == ("fails" in block.attributes), outcome.get("error")


@pytest.mark.parametrize("block", [b for b in EXECUTED if "fails" not in b.attributes], ids=repr)
def test_what_is_reported_cannot_be_reloaded_and_what_is_not_can(block: Block) -> None:
    outcome = outcomes("keras")[block.name]
    reported = {marker.code for marker in block.expected} & NOT_RELOADED
    if outcome["built"]:
        assert reported or equal(outcome.get("reloaded"), outcome["outputs"]), outcome.get("reload_error")
        assert not reported or not equal(outcome.get("reloaded"), outcome["outputs"])


@pytest.mark.parametrize("flavour", ["keras", "tf_keras"])
@pytest.mark.parametrize("block", FIXED, ids=repr)
def test_the_fixed_program_computes_the_same_and_reloads(block: Block, flavour: str) -> None:
    assert block.fixed is not None
    if flavour == "tf_keras" and not (on_keras_2(block) and on_keras_2(block, block.fixed.code)):
        assert {block.name, f"{block.name}:fixed"} - set(outcomes(flavour))
        return
    bad, good = outcomes(flavour)[block.name], outcomes(flavour)[f"{block.name}:fixed"]
    assert "error" not in good, good["error"]
    if not good["built"]:
        return
    assert "reload_error" not in good, good["reload_error"]
    assert equal(good["reloaded"], good["outputs"])
    if "error" in bad:
        assert IntendedChange.REPAIRS_CRASH in block.fixed.intended
        return
    binds = IntendedChange.BINDS_LOOP_VALUE in block.fixed.intended
    assert equal(good["outputs"], bad["outputs"]) is not binds
    tracked = flavour == "tf_keras" and "KLL208" in {marker.code for marker in block.expected}
    trains = IntendedChange.TRAINS_WEIGHT in block.fixed.intended and not tracked
    assert (good["trainable"] > bad["trainable"]) is trains


REPAIRED = [
    block
    for block in FIXED
    if block.fixed is not None
    and IntendedChange.REPAIRS_CRASH in block.fixed.intended
    and on_keras_2(block)
    and not on_keras_2(block, block.fixed.code)
]


@pytest.mark.parametrize("block", REPAIRED, ids=repr)
def test_what_is_repaired_computes_on_keras_3_what_the_original_did_on_keras_2(block: Block) -> None:
    bad, good = outcomes("tf_keras")[block.name], outcomes("keras")[f"{block.name}:fixed"]
    assert "error" not in bad, bad["error"]
    assert good["trainable"] == bad["trainable"] == 0
    assert equal(good["outputs"], bad["outputs"])
