"""A short run of the fuzzers in benchmarks/fuzz, with a seed: broken promises of the readers show here first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MUTATIONS = Path(__file__).parents[2] / "benchmarks" / "fuzz" / "mutations.py"
TRIES = {
    "reader": 3000,
    "decompiler": 600,
    "archive": 1500,
    "saved_model": 1500,
    "json_text": 1500,
    "yaml_text": 800,
    "shapes": 600,
    "hdf5": 4,
}


@pytest.mark.slow
@pytest.mark.parametrize("target", TRIES)
def test_no_promise_is_broken(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", str(MUTATIONS), target, "--seed", "1", "--tries", str(TRIES[target])]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    assert f"{target}: {TRIES[target]} inputs" in ran.stdout
