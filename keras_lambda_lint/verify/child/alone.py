"""Runs the layers of sites apart from their models: as they are called, in training, compiled, in other precision, masked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child import declared
from keras_lambda_lint.verify.child.failure import Attempt
from keras_lambda_lint.verify.child.inputs import larger, mask_of
from keras_lambda_lint.verify.child.measure import add_gradients, packed, structure_of
from keras_lambda_lint.verify.child.record import OF_KERAS, read

if TYPE_CHECKING:
    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.measure import Subject
    from keras_lambda_lint.verify.child.record import Recording
    from keras_lambda_lint.verify.child.trace import Spec


class Alone:
    """A layer of a site, and what it was called with: enough for a model that holds nothing else."""

    def __init__(self, framework: Framework, layer: Any, specs: Any) -> None:
        self._framework = framework
        self._specs = specs
        self.layers = [layer]

    def model(self) -> Any:
        """Return a model of the layer alone."""
        nested = self._framework.nest.map_structure(self._input, self._specs)
        return self._framework.Model(nested, self.layers[0](nested))

    def _input(self, spec: Spec) -> Any:
        return self._framework.keras.Input(batch_shape=spec.shape, dtype=spec.dtype)


def run_layers(
    subject: Subject,
    path: str,
    entry: dict[str, Any],
    recording: Recording,
    *,
    modes: bool,
    before: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Run each layer of a site alone on what the original's layer was given; with `modes`, in all modes too.

    With `before`, what an earlier run recorded, only a layer that did something else then runs in more than training mode.
    Return what failed, by key. What fails in another mode only is not among it: the recording then lacks that mode, and the
    original's decides whether it should be there.
    """
    given = read(entry["given"])
    failures: dict[str, Any] = {}
    for key, turn, structure, count in entry["structures"]:
        if subject.runs_alone(key):
            values = [given[f"{key}/{turn}/{index}"] for index in range(count)]
            run = _Run(subject, key, values, structure, recording)
            with Attempt(path) as attempt:
                run.plainly(turn)
                if modes:
                    run.plainly(f"{turn} training", training=True)
            if attempt.failure:
                failures[key] = attempt.failure
            elif modes and (before is None or not recording.repeats(before, f"local/{key}/{turn}")):
                _run_in_modes(run, turn, path)
                subject.told[f"{key}/{turn}"] = declared.of_layer(
                    subject.framework, subject.layers[key], packed(structure, values)
                )
    return failures


def _run_in_modes(run: _Run, turn: str, path: str) -> None:
    modes = [run.in_mixed_precision, run.masked, run.masked_in_training, run.on_more]
    for mode in [*modes, run.compiled] if turn.isdecimal() else modes:
        with Attempt(path):
            mode(turn)


class _Run:
    """One layer on one set of inputs."""

    def __init__(self, subject: Subject, key: str, values: list[Any], structure: Any, recording: Recording) -> None:
        self._subject = subject
        self._framework = subject.framework
        self._key = key
        self._layer = subject.layers[key]
        self._values = values
        self._structure = structure
        self._recording = recording

    def plainly(self, turn: str, *, training: bool = False) -> None:
        """Record outputs and gradients, apart from the model and its noise."""
        special = self._subject.special
        variables = {f"v/{name}": raw for name, raw in special.items() if name.startswith(f"{self._key}:")}
        options = {"training": True} if training else {}
        outputs, gradients = self._framework.gradients(
            lambda tensors: self._layer(packed(self._structure, tensors), **options), self._tensors(), variables
        )
        place = self._place(turn)
        self._recording.add(f"{place}/structure", np.array(json.dumps(structure_of(outputs))))
        self._add_outputs(outputs, place)
        add_gradients(gradients, self._recording, f"{place}/grad/")

    def in_mixed_precision(self, turn: str) -> None:
        """Record outputs and gradients where the layer computes in half precision."""
        with self._framework.in_mixed_precision(self._layer):
            self.plainly(f"{turn} mixed")

    def on_more(self, turn: str) -> None:
        """Record outputs and gradients of a larger batch."""
        before, self._values = self._values, larger(self._values)
        try:
            self.plainly(f"{turn} larger")
        finally:
            self._values = before

    def masked(self, turn: str, *, training: bool = False) -> None:
        """Record outputs and their masks where the inputs have masks.

        A layer of Keras that takes the place of a `Lambda` passes masks on: only that it is one is recorded.
        """
        layer, framework = self._layer, self._framework
        place = self._place(f"{turn} training masked" if training else f"{turn} masked")
        if type(layer).__module__.startswith(("keras.", "tf_keras.")) and not isinstance(layer, framework.Lambda):
            self._recording.add(f"{place}/{OF_KERAS}", np.array(True))
            return
        tensors = self._tensors()
        for tensor, value in zip(tensors, self._values, strict=True):
            if value.ndim > 1:
                framework.set_mask(tensor, self._framework.tensor(mask_of(value)))
        outputs = layer(packed(self._structure, tensors), **({"training": True} if training else {}))
        self._add_outputs(outputs, place)
        for index, output in enumerate(framework.flatten(outputs)):
            self._recording.add(f"{place}/mask/{index}", framework.mask(output))

    def masked_in_training(self, turn: str) -> None:
        """Record the same with `training=True`."""
        self.masked(turn, training=True)

    def compiled(self, turn: str) -> None:
        """Record outputs as the backend compiles them, in training and out of it; nothing where it does not."""
        for name, options in (("compiled", {}), ("compiled training", {"training": True})):

            def forward(tensors: list[Any], options: dict[str, bool] = options) -> Any:
                return self._layer(packed(self._structure, tensors), **options)

            compiled = self._framework.compiled(forward)
            if compiled is not None:
                self._add_outputs(compiled(self._tensors()), self._place(f"{turn} {name}"))

    def _tensors(self) -> list[Any]:
        return [self._subject.tensor(value) for value in self._values]

    def _place(self, turn: str) -> str:
        return f"local/{self._key}/{turn}"

    def _add_outputs(self, outputs: Any, place: str) -> None:
        for index, output in enumerate(self._framework.flatten(outputs)):
            self._recording.add(f"{place}/out/{index}", output)
