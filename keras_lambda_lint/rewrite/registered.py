"""Under which name a rewrite registers a class or a function: one that nothing else of the project bears."""

from __future__ import annotations

import itertools
import os
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.layout import Layout, call_lines
from keras_lambda_lint.rewrite.project import package_name, project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.rewrite.project import Project

REGISTER = "utils.register_keras_serializable"
"""What registers, below Keras: the only path that it has in every Keras that knows it."""

_TAKEN: dict[tuple[str, str], str] = {}
"""The files whose rewrites have taken a name, by the root of the project and the name."""


def registered_name(filename: str, name: str) -> str | None:
    """Return the `name=` with which a file registers its class or function `name`; None where its own name will do.

    What it registers is known from now on: no other file gets the same.
    """
    here, package = os.path.abspath(filename), package_name(filename)
    project = project_of(filename)
    if _is_had(project, f"{package}>{name}", here):
        return None
    for longer in _longer_names(os.path.relpath(here, project.root), name):
        if _is_had(project, f"{package}>{longer}", here):
            return longer
    raise AssertionError("numbers do not end")


def _is_had(project: Project, name: str, path: str) -> bool:
    """Return whether a file has a name, or takes it because no other has."""
    owner = project.registered.get(name)
    return (_TAKEN.setdefault((project.root, name), path) if owner is None else owner) == path


def forget_taken() -> None:
    """Let go of the names that rewrites have taken: none of them was written, or all are on the disk by now."""
    _TAKEN.clear()


def _longer_names(path: str, name: str) -> Iterator[str]:
    """Yield names for a registration that another file has taken: with the module, with its folders, with a number."""
    parts = re.sub(r"[^\w/.-]", "_", os.path.splitext(path)[0].replace(os.sep, "/")).strip("./").split("/")
    for start in range(len(parts) - 1, -1, -1):
        yield ".".join((*parts[start:], name))
    for number in itertools.count(2):
        yield ".".join((*parts, f"{name}{number}"))


def decorator(register: str, package: str, name: str | None, layout: Layout, indent: str = "") -> str:
    """Return what registers the class or function below it, on one line where it fits.

    `register` is how the file says `register_keras_serializable`, `indent` the white space before the class or function.
    """
    arguments = [f"package={layout.quoted(package)}", *([] if name is None else [f"name={layout.quoted(name)}"])]
    return layout.newline.join(call_lines(f"@{register}", arguments, layout.width - len(indent), layout, indent))
