"""Runs layers before and after a fix on the same inputs: `python execute_pair.py keras|tf_keras < cases.json`.

Prints one line of JSON per case: what differs and on how many inputs the two were compared, or which of them fails and why. A
process of its own: TensorFlow takes seconds to import, and a crash of its native code ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import tempfile
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from isolated_layer import Case, FailedError, Run, failing, x

from keras_lambda_lint.verify.child import framework as frameworks
from keras_lambda_lint.verify.tolerance import difference

if TYPE_CHECKING:
    from keras_lambda_lint.verify.child.framework import Framework

SECONDS = 60
"""The time that one case has."""
_MANY = 4096
"""Samples by which two random layers are compared."""
_AUTOMATIC = re.compile(r"lambda(?:_\d+)?")


def main(flavour: str) -> None:
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
    signal.signal(signal.SIGALRM, _too_long)
    cases: list[dict[str, Any]] = json.load(sys.stdin)
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        framework = frameworks.load(flavour)
        if framework.is_legacy:
            frameworks.alias_keras()
        for case in cases:
            signal.alarm(SECONDS)
            outcome = _outcome(framework, case)
            signal.alarm(0)
            print(json.dumps({"id": case["id"], **outcome}), file=stdout, flush=True)


def _outcome(framework: Framework, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a comparison found: `differences` and `computed`, or `original` or `fixed` with what ended it."""
    case = Case(framework, eval(given["inputs"], {"x": x}), given["values"], given["tf1"])
    try:
        before = case.run(given["original"])
        if not before.computed:
            raise FailedError(before.not_built or next(iter(before.failures.values())))
    except FailedError as error:
        return {"original": str(error), "repaired": _works(case, given["fixed"])}
    try:
        again = case.run(given["original"])
        other = case.run(given["original"], seed=8)
        after = case.run(given["fixed"])
    except FailedError as error:
        return {"fixed": str(error)}
    random = any(": output" in name for name in _differing(before, other))
    found = _differing(before, after)
    if random and found:
        found = _spread(case, before, after)
    noisy = {} if random else _differing(before, again)
    texts = [f"{name}: {text}" for name, text in found.items() if name not in noisy]
    texts += _undeclared(before, after) + _reloaded(case, after, random=random)
    if not _AUTOMATIC.fullmatch(before.layer.name) and before.layer.name != after.layer.name:
        texts.append(f"the name {before.layer.name} became {after.layer.name}")
    return {"differences": texts, "computed": before.computed, "random": random, "not_built": before.not_built}


def _works(case: Case, program: str) -> bool:
    try:
        return case.run(program).computed > 0
    except FailedError:
        return False


def _differing(before: Run, after: Run) -> dict[str, str]:
    """Return by name what differs; what the original could not do does not count."""
    found = {name: text for name, text in after.failures.items() if name not in before.failures}
    if before.not_built is None and after.not_built is not None:
        found["model"] = after.not_built
    for name, reference in before.arrays.items():
        if name.partition(":")[0] in after.failures or (name not in after.arrays and found.get("model")):
            continue
        other = after.arrays.get(name)
        if reference is None or other is None:
            if (reference is None) != (other is None):
                found[name] = "none became one" if reference is None else "is gone"
            continue
        text = difference(reference, other, reference.dtype.name, other.dtype.name)
        if text is not None:
            found[name] = str(text)
    return found


def _undeclared(before: Run, after: Run) -> list[str]:
    """Return where the fixed layer declares a shape or dtype that is not its output's, and the original did not."""
    texts = []
    for number, (shape, dtype) in enumerate(after.declared):
        actual = after.arrays.get(f"normal: output {number}")
        if actual is None or before.declared[number : number + 1] == [(shape, dtype)]:
            continue
        fits = len(shape) == actual.ndim and all(d in (None, a) for d, a in zip(shape, actual.shape, strict=True))
        if not fits or dtype != actual.dtype.name:
            texts.append(f"declares {shape} {dtype} and has {actual.shape} {actual.dtype.name}")
    return texts


def _reloaded(case: Case, after: Run, *, random: bool) -> list[str]:
    """Return how the saved and loaded layer fails or differs."""
    keras = case.framework.keras
    try:
        with failing("reloaded"), tempfile.TemporaryDirectory() as folder:
            if after.not_built is None:
                path = os.path.join(folder, "model.keras")
                after.call.save(path)
                again = case.framework.load_model(path, compile=False)
            else:
                again = keras.layers.deserialize(keras.layers.serialize(after.layer))
            outputs, copies = case.outputs(after.call, 7), case.outputs(again, 7)
    except FailedError as error:
        return [str(error)]
    pairs = zip(outputs, copies, strict=True)
    found = [difference(one, other, one.dtype.name, other.dtype.name) for one, other in pairs]
    return [] if random else [f"reloaded: {each}" for each in found if each is not None]


def _spread(case: Case, before: Run, after: Run) -> dict[str, str]:
    """Return where the mean or the spread of random outputs differs beyond chance."""
    found = {}
    runs = [case.outputs(run.call, 7, _MANY) for run in (before, after)]
    for number, (one, other) in enumerate(zip(*runs, strict=True)):
        if one.shape != other.shape or one.dtype != other.dtype:
            found[f"output {number}"] = f"{one.shape} {one.dtype} became {other.shape} {other.dtype}"
            continue
        sets = [each.reshape(_MANY if len(each) % _MANY == 0 else 1, -1).astype("float64") for each in (one, other)]
        spread = np.maximum(sets[0].std(axis=0), 1e-6)
        shift = np.abs(sets[0].mean(axis=0) - sets[1].mean(axis=0)) / spread
        ratio = np.abs(sets[1].std(axis=0) / spread - 1)
        if shift.max() > 0.15 or ratio.max() > 0.15:
            found[f"output {number}"] = f"another distribution: mean by {shift.max():.2f}, spread by {ratio.max():.2f}"
    return found


def _too_long(_number: int, _frame: Any) -> NoReturn:
    raise TimeoutError(f"more than {SECONDS} seconds")


if __name__ == "__main__":
    main(sys.argv[1])
