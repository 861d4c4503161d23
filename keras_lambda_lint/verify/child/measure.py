"""Runs a model on its inputs and records everything that can be compared."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.inputs import mask_of
from keras_lambda_lint.verify.child.record import Recording, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.inputs import Signature
    from keras_lambda_lint.verify.child.trace import Tracer

_CALLS = 4
"""Calls of one shared layer that are recorded."""
_STEPS = 3
_LENGTH_OF_STEP = 0.01


class Subject:
    """A model made ready for measuring: its signature, the keys of its layers, its variables in common order."""

    def __init__(
        self,
        framework: Framework,
        tracer: Tracer,
        model: Any,
        signature: Signature,
        layer_keys: dict[int, str],
        layers: dict[str, Any],
    ) -> None:
        self.framework = framework
        self.tracer = tracer
        self.model = model
        self.signature = signature
        self.layer_keys = layer_keys
        self.layers = layers
        """Layers of the sites in this model, by key."""
        self.rewired: frozenset[str] = frozenset()
        """Keys of sites whose layers are given something else than their originals."""
        self.told: dict[str, list[list[int | None]] | None] = {}
        """Shapes that the layers of sites tell of their outputs, by key and turn."""
        self.weights: dict[str, Any] = {}
        """Variables that both models have, by the original's index: compared and trained."""
        self.special: dict[str, Any] = {}
        """Variables that the original captures, or the weights that replace them, by site key and turn."""

    def runs_alone(self, key: str) -> bool:
        """Return whether a site's layer can be compared with its original apart from their models."""
        return key in self.layers and key not in self.rewired

    def call(self, arrays: list[Any], **options: Any) -> Any:
        """Return the outputs of the model for one array per input."""
        return self.model(*self.signature.pack([self.tensor(array) for array in arrays]), **options)

    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor."""
        return self.framework.tensor(array)

    def run(self, arrays: list[Any], recording: Recording, *, weights: bool) -> dict[str, Any]:
        """Record outputs of all layers and of the model, their masks, and gradients; return the sites' calls."""
        tensors = [self.tensor(array) for array in arrays]
        calls: dict[str, Any] = {}
        outputs, gradients = self.framework.gradients(
            self._forward, tensors, self._variables(weights=weights), self._observed(recording, calls)
        )
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"out/{index}", output)
            recording.add(f"mask/{index}", self.framework.mask(output))
        recording.add("structure", np.array(json.dumps(structure_of(outputs))))
        recording.add("losses/sum", sum((float(np.sum(plain(each))) for each in self.model.losses), np.float32(0)))
        add_gradients(gradients, recording, "grad/")
        return calls

    def run_compiled(self, arrays: list[Any], recording: Recording) -> None:
        """Record outputs and gradients of the model as the backend compiles it; nothing where it does not."""
        compiled = self.framework.compiled(self._forward)
        if compiled is None:
            return
        tensors = [self.tensor(array) for array in arrays]
        outputs, gradients = self.framework.gradients(compiled, tensors, self._variables(weights=True))
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"compiled/out/{index}", output)
        add_gradients(gradients, recording, "compiled/grad/")

    def run_by_xla(self, arrays: list[Any], recording: Recording) -> None:
        """Record outputs of the model compiled by XLA; nothing where the backend knows none."""
        compiled = self.framework.compiled_by_xla(self._forward)
        if compiled is None:
            return
        for index, output in enumerate(self.framework.flatten(compiled([self.tensor(array) for array in arrays]))):
            recording.add(f"xla/out/{index}", output)

    def run_masked(self, arrays: list[Any], recording: Recording) -> None:
        """Record the masks that the layers of sites give to their outputs where the model's inputs have masks."""
        tensors = [self.tensor(array) for array in arrays]
        for tensor, array in zip(tensors, arrays, strict=True):
            if array.ndim > 1:
                self.framework.set_mask(tensor, self.tensor(mask_of(array)))
        with self._observed(recording, {}, only_masks=True):
            self._forward(tensors)

    def run_training(self, arrays: list[Any], recording: Recording, name: str = "training") -> None:
        """Record the outputs with `training=True`; state that this moves is put back."""
        before = self._values()
        outputs = self.call(arrays, training=True)
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"{name}/{index}", output)
        self._put_back(before)

    def train(self, arrays: list[Any], recording: Recording) -> None:
        """Record the common weights after some steps of gradient descent on them alone; put them back."""
        before = self._values()
        variables = {key: weight.raw for key, weight in self.weights.items() if weight.trainable}
        tensors = [self.tensor(array) for array in arrays]
        for _ in range(_STEPS if variables else 0):
            _, gradients = self.framework.gradients(self._forward, tensors, variables)
            steps = {key: plain(gradients[key]) for key in variables if gradients.get(key) is not None}
            norm = sum(float(np.sum(np.square(each.astype("float64")))) for each in steps.values()) ** 0.5
            for key, step in steps.items():
                value = self.framework.value(variables[key])
                length = step.dtype.type(_LENGTH_OF_STEP / max(norm, 1e-12))
                self.framework.assign(variables[key], value - (length * step).astype(value.dtype))
        for key, variable in variables.items():
            recording.add(f"trained/{key}", variable)
        for index, output in enumerate(self.framework.flatten(self.call(arrays))):
            recording.add(f"trained/out/{index}", output)
        self._put_back(before)

    def _forward(self, tensors: list[Any]) -> Any:
        return self.model(*self.signature.pack(list(tensors)))

    def _variables(self, *, weights: bool) -> dict[str, Any]:
        """Return the variables that gradients are taken with respect to, by name."""
        variables = {f"v/{key}": raw for key, raw in self.special.items()}
        if weights:
            variables |= {f"w/{key}": weight.raw for key, weight in self.weights.items() if weight.trainable}
        return variables

    def _values(self) -> list[tuple[Any, Any]]:
        return [(raw, self.framework.value(raw)) for raw in map(self.framework.raw, self.model.variables)]

    def _put_back(self, values: list[tuple[Any, Any]]) -> None:
        for variable, value in values:
            self.framework.assign(variable, value)

    @contextmanager
    def _observed(self, recording: Recording, calls: dict[str, Any], *, only_masks: bool = False) -> Iterator[None]:
        """Record the outputs of each layer while the body runs, or the sites' masks, and what the layers of the sites were given."""
        turns: dict[str, int] = {}

        def observe(layer: Any, args: tuple[Any, ...], outputs: Any) -> None:
            key = self.layer_keys.get(id(layer))
            if key is None or layer is self.model:
                return
            if not all(map(self.framework.has_value, self.framework.flatten((args, outputs)))):
                return  # A loop or a compiled function is being traced.
            turn = turns[key] = turns.get(key, -1) + 1
            if turn >= _CALLS:
                return
            for index, output in enumerate(self.framework.flatten(outputs)):
                if only_masks and key in self.layers:
                    recording.add(f"masked/{key}/{turn}/{index}", self.framework.mask(output))
                if only_masks:
                    continue
                recording.add(f"layer/{key}/{turn}/{index}", output)
                if key in self.layers:
                    recording.add(f"layer/{key}/{turn}/{index} mask", self.framework.mask(output))
            if key in self.layers and args:
                flat = [plain(value) for value in self.framework.flatten(args[0])]
                calls[f"{key}/{turn}"] = (key, turn, flat, structure_of(args[0]))

        before, self.tracer.observer = self.tracer.observer, observe
        try:
            yield
        finally:
            self.tracer.observer = before


def add_gradients(gradients: dict[str, Any], recording: Recording, prefix: str) -> None:
    """Record gradients under their names."""
    for name, gradient in gradients.items():
        recording.add(prefix + name, gradient)


def structure_of(value: Any) -> Any:
    """Return the nesting of inputs or outputs as JSON: None for one tensor, a list, or a dictionary."""
    if isinstance(value, list | tuple):
        return [structure_of(item) for item in value]
    if isinstance(value, dict):
        return {key: structure_of(value[key]) for key in sorted(value)}
    return None


def packed(structure: Any, flat: list[Any]) -> Any:
    """Return tensors nested as `structure` says."""
    remaining = iter(flat)

    def build(part: Any) -> Any:
        if isinstance(part, list):
            return [build(item) for item in part]
        if isinstance(part, dict):
            return {key: build(item) for key, item in part.items()}
        return next(remaining)

    return build(structure)
