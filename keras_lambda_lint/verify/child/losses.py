"""What the losses that a model was compiled with say of its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.record import plain

if TYPE_CHECKING:
    from keras_lambda_lint.verify.child.measure import Subject
    from keras_lambda_lint.verify.child.record import Recording


def run(subject: Subject, arrays: list[Any], recording: Recording) -> None:
    """Record the mean of each loss over made-up targets of the outputs' shapes, and its gradient; nothing where there is none.

    A function and the `Loss` that takes its place reduce differently: their means are equal.
    """
    framework = subject.framework
    losses = [each for each in framework.flatten(getattr(subject.model, "loss", None) or []) if each is not None]
    if not losses:
        return
    outputs = [framework.tensor(plain(each)) for each in framework.flatten(subject.call(arrays))]
    for index, output in enumerate(outputs):
        loss = framework.keras.losses.get(losses[index if index < len(losses) else 0])
        targets = framework.tensor(np.random.default_rng(index).uniform(size=output.shape).astype(plain(output).dtype))

        def mean(given: list[Any], loss: Any = loss, targets: Any = targets) -> Any:
            return framework.mean(loss(targets, given[0]))

        value, gradients = framework.gradients(mean, [output], {})
        recording.add(f"loss/{index}", value)
        recording.add(f"loss/grad/{index}", gradients.get("in/0"))
