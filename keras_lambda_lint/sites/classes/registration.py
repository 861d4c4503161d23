"""Where a file registers its classes and functions with Keras, and under which names."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.captures import name_span
from keras_lambda_lint.sites.classes.registered_names import DEFAULT_PACKAGE, registered_in
from keras_lambda_lint.source.project import module_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Target
    from keras_lambda_lint.source.scopes import Path
    from keras_lambda_lint.source.text import Source

_Defined = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Other(NamedTuple):
    """Another object that is registered under the same name."""

    span: Span
    source: Source | None
    """The file that it stands in; None for the file of the registration."""


class Registration(NamedTuple):
    """One class or function that a decorator registers."""

    span: Span
    """The name of the class or function."""
    object_name: str
    key: str | None
    """The name it is registered under at module level, `package>name`; None where the code does not tell."""
    below: str | None
    """The function that it stands in, whose every run registers it anew; None at module level, and in a test."""
    other: Other | None
    """What the same name is registered for before, or in a module that is imported together with this one."""
    target: Target


def find_registrations(file: FileSites) -> tuple[Registration, ...]:
    """Return what a file registers by decorators, sorted by place."""
    found: list[tuple[Registration, Path]] = []
    nodes = [node for node in file.index.bound_at if isinstance(node, _Defined) and node.decorator_list]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        decorator = next((each for each in node.decorator_list if _registers(file, each)), None)
        if not isinstance(decorator, ast.Call):
            continue
        path = file.index.bound_at[node].path
        functions = _functions_around(file, node)
        key = _key(file, decorator, node.name)
        other = None
        if not functions and key is not None:
            same = (each for each, its in found if each.key == key and not _exclude(its, path))
            first = next(same, None)
            other = Other(first.span, None) if first is not None else _elsewhere(file, key)
        in_test = any(function.name.startswith("test") for function in functions)
        made = Registration(
            span=name_span(file.source, node),
            object_name=node.name,
            key=None if functions else key,
            below=functions[0].name if functions and not in_test else None,
            other=other,
            target=file.target,
        )
        found.append((made, path))
    return tuple(each for each, _ in found)


def _registers(file: FileSites, decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return any(api.is_one_of(name, api.REGISTER) for name in file.names.of(called))


def _key(file: FileSites, call: ast.Call, name: str) -> str | None:
    given: dict[str | None, ast.expr] = dict(zip(("package", "name"), call.args, strict=False))
    given.update((keyword.arg, keyword.value) for keyword in call.keywords)
    if not set(given) <= {"package", "name"} or any(isinstance(value, ast.Starred) for value in given.values()):
        return None
    texts = {"package": DEFAULT_PACKAGE, "name": name}
    for parameter, value in given.items():
        node = file.values.of(value).node
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str | None) or parameter is None:
            return None
        if node.value is not None:
            texts[parameter] = node.value
    return f"{texts['package']}>{texts['name']}"


def _functions_around(file: FileSites, node: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [a for a in file.index.ancestors(node) if isinstance(a, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _exclude(one: Path, other: Path) -> bool:
    """Return whether two paths lie in different arms of one statement, so that only one of them runs."""
    return any(a.statement == b.statement and a.name != b.name for a, b in zip(one, other, strict=False))


def _elsewhere(file: FileSites, key: str) -> Other | None:
    """Return what a module that certainly is imported together with this one registers under the same name."""
    for path in sorted(set(_imported(file))):
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        if key in set(registered_in(data)):
            there = file.modules.file(path)
            for each in there.of(Registration) if there is not None else ():
                if each.key == key and there is not None:
                    return Other(each.span, there.source)
    return None


def _imported(file: FileSites) -> Iterator[str]:
    """Yield the files of the project that the module imports when it is imported itself."""
    importer = os.path.abspath(file.source.filename)
    statements = [(statement, alias.name) for alias, statement in file.index.imports.items()]
    for statement, name in statements:
        if file.index.parents[statement] is not file.index.tree:
            continue
        if isinstance(statement, ast.Import):
            modules = [name]
        else:
            module = "." * statement.level + (statement.module or "")
            modules = [module, f"{module}{'' if module.endswith('.') else '.'}{name}"]
        for module in modules:
            path = module_file(module, importer)
            if path is not None and path != importer:
                yield path
