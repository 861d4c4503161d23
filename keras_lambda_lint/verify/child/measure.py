"""Runs a model on its inputs and records everything that can be compared."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

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
        self.weights: dict[str, Any] = {}
        """Variables that both models have, by the original's index: compared and trained."""
        self.special: dict[str, Any] = {}
        """Variables that the original captures, or the weights that replace them, by site key and turn."""

    def call(self, arrays: list[Any], **options: Any) -> Any:
        """Return the outputs of the model for one array per input."""
        return self.model(*self.signature.pack([self.tensor(array) for array in arrays]), **options)

    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor."""
        return self.framework.tf.constant(array)

    def run(self, arrays: list[Any], recording: Recording, *, weights: bool) -> dict[str, Any]:
        """Record outputs of all layers and of the model, their masks, and gradients; return the sites' calls."""
        tensors = [self.tensor(array) for array in arrays]
        sources = self._sources(tensors, weights=weights)
        calls: dict[str, Any] = {}
        with self.framework.tf.GradientTape() as tape:
            tape.watch(list(sources.values()))
            with self._observed(recording, calls):
                outputs = self.model(*self.signature.pack(list(tensors)))
            loss = self._loss(outputs)
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"out/{index}", output)
            recording.add(f"mask/{index}", getattr(output, "_keras_mask", None))
        recording.add("losses/sum", sum((float(np.sum(each)) for each in self.model.losses), np.float32(0)))
        self._gradients(tape, loss, sources, recording, "grad/")
        return calls

    def run_layer(
        self, key: str, turn: str, values: list[Any], structure: Any, recording: Recording, *, training: bool = False
    ) -> None:
        """Record outputs and gradients of one layer of a site on given inputs, apart from its model and its noise."""
        tf = self.framework.tf
        tensors = [self.tensor(value) for value in values]
        sources = {f"in/{index}": tensor for index, tensor in enumerate(tensors) if tensor.dtype.is_floating}
        for name, raw in self.special.items():
            if name.startswith(f"{key}:") and raw.dtype.is_floating:
                sources[f"v/{name}"] = raw
        options = {"training": True} if training else {}
        with tf.GradientTape() as tape:
            tape.watch(list(sources.values()))
            outputs = self.layers[key](packed(structure, tensors), **options)
            loss = self._loss(outputs)
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"local/{key}/{turn}/out/{index}", output)
        self._gradients(tape, loss, sources, recording, f"local/{key}/{turn}/grad/")

    def run_compiled(self, arrays: list[Any], recording: Recording) -> None:
        """Record outputs and gradients of the model inside `tf.function`."""
        compiled = self.framework.tf.function(lambda *flat: self.model(*self.signature.pack(list(flat))))
        tensors = [self.tensor(array) for array in arrays]
        sources = self._sources(tensors, weights=True)
        with self.framework.tf.GradientTape() as tape:
            tape.watch(list(sources.values()))
            outputs = compiled(*tensors)
            loss = self._loss(outputs)
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"compiled/out/{index}", output)
        self._gradients(tape, loss, sources, recording, "compiled/grad/")

    def run_training(self, arrays: list[Any], recording: Recording, name: str = "training") -> None:
        """Record the outputs with `training=True`; state that this moves is put back."""
        before = self._values()
        outputs = self.call(arrays, training=True)
        for index, output in enumerate(self.framework.flatten(outputs)):
            recording.add(f"{name}/{index}", output)
        self._put_back(before)

    def train(self, arrays: list[Any], recording: Recording) -> None:
        """Record the common weights after some steps of gradient descent on them alone; put them back."""
        tf = self.framework.tf
        before = self._values()
        raw = {key: weight.raw for key, weight in self.weights.items() if weight.trainable}
        for _ in range(_STEPS if raw else 0):
            with tf.GradientTape() as tape:
                tape.watch(list(raw.values()))
                loss = self._loss(self.call(arrays))
            gradients = tape.gradient(loss, list(raw.values())) if loss is not None else [None] * len(raw)
            pairs = [
                (v, tf.convert_to_tensor(g)) for v, g in zip(raw.values(), gradients, strict=True) if g is not None
            ]
            norm = sum(float(tf.reduce_sum(tf.square(tf.cast(g, "float64")))) for _, g in pairs) ** 0.5
            for variable, gradient in pairs:
                variable.assign_sub(tf.cast(_LENGTH_OF_STEP / max(norm, 1e-12), gradient.dtype) * gradient)
        for key, variable in raw.items():
            recording.add(f"trained/{key}", variable)
        for index, output in enumerate(self.framework.flatten(self.call(arrays))):
            recording.add(f"trained/out/{index}", output)
        self._put_back(before)

    def _sources(self, tensors: list[Any], *, weights: bool) -> dict[str, Any]:
        """Return what gradients are taken with respect to, by name."""
        sources = {f"in/{index}": tensor for index, tensor in enumerate(tensors) if tensor.dtype.is_floating}
        sources |= {f"v/{key}": raw for key, raw in self.special.items() if raw.dtype.is_floating}
        if weights:
            sources |= {f"w/{key}": weight.raw for key, weight in self.weights.items() if weight.trainable}
        return sources

    def _values(self) -> list[tuple[Any, Any]]:
        return [(raw, raw.numpy()) for raw in map(self.framework.raw, self.model.variables)]

    def _put_back(self, values: list[tuple[Any, Any]]) -> None:
        for variable, value in values:
            variable.assign(value)

    def _loss(self, outputs: Any) -> Any:
        """Return a fixed weighted sum of the outputs that have gradients; None where none has."""
        tf = self.framework.tf
        terms = []
        for index, output in enumerate(self.framework.flatten(outputs)):
            if isinstance(output, tf.Tensor) and output.dtype.is_floating:
                factors = np.random.default_rng(index).uniform(0.5, 1.5, output.shape)
                terms.append(tf.reduce_sum(tf.cast(output, "float64") * factors))
        return tf.add_n(terms) if terms else None

    def _gradients(self, tape: Any, loss: Any, sources: dict[str, Any], recording: Recording, prefix: str) -> None:
        if loss is None or not sources:
            return
        for name, gradient in zip(sources, tape.gradient(loss, list(sources.values())), strict=True):
            recording.add(prefix + name, gradient)

    @contextmanager
    def _observed(self, recording: Recording, calls: dict[str, Any]) -> Iterator[None]:
        """Record the outputs of each layer while the body runs, and what the layers of the sites were given."""
        turns: dict[str, int] = {}

        def observe(layer: Any, args: tuple[Any, ...], outputs: Any) -> None:
            key = self.layer_keys.get(id(layer))
            if key is None or layer is self.model:
                return
            turn = turns[key] = turns.get(key, -1) + 1
            if turn >= _CALLS:
                return
            for index, output in enumerate(self.framework.flatten(outputs)):
                recording.add(f"layer/{key}/{turn}/{index}", output)
                if key in self.layers:
                    recording.add(f"layer/{key}/{turn}/{index} mask", getattr(output, "_keras_mask", None))
            if key in self.layers and args:
                flat = [plain(value) for value in self.framework.flatten(args[0])]
                calls[f"{key}/{turn}"] = (key, turn, flat, structure_of(args[0]))

        before, self.tracer.observer = self.tracer.observer, observe
        try:
            yield
        finally:
            self.tracer.observer = before


def structure_of(value: Any) -> Any:
    """Return the nesting of a layer's inputs as JSON: None for one tensor, a list, or a dictionary."""
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
