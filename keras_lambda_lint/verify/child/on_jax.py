"""Keras 3 on JAX."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.framework import Framework, entered

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from keras_lambda_lint.verify.child.framework import Forward


class Jax(Framework):
    """JAX as the backend."""

    backend = "jax"

    def __init__(self, keras: Any) -> None:
        super().__init__(keras, is_legacy=False)
        self.nest = keras.tree
        self.jax = importlib.import_module("jax")
        # No public name: JAX arrays take no attributes, so Keras keeps their masks in a table of its own.
        self._masking = importlib.import_module("keras.src.backend.common.masking")

    def mask(self, tensor: Any) -> Any:
        """Return the mask that Keras attached to a tensor, or None."""
        return self._masking.get_keras_mask(tensor)

    def gpus(self) -> int:
        """Return how many GPUs JAX sees."""
        return sum(device.platform != "cpu" for device in self.jax.devices())

    def keep_compiled(self, directory: Path) -> tuple[Path, ...]:
        """Keep each compiled computation on disk: JAX compiles the body of a loop anew whenever it is called, and in each process.

        With a small `LSTM` that is more than half of the time.
        """
        kept = directory / "compiled"
        kept.mkdir(exist_ok=True)
        self.jax.config.update("jax_compilation_cache_dir", str(kept))
        self.jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        self.jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        return (kept,)

    def placed(self, device: str) -> AbstractContextManager[Any]:
        """Return a context that runs everything on a device; what a GPU needs besides is in the environment."""
        kind, _, index = device.partition(":")
        if kind == "gpu":
            self.jax.config.update("jax_default_matmul_precision", "highest")
        elif not index:
            return nullcontext()
        placed: AbstractContextManager[Any] = self.jax.default_device(self.jax.devices(kind)[int(index or 0)])
        return placed

    def set_mask(self, tensor: Any, mask: Any) -> None:
        """Attach a mask to a tensor."""
        self._masking.set_keras_mask(tensor, mask)

    def device(self) -> str:
        """Return the name of the device that runs the models: of the card for a GPU."""
        device = next(iter(self.jax.numpy.zeros(1).devices()))
        if device.platform == "cpu":
            return f"CPU:{device.id}" if device.id else "CPU"
        return f"{device.device_kind} (GPU:{device.id})"

    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor: 64 bits become 32, as everywhere in JAX."""
        return self.jax.numpy.asarray(array)

    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a tensor."""
        return isinstance(value, self.jax.Array)

    def has_value(self, value: Any) -> bool:
        """Return whether a tensor has a value now: inside a loop of JAX, as of a recurrent layer, none has."""
        return not isinstance(value, self.jax.core.Tracer)

    def weighted_sum(self, tensor: Any, factors: Any) -> Any:
        """Return the sum of a tensor times an array of factors, in float32."""
        return self.jax.numpy.sum(tensor.astype("float32") * factors.astype("float32"))

    def compiled(self, forward: Forward) -> Forward | None:
        """Return a computation that is traced and compiled anew at each call: it reads variables, which change."""
        return lambda tensors: self.jax.jit(lambda given: forward(given))(tensors)

    def gradients(
        self,
        forward: Forward,
        tensors: list[Any],
        variables: dict[str, Any],
        observed: AbstractContextManager[Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Return outputs, from a run as it is, and gradients, from a run before that as a function of the variables."""
        inputs, variables = self.sources(tensors, variables)

        def loss(given: dict[int, Any], values: dict[str, Any]) -> Any:
            merged = [given.get(index, tensor) for index, tensor in enumerate(tensors)]
            with self.keras.StatelessScope([(variables[name], value) for name, value in values.items()]):
                total = self.loss(forward(merged))
            return 0.0 if total is None else total

        gradients: dict[str, Any] = {}
        if inputs or variables:
            values = {name: raw.value for name, raw in variables.items()}
            of_inputs, of_variables = self.jax.grad(loss, argnums=(0, 1))(inputs, values)
            gradients = {f"in/{index}": value for index, value in of_inputs.items()} | of_variables
        with entered(observed):
            outputs = forward(tensors)
        return outputs, gradients if self.loss(outputs) is not None else {}


def load(keras: Any, *, is_legacy: bool) -> Jax:
    """Return the framework for Keras 3 on JAX; tf_keras has no such backend."""
    assert not is_legacy
    return Jax(keras)
