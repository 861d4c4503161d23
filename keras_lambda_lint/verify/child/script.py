"""Runs the text of a Python file as Python would run the file."""

from __future__ import annotations

import importlib.machinery
import inspect
import signal
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.confine import ScriptEnd
from keras_lambda_lint.verify.child.failure import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE = 1 / 3
"""Share of a process's time that the script may take; the rest is for what it built."""
_PROJECT = (".git", "pyproject.toml", "setup.py", "setup.cfg")
"""What the root of a project holds: its modules can be imported from there."""


def run(copy: str, file: str, name: str, seconds: float) -> tuple[types.ModuleType, dict[str, Any] | None]:
    """Execute a copy of a file as the module `name`; return the module, and why it ended early or None.

    The code believes to be `file`, but is compiled under the path of the copy, where AutoGraph and `inspect` find its text.
    A script that does not end is ended after `seconds`, so that what it built until then can be used.
    """
    module = types.ModuleType(name)
    module.__file__ = file
    module.__spec__ = None if name == "__main__" else importlib.machinery.ModuleSpec(name, None, origin=file)
    module.__package__ = _package(file)
    sys.modules[name] = module
    sys.argv = [file]
    _search_path(file)
    with Attempt(copy) as attempt, _Alarm(seconds):
        exec(compile(Path(copy).read_bytes(), copy, "exec", dont_inherit=True), module.__dict__)
    return module, attempt.failure


def factories(module: types.ModuleType) -> Iterator[Any]:
    """Yield the public functions defined in the module that can be called without an argument, in order."""
    for name, value in list(vars(module).items()):
        if name.startswith("_") or name == "main" or not isinstance(value, types.FunctionType):
            continue
        if value.__module__ != module.__name__ or inspect.iscoroutinefunction(value):
            continue
        parameters = inspect.signature(value).parameters.values()
        if all(
            each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
            for each in parameters
        ):
            yield value


def rows(function: types.FunctionType) -> set[int]:
    """Return the rows that hold code of a function."""
    return {row for _, _, row in function.__code__.co_lines() if row is not None}


class _Alarm:
    """Ends its body with `ScriptEnd` after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, _number: int, _frame: object) -> None:
        raise ScriptEnd(f"did not end within {self._seconds:g} s")


def _package(path: str) -> str:
    names: list[str] = []
    directory = Path(path).parent
    while (directory / "__init__.py").is_file():
        names.insert(0, directory.name)
        directory = directory.parent
    return ".".join(names)


def _search_path(path: str) -> None:
    directory = Path(path).parent
    sys.path.insert(0, str(directory))
    package = _package(path)
    if package:
        sys.path.insert(1, str(directory.parents[package.count(".")]))
    project = next((each for each in directory.parents if any((each / mark).exists() for mark in _PROJECT)), None)
    if project:
        sys.path.append(str(project))
