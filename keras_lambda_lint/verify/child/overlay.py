"""Imports the modules of the project that is verified: from changed texts where a fix changes them, and past what fails in them."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from keras_lambda_lint.verify.child.tolerant import Program

if TYPE_CHECKING:
    import types
    from collections.abc import Sequence

    from keras_lambda_lint.verify.child.standins import StandIns
    from keras_lambda_lint.verify.child.tolerant import Watch


class ProjectFinder:
    """Finds modules below a directory, before Python does."""

    def __init__(self, root: Path, copies: dict[str, str], stand_ins: StandIns) -> None:
        """`copies` maps files to those that hold the text to run in their place."""
        self._root = str(root) + os.sep
        self._copies = {os.path.realpath(file): copy for file, copy in copies.items()}
        self._stand_ins = stand_ins
        self.watched: dict[str, Watch] = {}
        """Who watches a copy run."""
        self.programs: dict[str, Program] = {}
        """What was run, by copy."""

    def install(self) -> None:
        """Ask this finder first, for the rest of this process."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the specification of a module whose source lies in the project; None for any other."""
        if name in sys.builtin_module_names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader) or spec.origin is None:
            return None
        origin = os.path.realpath(spec.origin)
        if origin not in self._copies and (not origin.startswith(self._root) or _is_installed(origin)):
            return None
        spec.loader = _Loader(name, spec.origin, self)
        return spec

    def program(self, file: str) -> Program:
        """Return what runs a file of the project."""
        copy = self._copies.get(os.path.realpath(file), file)
        program = Program(copy, Path(copy).read_bytes(), self._stand_ins, self.watched.get(copy))
        self.programs[copy] = program
        return program


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, file: str, finder: ProjectFinder) -> None:
        super().__init__(name, file)
        self._finder = finder

    def exec_module(self, module: types.ModuleType) -> None:
        program = self._finder.program(self.path)
        program.run(module.__dict__)


def _is_installed(path: str) -> bool:
    return any(part in path.split(os.sep) for part in ("site-packages", "dist-packages"))
