"""Which qualified names are what in Keras, whatever package they are imported from."""

from __future__ import annotations

import sys
from functools import lru_cache

ROOTS = (
    "keras",
    "tf_keras",
    "tensorflow.keras",
    "tensorflow.python.keras",
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.contrib.keras",
    "tensorflow.contrib.keras.python.keras",
    "tensorflow.contrib.keras.api.keras",
    "tensorflow.tools.api.generator.api.keras",
    "keras.src",
    "keras.api",
    "tf_keras.src",
)
"""Packages below which Keras' names hang, from Keras 1 to Keras 3.15 and TensorFlow 1.3 to 2.21."""

LAMBDA = ("layers.Lambda", "layers.core.Lambda", "layers.core.lambda_layer.Lambda", "legacy.layers.Lambda")
REGISTER = (
    "saving.register_keras_serializable",
    "utils.register_keras_serializable",
    "saving.object_registration.register_keras_serializable",
    "utils.generic_utils.register_keras_serializable",
)
CUSTOM_OBJECTS = (
    "saving.get_custom_objects",
    "utils.get_custom_objects",
    "saving.custom_object_scope",
    "saving.CustomObjectScope",
    "utils.custom_object_scope",
    "utils.CustomObjectScope",
)
VARIABLES = (
    "Variable",
    "backend.variable",
    "backend.Variable",
    "backend.random_normal_variable",
    "backend.random_uniform_variable",
)
INPUTS = (
    "Input",
    "layers.Input",
    "layers.core.Input",
    "layers.core.input_layer.Input",
    "engine.Input",
    "backend.placeholder",
)
MODELS = ("Model", "Sequential", "models.Model", "models.Sequential", "engine.Model", "engine.training.Model")
MODEL_MAKERS = ("models.load_model", "models.clone_model", "models.model_from_json", "models.model_from_yaml")
"""Functions that return a model."""

LAYER_BASES = (
    "Layer",
    "layers.Layer",
    "layers.core.Layer",
    "engine.Layer",
    "engine.base_layer.Layer",
    "engine.topology.Layer",
)

TF_VARIABLES = ("tensorflow.Variable", "tensorflow.get_variable", "tensorflow.compat.v1.get_variable")

ASSIGNMENTS = (
    "backend.moving_average_update",
    "backend.set_value",
    "backend.update",
    "backend.update_add",
    "backend.update_sub",
)
TF_ASSIGNMENTS = frozenset(
    f"{root}.{name}"
    for root in ("tensorflow", "tensorflow.compat.v1")
    for name in ("assign", "assign_add", "assign_sub")
)
"""Functions that change the variable which is their first argument."""

_OF_NO_TENSOR = frozenset(
    "Module Tensor TensorShape Variable autodiff debugging device dtypes name_scope summary".split()
)
"""Below `tensorflow`: what stands in a function and needs no tensor, or is the matter of another rule."""

FOREIGN = frozenset(sys.stdlib_module_names) | {
    "albumentations", "attr", "cv2", "h5py", "imgaug", "jax", "matplotlib", "numpy", "pandas", "PIL", "pytest", "scipy", "seaborn",
    "six", "skimage", "sklearn", "sympy", "torch", "torchvision", "tqdm",
}  # fmt: skip
"""Modules whose star import never brings a Keras name."""


LAYER_MEMBERS = frozenset({
    "activity_regularizer", "add_loss", "add_metric", "add_update", "add_variable", "add_weight", "autocast", "batch_input_shape",
    "build", "build_from_config", "built", "call", "compute_dtype", "compute_mask", "compute_output_shape",
    "compute_output_signature", "compute_output_spec", "count_params", "dtype", "dtype_policy", "dynamic", "finalize_state",
    "from_config", "get_build_config", "get_config", "get_input_at", "get_input_mask_at", "get_input_shape_at", "get_output_at",
    "get_output_mask_at", "get_output_shape_at", "get_quantization_layer_structure", "get_weights", "inbound_nodes", "input",
    "input_dtype", "input_mask", "input_shape", "input_spec", "inputs", "kwargs", "load_own_variables", "losses", "mask", "metrics",
    "metrics_variables", "name", "name_scope", "non_trainable_variables", "non_trainable_weights", "outbound_nodes", "output",
    "output_mask", "output_shape", "path", "quantization_mode", "quantize", "quantized_build", "quantized_call",
    "rematerialized_call", "save_own_variables", "self", "set_weights", "stateful", "stateless_call", "submodules", "supports_jit",
    "supports_masking", "symbolic_call", "trainable", "trainable_variables", "trainable_weights", "training", "updates",
    "variable_dtype", "variables", "weights", "with_name_scope",
})  # fmt: skip
"""Attributes of `Layer` in keras 3.15 and tf_keras 2.21, and constructor arguments: no parameter of a generated layer takes these names."""


@lru_cache(maxsize=8192)
def below_keras(qualified: str) -> str | None:
    """Return what follows the Keras package in a qualified name, such as `layers.Lambda`; None for other names."""
    best: str | None = None
    for root in ROOTS:
        if qualified.startswith(root + "."):
            rest = qualified[len(root) + 1 :]
            if best is None or len(rest) < len(best):
                best = rest
    return best


def keras_root(qualified: str) -> str | None:
    """Return the package that a Keras name hangs below, such as `tensorflow.keras`; None for other names."""
    rest = below_keras(qualified)
    return None if rest is None else qualified[: -len(rest) - 1]


def package_of(qualified: str) -> str:
    """Return the first part of a qualified name that tells one Keras from another: `keras`, `tf_keras` or `tensorflow`."""
    return qualified.partition(".")[0]


def is_one_of(qualified: str, names: tuple[str, ...]) -> bool:
    """Return whether a qualified name is one of the names below a Keras package."""
    return below_keras(qualified) in names


def is_variable_maker(qualified: str) -> bool:
    """Return whether calling this name makes a variable."""
    return qualified in TF_VARIABLES or qualified.endswith(".add_weight") or is_one_of(qualified, VARIABLES)


def assigns_variable(qualified: str) -> bool:
    """Return whether calling this name changes the variable which is its first argument."""
    return qualified in TF_ASSIGNMENTS or is_one_of(qualified, ASSIGNMENTS)


def makes_model(qualified: str) -> bool:
    """Return whether calling this name makes a model: a model class, a loader, or a network of `keras.applications`."""
    rest = below_keras(qualified)
    if rest is None:
        return False
    network = rest.startswith("applications.") and rest.rpartition(".")[2][:1].isupper()
    return network or rest in MODELS or rest in MODEL_MAKERS


def is_tensorflow_operation(qualified: str) -> bool:
    """Return whether a qualified name is an operation of TensorFlow, which takes the tensors of no other backend.

    Measured on keras 3.15.1: in a `Lambda` layer it fails on JAX, and on PyTorch in `fit` (FINDINGS section 8).
    """
    for version in ("tensorflow.compat.v1.", "tensorflow.compat.v2.", "tensorflow."):
        if qualified.startswith(version):
            rest = qualified[len(version) :]
            return below_keras(qualified) is None and rest.partition(".")[0] not in _OF_NO_TENSOR
    return False


def is_layer_class(qualified: str) -> bool:
    """Return whether a qualified name is a layer class of Keras itself."""
    rest = below_keras(qualified)
    if rest is None or not rest.startswith("layers.") or is_one_of(qualified, INPUTS):
        return False
    return rest.rpartition(".")[2][:1].isupper()
