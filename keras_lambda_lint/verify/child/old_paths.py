"""Import paths of Keras 1 and early Keras 2, for files that are run on Keras 2: the same objects stood there."""

from __future__ import annotations

import importlib
import importlib.machinery
import operator
import sys
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api.moved import ALL_MOVES

if TYPE_CHECKING:
    import types
    from collections.abc import Sequence

_ROOTS = ("keras", "tf_keras")


class OldPaths:
    """Finds modules that tf_keras no longer has, by what became of their names."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}
        for old, new in ALL_MOVES:
            module, _, name = old.rpartition(".")
            self._names.setdefault(module, {})[name] = new

    def install(self) -> None:
        """Ask this finder after all others, for the rest of this process; symbolic tensors have the shape that Keras noted."""
        sys.meta_path.append(self)
        tensor = importlib.import_module("tf_keras.src.engine.keras_tensor").KerasTensor
        tensor._keras_shape = property(lambda self: tuple(self.shape))

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a module that is gone; None for any other."""
        root, _, path = name.partition(".")
        if root not in _ROOTS or path not in self._names:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> None:
        """Leave that to Python."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Give the module the names that it had, as far as tf_keras has them."""
        keras = importlib.import_module("tf_keras")
        for name, new in self._names[module.__name__.partition(".")[2]].items():
            try:
                setattr(module, name, operator.attrgetter(new)(keras))
            except AttributeError:
                continue  # Keras 2 did away with it: importing it fails, as it did.
