"""Under which names the classes and functions of a module are registered: read from its text, which is not executed."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.errors import ModelError
from keras_lambda_lint.artifacts.recovering import globals as known

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.recovering.module import Definition, Module

_REGISTER = "register_keras_serializable"


@dataclass(frozen=True)
class Registered:
    """A class or function that Keras finds."""

    module: str
    name: str
    key: str
    """Under which it is registered: `package>name`."""


def registered_in(text: str, path: str, module: Module) -> dict[str, Registered]:
    """Return what a module registers for each definition of a recovered module.

    Raises `ModelError` where it lacks one, or a name that one of them reads.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        row = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        raise ModelError(f"{path} does not parse{row}") from None
    bound = _bound(tree)
    stem = os.path.splitext(os.path.basename(path))[0]
    found = {key: Registered(stem, key, name) for key, name in _registrations(tree)}
    for definition in module.definitions:
        if definition.name not in found:
            kind = "class" if definition.draft.is_class else "function"
            raise ModelError(f"{path} registers no {kind} `{definition.name}`, for layer `{_layer(definition)}`")
        missing = [name for name in known.unknown(definition.draft.reads) if name not in bound]
        if missing:
            raise ModelError(f"{path} does not define `{missing[0]}`, which `{definition.name}` reads")
    return found


def _layer(definition: Definition) -> str:
    return definition.drafts[0][0].path


def _registrations(tree: ast.Module) -> list[tuple[str, str]]:
    """Return the classes and functions of a module that are registered by literals, with their keys."""
    found = []
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                if ast.unparse(call.func).rpartition(".")[2] == _REGISTER:
                    given = dict(zip(("package", "name"), call.args, strict=False))
                    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
                    package, name = (_text(given.get(key), default) for key, default in _defaults(node.name))
                    found.append((node.name, f"{package}>{name}"))
    return found


def _defaults(name: str) -> tuple[tuple[str, str], ...]:
    return ("package", "Custom"), ("name", name)


def _text(node: ast.expr | None, default: str) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else default


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a module binds, wherever in it: what is under an `if` counts."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
    return found
