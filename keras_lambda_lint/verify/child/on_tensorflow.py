"""Keras 3 and tf_keras on TensorFlow."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.framework import Framework, entered

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from keras_lambda_lint.verify.child.framework import Forward


class TensorFlow(Framework):
    """TensorFlow as the backend."""

    backend = "tensorflow"

    def __init__(self, keras: Any, *, is_legacy: bool) -> None:
        super().__init__(keras, is_legacy=is_legacy)
        self.tf = importlib.import_module("tensorflow")
        self.nest = self.tf.nest
        self._export = None if is_legacy else keras.Model.export

    def save_h5(self, model: Any, path: str) -> None:
        """Save a whole model in HDF5."""
        if self.is_legacy:
            self.save_model(model, path, save_format="h5")
        else:
            self.save_model(model, path)

    def export(self, model: Any, path: str) -> None:
        """Write a SavedModel: in Keras 2 one that holds the model, in Keras 3 its computation alone."""
        if self._export is None:
            self.save_model(model, path, save_format="tf")
        else:
            self._export(model, path, verbose=False)

    def serve(self, path: str) -> Any:
        """Return what a SavedModel is called by."""
        if self._export is None:
            return self.load_model(path, compile=False)
        held = self.tf.saved_model.load(path)
        return lambda *args: held.serve(*args)

    def raw(self, variable: Any) -> Any:
        """Return the TensorFlow variable behind a variable of either Keras."""
        return variable if isinstance(variable, self.tf.Variable) else variable.value

    def is_variable(self, value: Any) -> bool:
        """Return whether a value is a variable of TensorFlow or Keras."""
        return isinstance(value, self.tf.Variable) or (not self.is_legacy and super().is_variable(value))

    def value(self, raw: Any) -> Any:
        """Return the value of a variable as an array."""
        return raw.numpy()

    def assign(self, raw: Any, value: Any) -> None:
        """Set the value of a variable, in the variable's dtype."""
        raw.assign(value.astype(raw.dtype.base_dtype.as_numpy_dtype))

    def gpus(self) -> int:
        """Return how many GPUs TensorFlow sees."""
        return len(self.tf.config.list_physical_devices("GPU"))

    def placed(self, device: str) -> AbstractContextManager[Any]:
        """Return a context that runs everything on a device."""
        kind, _, index = device.partition(":")
        config = self.tf.config
        if kind == "gpu":
            for gpu in config.list_physical_devices("GPU"):
                config.experimental.set_memory_growth(gpu, True)
            config.experimental.enable_tensor_float_32_execution(False)
        elif index:
            logical = [config.LogicalDeviceConfiguration() for _ in range(int(index) + 1)]
            config.set_logical_device_configuration(config.list_physical_devices("CPU")[0], logical)
        else:
            return nullcontext()
        config.experimental.enable_op_determinism()
        placed: AbstractContextManager[Any] = self.tf.device(f"/{kind.upper()}:{index or 0}")
        return placed

    def device(self) -> str:
        """Return the name of the device that runs the models: of the card for a GPU."""
        spec = self.tf.DeviceSpec.from_string(self.tf.constant(0.0).device)
        if spec.device_type == "GPU":
            details = self.tf.config.experimental.get_device_details(
                self.tf.config.list_physical_devices("GPU")[spec.device_index]
            )
            return f"{details.get('device_name', 'GPU')} (GPU:{spec.device_index})"
        return f"CPU:{spec.device_index}" if spec.device_index else "CPU"

    def tensor(self, array: Any) -> Any:
        """Return an array as a tensor."""
        return self.tf.constant(array)

    def is_tensor(self, value: Any) -> bool:
        """Return whether a value is a dense tensor."""
        return isinstance(value, self.tf.Tensor)

    def has_value(self, value: Any) -> bool:
        """Return whether a tensor has a value now: inside a `tf.function` none has."""
        return not self.tf.is_symbolic_tensor(value)

    def weighted_sum(self, tensor: Any, factors: Any) -> Any:
        """Return the sum of a tensor times an array of factors, in float64."""
        return self.tf.reduce_sum(self.tf.cast(tensor, "float64") * factors)

    def compiled(self, forward: Forward) -> Forward | None:
        """Return a computation as a `tf.function`."""
        # As `fit` does: Keras 3 switches AutoGraph off, Keras 2 needs it for `if` and loops over tensors.
        function = self.tf.function(lambda *flat: forward(list(flat)), autograph=self.is_legacy)
        return lambda tensors: function(*tensors)

    def compiled_by_xla(self, forward: Forward) -> Forward | None:
        """Return a computation as a `tf.function` that XLA compiles."""
        function = self.tf.function(lambda *flat: forward(list(flat)), autograph=self.is_legacy, jit_compile=True)
        return lambda tensors: function(*tensors)

    def gradients(
        self,
        forward: Forward,
        tensors: list[Any],
        variables: dict[str, Any],
        observed: AbstractContextManager[Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Return outputs and gradients, from one run under a tape."""
        inputs, variables = self.sources(tensors, variables)
        sources = {f"in/{index}": tensor for index, tensor in inputs.items()} | variables
        with self.tf.GradientTape() as tape:
            tape.watch(list(sources.values()))
            with entered(observed):
                outputs = forward(tensors)
            loss = self.loss(outputs)
        if loss is None or not sources:
            return outputs, {}
        return outputs, dict(zip(sources, tape.gradient(loss, list(sources.values())), strict=True))


def load(keras: Any, *, is_legacy: bool) -> TensorFlow:
    """Return the framework for a Keras that runs on TensorFlow."""
    loaded = TensorFlow(keras, is_legacy=is_legacy)
    # tf.keras is a lazy module: resolved here so that the children need not.
    importlib.import_module("tensorflow.keras")
    _ = loaded.tf.keras.layers
    return loaded
