"""How the layers of sites behave when their noise is not recorded: whether it is new at every call, and how it spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.measure import packed
from keras_lambda_lint.verify.child.record import Recording, plain, read

if TYPE_CHECKING:
    from pathlib import Path

    from keras_lambda_lint.verify.child.measure import Subject
    from keras_lambda_lint.verify.child.noise import Noise

RUNS = 64


def observe(noise: Noise, subject: Subject, entry: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return what running each layer of a site again and again gives, on the inputs that an entry of a case names.

    `fresh` holds the keys of layers whose outputs change from call to call. Of those that do so under recorded noise too, mean
    and deviation of the outputs are recorded.
    """
    given = read(entry["given"])
    fresh: list[str] = []
    recording = Recording()
    for key, turn, structure, count in entry["structures"]:
        if not (subject.runs_alone(key) and turn.isdecimal()):
            continue
        with Attempt(str(file)):
            tensors = packed(structure, [subject.tensor(given[f"{key}/{turn}/{index}"]) for index in range(count)])

            def run(layer: Any = subject.layers[key], tensors: Any = tensors) -> list[Any]:
                outputs = layer(tensors, training=True)
                return [plain(output) for output in subject.framework.flatten(outputs)]

            with noise.real():
                changes = _differ(run(), run())
            if changes and key not in fresh:
                fresh.append(key)
            if changes and _differ(run(), run()):
                with noise.real():
                    drawn = [run() for _ in range(RUNS)]
                for index, samples in enumerate(zip(*drawn, strict=True)):
                    stacked = np.stack(samples).astype("float64")
                    recording.add(f"{key}/{turn}/{index}/mean", stacked.mean(axis=0))
                    recording.add(f"{key}/{turn}/{index}/deviation", stacked.std(axis=0))
    return {"fresh": fresh, "spread": recording.write(file)}


def _differ(one: list[Any], other: list[Any]) -> bool:
    return any(not np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other, strict=True))
