"""How long `verify` takes, as a ratio to importing TensorFlow and Keras and building the model twice.

python -m benchmarks.verify_speed [RUNS]     prints the table of verify_speed.md: the shortest of RUNS runs (3 by default), taken in turns
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = [
    ROOT / "examples" / f"{name}.py"
    for name in (
        "square take_step nested_function captured_variable compiled_function"
        " declared_shape function_layers submodels untracked_attribute wrong_custom_object"
    ).split()
]
_BASE = """
import runpy, sys
sys.path.insert(0, {root!r})
import tensorflow, keras
from keras_lambda_lint.verify.child import recorders
from keras_lambda_lint.verify.child.framework import load
from keras_lambda_lint.verify.child.trace import Tracer
framework = load("keras")
recorders.install(framework, Tracer(framework, "", ()))
for _ in range(2):
    runpy.run_path({path!r}, run_name="__main__")
"""
"""Training and saving are replaced as in the verifier: building alone is measured."""


class Taken(NamedTuple):
    """Seconds of a command."""

    time: float
    processor: float
    """Of all its processes: tells more on a machine that others use too."""


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    commands = {
        "": [[sys.executable, "-c", _BASE.format(root=str(ROOT), path=str(EXAMPLES[0]))]],
        "`verify` of one example": [_verify(EXAMPLES[:1])],
        "`verify` of ten examples at once": [_verify(EXAMPLES)],
        "the same ten, one command each": [_verify([example]) for example in EXAMPLES],
    }
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, each in commands.items():
            taken[name].append(Taken(*map(sum, zip(*map(_taken, each), strict=True))))
    reference = shortest(taken.pop(""))
    print("| × importing TensorFlow and building the model twice | time | processor time |")
    print("|---|---|---|")
    for name, each in taken.items():
        best = shortest(each)
        print(f"| {name} | {best.time / reference.time:.2f} | {best.processor / reference.processor:.2f} |")


def shortest(runs: list[Taken]) -> Taken:
    """Return the least of some runs, of each number apart: others use the machine too, and only ever lengthen a run."""
    return Taken(*map(min, zip(*runs, strict=True)))


def _verify(paths: list[Path]) -> list[str]:
    return [sys.executable, "-m", "keras_lambda_lint", "verify", *map(str, paths)]


def _taken(command: list[str]) -> Taken:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Taken(time.perf_counter() - start, processor)


if __name__ == "__main__":
    main()
