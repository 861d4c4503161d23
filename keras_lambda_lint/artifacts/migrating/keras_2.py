"""What Keras 3 misreads in `.h5` files, mostly those of Keras 2, written as it reads it. Measured on keras 3.15.1.

A `Sequential` was a list up to Keras 2.2.2 (AttributeError). A first layer that holds the input's shape gets the batch dimension
twice; as in tf_keras, an `InputLayer` in front holds it now. The calls of a model in a model were counted from 1, the first being
its own making, and are counted from 0 (ValueError: Invalid Functional model configuration, or the result of another call).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.migrating import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHAPE = "batch_input_shape"
_GRAPHS = ("Functional", "Model")
_LOSSES = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}


def training_for_keras_3(training: Any) -> Any:
    """Return what a `.h5` file says of training with the long names of losses.

    Keras 3.15.1 takes the short ones, its own too, for metrics (ValueError: Could not deserialize 'keras.metrics.mse').
    """
    if not isinstance(training, dict):
        return training
    changed = {"loss": _losses(training["loss"])} if "loss" in training else {}
    return {**training, **changed, **_optimizer(training.get("optimizer_config"))}


def _optimizer(entry: Any) -> dict[str, Any]:
    """Return an optimizer with the names of today, up to 2.2 `lr`, where its learning rate does not decay."""
    config = entry.get("config") if isinstance(entry, dict) else None
    if not isinstance(config, dict) or "lr" not in config or config.get("decay"):
        return {}
    kept = {key: value for key, value in config.items() if key not in ("lr", "decay", "schedule_decay")}
    return {"optimizer_config": {**entry, "config": {**kept, "learning_rate": config["lr"]}}}


def _losses(loss: Any) -> Any:
    if isinstance(loss, str):
        return _LOSSES.get(loss.lower(), loss)
    if isinstance(loss, list):
        return [_losses(each) for each in loss]
    if isinstance(loss, dict) and "class_name" not in loss:
        return {name: _losses(each) for name, each in loss.items()}
    return loss


def for_keras_3(config: Any) -> None:
    """Rewrite a configuration in place; raise `ModelError` for what Keras 3 computes in another way."""
    left = [config]
    while left:
        entry = left.pop()
        if isinstance(entry, dict):
            settings.for_keras_3(entry)
            if entry.get("class_name") == "Sequential":
                _sequential(entry)
            elif isinstance(entry.get("layers"), list) and "output_layers" in entry:
                _graph(entry)
            left += entry.values()
        elif isinstance(entry, list):
            left += entry


def _sequential(entry: dict[str, Any]) -> None:
    config = entry.get("config")
    if isinstance(config, list):
        config = entry["config"] = {"name": entry.get("name") or "sequential", "layers": config}
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return
    first = layers[0].get("config")
    if layers[0].get("class_name") == "InputLayer" or not isinstance(first, dict) or _SHAPE not in first:
        return
    shape = first.pop(_SHAPE)
    name = first.get("name") if isinstance(first.get("name"), str) else "first"
    dtype = first.get("input_dtype") or first.get("dtype")
    dtype = dtype if isinstance(dtype, str) else "float32"
    layers.insert(0, {"class_name": "InputLayer", "config": {_SHAPE: shape, "dtype": dtype, "name": f"{name}_input"}})


def _graph(config: dict[str, Any]) -> None:
    """Count the calls of the models in a functional model from 0; Keras 3 itself does so where a graph is an output."""
    layers = [layer for layer in config["layers"] if isinstance(layer, dict)]
    graphs = {layer.get("name") for layer in layers if layer.get("class_name") in _GRAPHS}
    chains = {layer.get("name") for layer in layers if layer.get("class_name") == "Sequential" and _is_built(layer)}
    for layer in layers:
        for reference in _references(layer.get("inbound_nodes")):
            reference[1] -= reference[0] in graphs or reference[0] in chains
    for reference in _references(config["output_layers"]):
        reference[1] -= reference[0] in chains


def _is_built(entry: dict[str, Any]) -> bool:
    """Return whether a `Sequential` knew the shape of its input when it was made."""
    config = entry.get("config")
    layers = config.get("layers") if isinstance(config, dict) else config
    first = layers[0] if isinstance(layers, list) and layers else None
    if not isinstance(first, dict):
        return False
    inner = first.get("config")
    return first.get("class_name") == "InputLayer" or (isinstance(inner, dict) and _SHAPE in inner)


def _references(value: Any) -> Iterator[list[Any]]:
    """Yield what refers to the result of a call: name of the layer, number of the call, number of the result."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            if len(each) >= 3 and isinstance(each[0], str) and type(each[1]) is int and each[1] > 0:
                yield each
            left += each
