"""Keras 3 on PyTorch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.framework import Framework, entered

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from keras_lambda_lint.verify.child.framework import Forward


class Torch(Framework):
    """PyTorch as the backend: Keras runs it eagerly, also with `jit_compile="auto"`."""

    backend = "torch"

    def __init__(self, keras: Any) -> None:
        super().__init__(keras, is_legacy=False)
        self.nest = keras.tree
        self.torch = importlib.import_module("torch")

    def raw(self, variable: Any) -> Any:
        """Return the parameter behind a variable of Keras."""
        return variable.value if super().is_variable(variable) else variable

    def is_variable(self, value: Any) -> bool:
        """Return whether a value is a variable of Keras or a parameter of PyTorch."""
        return super().is_variable(value) or isinstance(value, self.torch.nn.Parameter)

    def value(self, raw: Any) -> Any:
        """Return the value of a parameter as an array of its own."""
        return self.keras.ops.convert_to_numpy(raw).copy()

    def assign(self, raw: Any, value: Any) -> None:
        """Set the value of a parameter."""
        with self.torch.no_grad():
            raw.copy_(self.keras.ops.convert_to_tensor(value, dtype=self.dtype(raw)))

    def trains(self, variable: Any) -> bool:
        """Return whether a variable, or what stands for it, may be trained."""
        return bool(variable.trainable if super().is_variable(variable) else variable.requires_grad)

    def gpus(self) -> int:
        """Return how many GPUs PyTorch sees."""
        return int(self.torch.cuda.device_count())

    def placed(self, device: str) -> AbstractContextManager[Any]:
        """Return a context that runs everything on a device."""
        kind, _, index = device.partition(":")
        if kind == "cpu":
            # PyTorch has one CPU. Under the name "cpu:0" Keras would copy each variable, and the copy is no parameter.
            placed: AbstractContextManager[Any] = self.keras.device("cpu")
        else:
            self.torch.backends.cuda.matmul.allow_tf32 = False
            self.torch.backends.cudnn.allow_tf32 = False
            self.torch.backends.cudnn.benchmark = False
            self.torch.use_deterministic_algorithms(True, warn_only=True)
            placed = self.keras.device(f"{kind}:{index or 0}")
        return placed

    def device(self) -> str:
        """Return the name of the device that runs the models: of the card for a GPU."""
        device = self.keras.ops.zeros(1).device
        if device.type == "cpu":
            return "CPU"
        return f"{self.torch.cuda.get_device_name(device)} (GPU:{device.index or 0})"

    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor."""
        return self.keras.ops.convert_to_tensor(array, dtype=array.dtype.name)

    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a tensor."""
        return isinstance(value, self.torch.Tensor)

    def weighted_sum(self, tensor: Any, factors: Any) -> Any:
        """Return the sum of a tensor times an array of factors, in float64."""
        return (tensor.double() * self.torch.from_numpy(factors).to(tensor.device)).sum()

    def gradients(
        self,
        forward: Forward,
        tensors: list[Any],
        variables: dict[str, Any],
        observed: AbstractContextManager[Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Return outputs and gradients, from one run that builds the graph."""
        inputs, variables = self.sources(tensors, variables)
        watched = {index: tensor.detach().clone().requires_grad_() for index, tensor in inputs.items()}
        frozen = [raw for raw in variables.values() if not raw.requires_grad]
        for raw in frozen:
            raw.requires_grad_(True)
        try:
            with entered(observed):
                outputs = forward([watched.get(index, tensor) for index, tensor in enumerate(tensors)])
            loss = self.loss(outputs)
            sources = {f"in/{index}": tensor for index, tensor in watched.items()} | variables
            if loss is None or not sources:
                return outputs, {}
            if not loss.requires_grad:
                return outputs, dict.fromkeys(sources)
            found = self.torch.autograd.grad(loss, list(sources.values()), allow_unused=True)
            return outputs, dict(zip(sources, found, strict=True))
        finally:
            for raw in frozen:
                raw.requires_grad_(False)


def load(keras: Any, *, is_legacy: bool) -> Torch:
    """Return the framework for Keras 3 on PyTorch; tf_keras has no such backend."""
    assert not is_legacy
    return Torch(keras)
