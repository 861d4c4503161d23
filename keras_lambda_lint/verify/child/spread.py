"""How the layers of sites behave when their noise is not recorded: whether it is new at every call, and how it spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.record import Recording, plain

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.verify.child.noise import Noise

RUNS = 64


def observe(noise: Noise, path: str, run: Any, turns: list[tuple[str, str]], file: Path) -> dict[str, Any]:
    """Return what running each layer again and again gives: `run(key, turn)` returns its outputs.

    `fresh` holds the keys of layers whose outputs change from call to call. Of those that do so under recorded noise too, mean
    and deviation of the outputs are recorded.
    """
    fresh: list[str] = []
    recording = Recording()
    for key, turn in turns:
        with Attempt(path):
            with noise.real():
                changes = _differ(_arrays(run(key, turn)), _arrays(run(key, turn)))
            if changes and key not in fresh:
                fresh.append(key)
            if changes and _differ(_arrays(run(key, turn)), _arrays(run(key, turn))):
                with noise.real():
                    drawn = [_arrays(run(key, turn)) for _ in range(RUNS)]
                for index, samples in enumerate(zip(*drawn, strict=True)):
                    stacked = np.stack(samples).astype("float64")
                    recording.add(f"{key}/{turn}/{index}/mean", stacked.mean(axis=0))
                    recording.add(f"{key}/{turn}/{index}/deviation", stacked.std(axis=0))
    return {"fresh": fresh, "spread": recording.write(file)}


def _arrays(outputs: list[Any]) -> list[Any]:
    return [plain(output) for output in outputs]


def _differ(one: list[Any], other: list[Any]) -> bool:
    return any(not np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other, strict=True))
