"""The Keras of this process and its backend, under one face: the only place that knows tensors, gradients and compilation."""

from __future__ import annotations

import importlib
import os
import sys
from abc import ABC, abstractmethod
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_lambda_lint.verify.child.old_paths import OldPaths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Forward = Callable[[list[Any]], Any]
    """Computes outputs, nested in any way, from a flat list of tensors."""

BACKENDS = ("tensorflow", "jax", "torch")


class Framework(ABC):
    """Modules and classes of the Keras that this process runs, and what differs between backends."""

    backend: str
    """One of `BACKENDS`."""
    nest: Any
    """`flatten`, `map_structure` and `pack_sequence_as` for nested lists, tuples and dictionaries."""

    def __init__(self, keras: Any, *, is_legacy: bool) -> None:
        self.keras = keras
        self.is_legacy = is_legacy
        self.Layer = keras.layers.Layer
        self.Model = keras.Model
        self.Sequential = keras.Sequential
        self.Lambda = keras.layers.Lambda
        self.Embedding = keras.layers.Embedding
        self.load_model = keras.models.load_model
        """The real one: scripts see another."""
        self.save_model = keras.models.save_model
        """The real one, as all here."""
        self.save_weights = keras.Model.save_weights
        self.load_weights = keras.Model.load_weights

    @property
    def title(self) -> str:
        """Name and version, for people."""
        name = "tf_keras" if self.is_legacy else "keras"
        return f"{name} {self.keras.__version__} / {self.backend} {importlib.import_module(self.backend).__version__}"

    def save_h5(self, model: Any, path: str) -> None:
        """Save a whole model in HDF5."""
        self.save_model(model, path)

    def export(self, model: Any, path: str) -> None:
        """Write a SavedModel, which TensorFlow alone has."""
        raise NotImplementedError(self.backend)

    def serve(self, path: str) -> Any:
        """Return what a SavedModel is called by."""
        raise NotImplementedError(self.backend)

    def flatten(self, structure: Any) -> list[Any]:
        """Return the leaves of nested lists, tuples and dictionaries."""
        return list(self.nest.flatten(structure))

    def mask(self, tensor: Any) -> Any:
        """Return the mask that Keras attached to a tensor, or None."""
        return getattr(tensor, "_keras_mask", None)

    def mean(self, tensor: Any) -> Any:
        """Return the mean of all elements."""
        return (self.keras.backend if self.is_legacy else self.keras.ops).mean(tensor)

    def set_mask(self, tensor: Any, mask: Any) -> None:
        """Attach a mask to a tensor, as a layer that makes masks does."""
        tensor._keras_mask = mask

    def is_variable(self, value: Any) -> bool:
        """Return whether a value is a variable of Keras or of the backend."""
        return isinstance(value, self.keras.Variable)

    def raw(self, variable: Any) -> Any:
        """Return the object that stands for a variable: the same one however often, and by whatever name, it is held."""
        return variable

    def value(self, raw: Any) -> Any:
        """Return the value of a variable as an array."""
        return np.asarray(raw)

    def assign(self, raw: Any, value: Any) -> None:
        """Set the value of a variable, in the variable's dtype."""
        raw.assign(value)

    def trains(self, variable: Any) -> bool:
        """Return whether a variable, or what stands for it, may be trained."""
        return bool(variable.trainable)

    def dtype(self, value: Any) -> str:
        """Return the name of the dtype of a tensor or variable."""
        dtype = value.dtype
        return str(getattr(getattr(dtype, "base_dtype", dtype), "name", dtype)).removeprefix("torch.")

    def is_floating(self, value: Any) -> bool:
        """Return whether a tensor or variable holds real numbers, which have gradients."""
        return self.dtype(value).startswith(("float", "bfloat"))

    @abstractmethod
    def gpus(self) -> int:
        """Return how many GPUs the backend sees."""

    def keep_compiled(self, directory: Path) -> tuple[Path, ...]:  # noqa: ARG002 - for those that keep it
        """Keep what is compiled below a directory, for later processes; return where this process has to write for that."""
        return ()

    @abstractmethod
    def placed(self, device: str) -> AbstractContextManager[Any]:
        """Return a context that runs everything on `cpu`, `cpu:1` (of several logical ones) or `gpu:0`.

        On a GPU: no TF32, deterministic operations, memory as it is needed.
        """

    @contextmanager
    def in_mixed_precision(self, layer: Any) -> Iterator[None]:
        """Let a layer compute in half precision while the body runs; its variables stay as they are."""
        before = layer.dtype_policy
        self._set_policy(layer, self.keras.mixed_precision.Policy("mixed_float16"))
        attributes = vars(layer)
        kept = {name: attributes[name] for name in self._not_cast(layer)}
        for name, variable in kept.items():
            attributes[name] = self._cast(variable)
        try:
            yield
        finally:
            attributes.update(kept)
            self._set_policy(layer, before)

    def _not_cast(self, layer: Any) -> list[str]:
        """Return the attributes that hold weights which a layer of tf_keras would have cast, had it been made with the policy."""
        if not self.is_legacy:
            return []
        own = {id(weight) for weight in layer.weights}
        floats = (name for name, value in vars(layer).items() if id(value) in own and value.dtype.is_floating)
        return [name for name in floats if not name.startswith("_")]

    def _cast(self, variable: Any) -> Any:
        create: Any = importlib.import_module("tf_keras.src.mixed_precision.autocast_variable").create_autocast_variable
        return create(variable)

    def _set_policy(self, layer: Any, policy: Any) -> None:
        if self.is_legacy:
            layer._set_dtype_policy(policy)
        else:
            layer.dtype_policy = policy

    @abstractmethod
    def device(self) -> str:
        """Return the name of the device that runs the models."""

    @abstractmethod
    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor."""

    @abstractmethod
    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a tensor that gradients can flow from."""

    def has_value(self, value: Any) -> bool:  # noqa: ARG002 - for those that trace
        """Return whether a tensor has a value now, and is not one of a computation that is being traced."""
        return True

    @abstractmethod
    def weighted_sum(self, tensor: Any, factors: Any) -> Any:
        """Return the sum of a tensor times an array of factors, in the highest precision that there is."""

    def compiled(self, forward: Forward) -> Forward | None:  # noqa: ARG002 - for those that compile
        """Return a computation as the backend compiles it by default; None where it does not."""
        return None

    def compiled_by_xla(self, forward: Forward) -> Forward | None:  # noqa: ARG002 - for those that compile
        """Return a computation compiled by XLA; None where `compiled` already is, or the backend knows no XLA."""
        return None

    @abstractmethod
    def gradients(
        self,
        forward: Forward,
        tensors: list[Any],
        variables: dict[str, Any],
        observed: AbstractContextManager[Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the outputs of `forward(tensors)`, and the gradients of a fixed weighted sum of them.

        Gradients are named `in/0`, `in/1` ... for tensors of real numbers and as in `variables` for those; one that is cut is
        None; there are none where no output can have any. A backend may run `forward` twice: `observed` is entered around
        the one run whose tensors have values.
        """

    def loss(self, outputs: Any) -> Any:
        """Return a fixed weighted sum of the outputs that have gradients; None where none has."""
        terms = [
            self.weighted_sum(output, np.random.default_rng(index).uniform(0.5, 1.5, output.shape))
            for index, output in enumerate(self.flatten(outputs))
            if self.is_tensor(output) and self.is_floating(output)
        ]
        return sum(terms[1:], terms[0]) if terms else None

    def sources(self, tensors: list[Any], variables: dict[str, Any]) -> tuple[dict[int, Any], dict[str, Any]]:
        """Return the tensors, by index, and the variables that can have gradients."""
        return (
            {index: tensor for index, tensor in enumerate(tensors) if self.is_floating(tensor)},
            {name: raw for name, raw in variables.items() if self.is_floating(raw)},
        )


def entered(observed: AbstractContextManager[Any] | None) -> AbstractContextManager[Any]:
    """Return the context to enter: one that does nothing where there is none."""
    return nullcontext() if observed is None else observed


def load(name: str, backend: str = "tensorflow") -> Framework:
    """Import `keras` or `tf_keras` with a backend, and return it. Runs no operation of the backend."""
    legacy = name == "tf_keras"
    os.environ["KERAS_BACKEND"] = backend
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if legacy else "0"
    module = importlib.import_module(f"keras_lambda_lint.verify.child.on_{backend}")
    loaded: Framework = module.load(importlib.import_module(name), is_legacy=legacy)
    return loaded


def alias_keras() -> None:
    """Make `import keras` give tf_keras: a file written for Keras 2 runs as it did."""
    for name, module in list(sys.modules.items()):
        if name == "tf_keras" or name.startswith("tf_keras."):
            sys.modules[name.removeprefix("tf_")] = module
    OldPaths().install()
