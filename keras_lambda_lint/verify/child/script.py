"""Runs the text of a Python file as Python would run the file."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.machinery
import signal
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.verify.child.confine import TimeUp
from keras_lambda_lint.verify.child.overlay import ProjectFinder
from keras_lambda_lint.verify.child.standins import StandIns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keras_lambda_lint.verify.child.tolerant import Program, Watch

SHARE = 1 / 3
"""Share of a process's time that the script may take; the rest is for what it built."""
_AGAIN = 1.0
_PROJECT = (".git", "pyproject.toml", "setup.py", "setup.cfg")
"""What the root of a project holds: its modules can be imported from there."""


@dataclass
class Run:
    """A file that was run."""

    module: types.ModuleType
    failures: list[dict[str, Any]]
    """What failed in it and was skipped, in order."""
    stand_ins: StandIns
    program: Program | None
    """Its text; None where it could not be read."""


def run(request: dict[str, Any], name: str, watch: Watch | None) -> Run:
    """Execute the request's copy of a file: as the module `name`, or, where it lies in a package, as what it is there.

    The code believes to be the file, but is compiled under the path of the copy, where AutoGraph and `inspect` find its text.
    A script that does not end is ended after a share of the request's time, so that what it built until then can be used.
    """
    copy, file = request["path"], request["file"]
    stand_ins = StandIns()
    package = _package(file)
    finder = ProjectFinder(_project(file), request["copies"] | ({file: copy} if package else {}), stand_ins)
    if watch is not None:
        finder.watched[copy] = watch
    finder.install()
    stand_ins.install()
    sys.argv = [file]
    _search_path(file)
    argparse.ArgumentParser.parse_known_args = _without_required(  # type: ignore[method-assign]
        argparse.ArgumentParser.parse_known_args
    )
    module = types.ModuleType(name)
    with contextlib.suppress(TimeUp), Alarm(request["timeout"] * SHARE):
        if package:
            module = _as_module(package, file, finder)
            program = finder.programs.get(copy)
            if program is not None and name == "__main__" and not request["factory"]:
                program.run_main(module.__dict__)
        else:
            module.__file__ = file
            module.__spec__ = None if name == "__main__" else importlib.machinery.ModuleSpec(name, None, origin=file)
            module.__package__ = ""
            sys.modules[name] = module
            program = finder.programs[copy] = finder.program(copy)
            program.run(module.__dict__)
    done = finder.programs.get(copy)
    return Run(module, done.failures if done else [], stand_ins, done)


def _as_module(package: str, file: str, finder: ProjectFinder) -> types.ModuleType:
    """Import a file of a package under its own name; its package comes first, as Python has it."""
    stem = Path(file).stem
    name = package if stem == "__init__" else f"{package}.{stem}"
    try:
        return importlib.import_module(name)
    except ImportError:
        # Something else of that name was imported before: the file alone then, with what lies beside it.
        spec = importlib.machinery.ModuleSpec(name, None, origin=file)
        module = types.ModuleType(name)
        module.__file__, module.__spec__, module.__package__ = file, spec, package
        sys.modules[name] = module
        finder.program(file).run(module.__dict__)
        return module


class Alarm:
    """Ends its body with `TimeUp` after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        # Again and again: a module that is being imported may take the first one for its own.
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, _number: int, _frame: object) -> None:
        raise TimeUp(f"did not end within {self._seconds:g} s")


def _without_required(parse: Any) -> Any:
    """Return a way to parse arguments that takes none for those that a program cannot do without."""

    def parse_known_args(
        parser: argparse.ArgumentParser, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        for action in parser._actions:
            if action.required and isinstance(action.choices, list | tuple) and action.default is None:
                action.default = next(iter(action.choices), None)
            action.required = False
        for group in parser._mutually_exclusive_groups:
            group.required = False
        return parse(parser, args, namespace)

    return parse_known_args


def _package(path: str) -> str:
    names: list[str] = []
    directory = Path(path).parent
    while (directory / "__init__.py").is_file():
        names.insert(0, directory.name)
        directory = directory.parent
    return ".".join(names)


def _project(path: str) -> Path:
    """Return the directory below which modules belong to the file's project."""
    directory = Path(path).resolve().parent
    top = directory
    while (top / "__init__.py").is_file():
        top = top.parent
    return next((each for each in (top, *top.parents) if any((each / mark).exists() for mark in _PROJECT)), top)


def _search_path(path: str) -> None:
    directory = Path(path).parent
    package = _package(path)
    if package:
        sys.path.insert(0, str(directory.parents[package.count(".")]))
        # A script that lies in a package imports what lies beside it all the same.
        sys.path.insert(1, str(directory))
    else:
        sys.path.insert(0, str(directory))
    project = _project(path)
    sys.path.append(str(project))
    if (project / "src").is_dir():
        sys.path.append(str(project / "src"))
