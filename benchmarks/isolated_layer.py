"""The layer of one isolated program, in the running process: what it gets, and all that can be recorded of it."""

from __future__ import annotations
import __future__

import builtins
import contextlib
import importlib
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from keras_lambda_lint.verify.child.inputs import RANGES, like
from keras_lambda_lint.verify.child.record import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.verify.child.framework import Framework

_PLACES = ("layers", "backend", "utils", "models", "initializers", "regularizers", "activations", "losses", "ops")
"""Where a name is looked for whose module Keras no longer has."""
_FRAMES = ("Exception encountered", "in user code", "File ", "Call arguments", "return ", "* ", "•")
"""How lines of a message start that say where, and not what."""


@dataclass(frozen=True)
class Input:
    """One tensor that a layer takes; the batch is the first of its shape."""

    shape: tuple[int, ...]
    dtype: str
    limits: tuple[int, int] | None
    """Whole numbers from the first to below the second; None: any numbers."""
    fixed_batch: bool
    sparse: bool

    def array(self, number: int) -> Any:
        """Return normal numbers, or whole ones within the limits."""
        random = np.random.default_rng(number)
        if self.dtype == "bool":
            return random.integers(0, 2, self.shape).astype(bool)
        if self.limits is not None:
            return random.integers(*self.limits, self.shape).astype(self.dtype)
        return random.standard_normal(self.shape).astype(self.dtype)

    def symbolic(self, keras: Any) -> Any:
        """Return the Keras input; its batch is unknown unless the case fixes it."""
        options = {"sparse": True} if self.sparse else {}
        if self.fixed_batch:
            return keras.Input(batch_shape=self.shape, dtype=self.dtype, **options)
        return keras.Input(self.shape[1:], dtype=self.dtype, **options)


def x(
    *shape: int,
    batch: int | None = None,
    dtype: str = "float32",
    limit: int | None = None,
    least: int = 0,
    sparse: bool = False,
) -> Input:
    """Return an input of a shape given without its batch, which is 3 and unknown to Keras unless `batch` says it.

    With `limit`, and for whole types, it holds whole numbers from `least` to below `limit`, which is 10 where it is not given.
    """
    whole = limit is not None or not dtype.startswith("float")
    return Input((batch or 3, *shape), dtype, (least, limit or 10) if whole else None, batch is not None, sparse)


class Missing:
    """Stands for what is not installed: any use raises `ImportError`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        raise ImportError(f"needs {self._name}")

    def __call__(self, *_args: Any, **_options: Any) -> NoReturn:
        raise ImportError(f"needs {self._name}")


class FailedError(Exception):
    """Code of a case raised something; the text says what."""


@dataclass
class Run:
    """What the layer of one program did."""

    layer: Any = None
    call: Any = None
    """The model around the layer, or the layer itself where none can be built."""
    not_built: str | None = None
    """Why no model can be built around the layer."""
    declared: list[tuple[Any, str]] = field(default_factory=list)
    arrays: dict[str, Any] = field(default_factory=dict)
    """What was recorded, by name; None for a gradient or mask that does not exist."""
    failures: dict[str, str] = field(default_factory=dict)
    """By the name of what was tried."""
    computed: int = 0


@dataclass(frozen=True)
class Case:
    """A layer's inputs, and how its programs run."""

    framework: Framework
    inputs: Any
    values: str
    tf1: bool

    def layer(self, program: str, seed: int) -> Any:
        """Return the layer that a program makes; raise `FailedError`."""
        self.framework.keras.utils.set_random_seed(seed)
        self.framework.keras.utils.get_custom_objects().clear()
        tf = self.framework.tf
        given: dict[str, Any] = {"np": np, "tf": tf, "keras": self.framework.keras, "namespace": SimpleNamespace}
        before = dict(given)
        with failing("the values of the table"):
            exec(self.values, given)
        names = {name: value for name, value in given.items() if name not in before}
        with failing("made"):
            return self._executed(program, names)["layer"]

    def _executed(self, program: str, names: dict[str, Any]) -> dict[str, Any]:
        names |= {"__name__": "isolated", "name_of": self.name_of}
        if self.tf1:
            names["__builtins__"] = {**vars(builtins), "__import__": _import_tf1}
        names["namespace"] = lambda text: SimpleNamespace(**self._executed(text, {}))
        exec(compile(program, "isolated.py", "exec", __future__.annotations.compiler_flag), names)
        return names

    def name_of(self, path: str, module: str | None = None) -> Any:
        """Return what an import binds, whatever module it has moved to; `Missing` for what is not installed."""
        path = path.replace("tensorflow.python.keras", "tensorflow.keras").replace("tensorflow_core", "tensorflow")
        if path.split(".")[:1] == ["tensorflow"] and self.tf1 and "keras" not in path:
            path = path.replace("tensorflow", "tensorflow.compat.v1", 1)
        if module is not None and module != path:
            self.name_of(module)
        root, *rest = path.split(".")
        try:
            found = importlib.import_module(root)
            for number, part in enumerate(rest):
                below = ".".join([root, *rest[: number + 1]])
                found = getattr(found, part) if hasattr(found, part) else importlib.import_module(below)
        except ImportError:
            places = [getattr(self.framework.keras, place, None) for place in _PLACES] if "keras" in path else []
            return next((getattr(place, rest[-1]) for place in places if hasattr(place, rest[-1])), Missing(path))
        return found

    def run(self, program: str, seed: int = 7) -> Run:
        """Return what a program's layer does with the inputs; raise `FailedError` where there is no such layer."""
        keras, nest = self.framework.keras, self.framework.tf.nest
        run = Run(self.layer(program, seed))
        try:
            with failing("built"):
                tensors = nest.map_structure(lambda each: each.symbolic(keras), self.inputs)
                outputs = run.layer(tensors)
                run.call = keras.Model(tensors, outputs)
                run.declared = [(tuple(each.shape), _name(each.dtype)) for each in self.framework.flatten(outputs)]
        except FailedError as error:
            run.not_built, run.call = str(error), run.layer
        base = [each.array(number) for number, each in enumerate(self.framework.flatten(self.inputs))]
        for number, values in enumerate(RANGES):
            arrays = base if number == 0 else like(base, values, number)
            if arrays is not None:
                with self._tried(run, values, seed):
                    self._record(run, values, arrays, run.call)
                    run.computed += 1
        with self._tried(run, "training", seed):
            self._record(run, "training", base, lambda given: run.call(given, training=True))
        with self._tried(run, "compiled", seed):
            self._record(run, "compiled", base, self.framework.tf.function(lambda given: run.call(given)))
        if run.not_built is None:
            with self._tried(run, "mask", seed):
                run.arrays["mask of a masked input"] = self._mask(run.layer)
        run.arrays["weights that train"] = np.array(len(run.layer.trainable_weights))
        run.arrays["weights that do not train"] = np.array(len(run.layer.non_trainable_weights))
        return run

    def outputs(self, call: Any, seed: int, times: int = 1) -> list[Any]:
        """Return the outputs for normal inputs, their samples repeated so often."""
        self.framework.keras.utils.set_random_seed(seed)
        inputs = self.framework.flatten(self.inputs)
        arrays = [np.repeat(each.array(number), times, axis=0) for number, each in enumerate(inputs)]
        return [plain(each) for each in self.framework.flatten(call(self._packed(arrays)))]

    @contextlib.contextmanager
    def _tried(self, run: Run, what: str, seed: int) -> Iterator[None]:
        self.framework.keras.utils.set_random_seed(seed)
        try:
            with failing(what):
                yield
        except FailedError as error:
            run.failures[what] = str(error)

    def _packed(self, arrays: list[Any]) -> Any:
        tf = self.framework.tf
        inputs = self.framework.flatten(self.inputs)
        tensors = [
            tf.sparse.from_dense(array) if each.sparse else tf.constant(array)
            for each, array in zip(inputs, arrays, strict=True)
        ]
        return tf.nest.pack_sequence_as(self.inputs, tensors)

    def _record(self, run: Run, name: str, arrays: list[Any], call: Any) -> None:
        """Record outputs, their masks, and gradients with respect to the inputs."""
        tf = self.framework.tf
        packed = self._packed(arrays)
        sources = [each for each in tf.nest.flatten(packed) if isinstance(each, tf.Tensor) and each.dtype.is_floating]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = self.framework.flatten(call(packed))
            loss = [
                tf.reduce_sum(tf.cast(each, "float64") * np.random.default_rng(number).uniform(0.5, 1.5, each.shape))
                for number, each in enumerate(outputs)
                if isinstance(each, tf.Tensor) and each.dtype.is_floating
            ]
            total = tf.add_n(loss) if loss else None
        for number, each in enumerate(outputs):
            run.arrays[f"{name}: output {number}"] = plain(each)
            mask = getattr(each, "_keras_mask", None)
            run.arrays[f"{name}: mask {number}"] = None if mask is None else plain(mask)
        if total is not None and sources:
            for number, gradient in enumerate(tape.gradient(total, sources)):
                run.arrays[f"{name}: gradient {number}"] = None if gradient is None else plain(gradient)

    def _mask(self, layer: Any) -> Any:
        """Return whether a mask of the first input reaches the output: 1 or 0; -1 where none of the inputs can have one."""
        keras, nest = self.framework.keras, self.framework.tf.nest
        inputs = self.framework.flatten(self.inputs)
        if any(each.sparse for each in inputs) or len(inputs[0].shape) < 3 or inputs[0].dtype != "float32":
            return np.array(-1)
        tensors = [each.symbolic(keras) for each in inputs]
        tensors[0] = keras.layers.Masking()(tensors[0])
        outputs = layer(nest.pack_sequence_as(self.inputs, tensors))
        return np.array([getattr(each, "_keras_mask", None) is not None for each in self.framework.flatten(outputs)])


@contextlib.contextmanager
def failing(stage: str) -> Iterator[None]:
    """Make of whatever the code of a case raises a `FailedError` that says where."""
    try:
        yield
    except FailedError:
        raise
    except Exception as error:
        lines = [line.strip() for line in re.sub("\x1b\\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
        told = next((line for line in lines if not line.startswith(_FRAMES)), "")
        raise FailedError(f"{stage}: {type(error).__name__}: {told[:160]}".rstrip(": ")) from error


def _import_tf1(name: str, *_arguments: Any, **_options: Any) -> Any:
    """Import as `import` does, but TensorFlow 1 for TensorFlow."""
    return importlib.import_module("tensorflow.compat.v1" if name == "tensorflow" else name)


def _name(dtype: Any) -> str:
    return str(getattr(dtype, "name", dtype))
