"""Replaces what a script does with its models (train, save, load, download) by recorders that cost nothing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from keras_lambda_lint.verify.child.confine import ScriptEnd
from keras_lambda_lint.verify.child.datasets import stand_ins

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.verify.child.framework import Framework
    from keras_lambda_lint.verify.child.trace import Tracer

_ROWS = 2
"""Rows of the data that a model is called with."""
_NOTHING = ("save", "save_weights", "load_weights", "export")


def install(framework: Framework, tracer: Tracer) -> None:
    """Patch the models' methods and the module functions of this process's Keras."""
    model = framework.Model
    Recorder(framework, tracer).install(model)
    for name in _NOTHING:
        if hasattr(model, name):
            setattr(model, name, _do_nothing)
    keras = framework.keras
    replacements: dict[Any, Callable[..., Any]] = {
        framework.load_model: _ends("load_model needs a saved model"),
        keras.utils.get_file: _file_name,
        keras.models.save_model: _do_nothing,
        keras.utils.plot_model: _do_nothing,
    }
    for name, load_data in stand_ins().items():
        module = getattr(keras.datasets, name, None)
        if module is not None:
            replacements[module.load_data] = load_data
    _replace(replacements)


class Recorder:
    """The methods of a model that need data: they note its shapes, build the model and return zeros."""

    def __init__(self, framework: Framework, tracer: Tracer) -> None:
        self._framework = framework
        self._tracer = tracer
        self._metrics: dict[int, int] = {}

    def install(self, model: Any) -> None:
        """Patch the class of all models."""
        compile_model = model.compile

        def compiled(instance: Any, *args: Any, **kwargs: Any) -> Any:
            self._metrics[id(instance)] = len(self._framework.flatten(kwargs.get("metrics") or []))
            return compile_model(instance, *args, **kwargs)

        def fit(instance: Any, x: Any = None, *_args: Any, epochs: int = 1, **kwargs: Any) -> Any:
            self._see(instance, _given(x, kwargs))
            return History(instance, epochs)

        def predict(instance: Any, x: Any = None, *_args: Any, **kwargs: Any) -> Any:
            return self._predict(instance, _given(x, kwargs))

        def evaluate(instance: Any, x: Any = None, *_args: Any, return_dict: bool = False, **kwargs: Any) -> Any:
            self._see(instance, _given(x, kwargs))
            if return_dict:
                return Scores({"loss": 0.0})
            count = self._metrics.get(id(instance), 0)
            return [0.0] * (1 + count) if count else 0.0

        model.compile = compiled
        for names, method in (
            (("fit", "fit_generator"), fit),
            (("predict", "predict_on_batch", "predict_generator"), predict),
            (("evaluate", "evaluate_generator", "train_on_batch", "test_on_batch"), evaluate),
        ):
            for name in names:
                if hasattr(model, name):
                    setattr(model, name, method)

    def _see(self, model: Any, data: Any) -> Any:
        """Note the inputs of a model, build it when it is not yet, and return a few rows of them."""
        rows = self._rows(data)
        if rows is not None and (not model.built or self._tracer.first_call(model) is None):
            self._tracer.note_call(model, (rows,))
            if not model.built:
                model(rows)
        return rows

    def _predict(self, model: Any, data: Any) -> Any:
        rows = self._see(model, data)
        if rows is None:
            raise ScriptEnd("predict was called without data")
        first = self._framework.flatten(data)[0]
        count = len(first) if isinstance(first, np.ndarray) else _ROWS
        outputs = model(rows)

        def enlarged(tensor: Any) -> Any:
            return np.zeros((count, *tensor.shape[1:]), tensor.dtype if isinstance(tensor, np.ndarray) else "float32")

        return self._framework.nest.map_structure(enlarged, outputs)

    def _rows(self, data: Any) -> Any:
        if data is None:
            return None
        if _is_dataset(data) or hasattr(data, "__next__"):
            return self._head(_inputs(next(iter(data))))
        if hasattr(data, "__getitem__") and not isinstance(data, np.ndarray | list | tuple | dict):
            if hasattr(data, "iloc"):
                return self._head(data.to_numpy())
            if not hasattr(data, "shape"):
                return self._head(_inputs(data[0]))
        return self._head(data)

    def _head(self, data: Any) -> Any:
        return self._framework.nest.map_structure(lambda array: np.asarray(array)[:_ROWS], data)


class Scores(dict[str, Any]):
    """Numbers by name: any name has some."""

    def __init__(self, values: dict[str, Any], default: Any = 0.0) -> None:
        super().__init__(values)
        self._default = default

    def __missing__(self, _key: str) -> Any:
        return self._default


class History:
    """What `fit` returns."""

    def __init__(self, model: Any, epochs: int) -> None:
        zeros = [0.0] * max(int(epochs), 1)
        self.model = model
        self.params: dict[str, Any] = {"epochs": epochs}
        self.epoch = list(range(len(zeros)))
        self.history = Scores({"loss": zeros, "val_loss": zeros}, zeros)


def _given(x: Any, options: dict[str, Any]) -> Any:
    """Return the data of a call; lists of numbers, which Keras 2 takes, as an array."""
    data = x if x is not None else options.get("generator")
    first = data
    while isinstance(first, list | tuple) and first:
        first = first[0]
    return np.asarray(data) if first is not data and isinstance(first, int | float) else data


def _is_dataset(data: Any) -> bool:
    tf = sys.modules.get("tensorflow")
    return tf is not None and isinstance(data, tf.data.Dataset)


def _inputs(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple | list) and len(batch) in (2, 3) else batch


def _file_name(fname: Any = None, origin: Any = None, *_args: Any, **_options: Any) -> str:
    """Return where a download would lie: weights are not loaded from it, and reading it fails."""
    return os.path.join(os.path.expanduser("~"), ".keras", os.path.basename(str(fname or origin)))


def _do_nothing(*_args: Any, **_options: Any) -> None:
    return None


def _ends(reason: str) -> Callable[..., NoReturn]:
    def end(*_args: Any, **_options: Any) -> NoReturn:
        raise ScriptEnd(reason)

    return end


def _replace(replacements: dict[Any, Callable[..., Any]]) -> None:
    """Replace functions under each name that a Keras module gives them."""
    prefixes = ("keras", "tf_keras", "tensorflow.keras")
    by_identity = {id(original): replacement for original, replacement in replacements.items()}
    for name, module in list(sys.modules.items()):
        if module is None or not name.startswith(prefixes):
            continue
        for key, value in list(vars(module).items()):
            if id(value) in by_identity:
                setattr(module, key, by_identity[id(value)])
