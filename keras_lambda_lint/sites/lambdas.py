"""Finds the `Lambda` layers of a file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.backend import removed_backend_function
from keras_lambda_lint.sites.declared import declared_shape
from keras_lambda_lint.sites.model import Argument, FunctionRef, LambdaSite, PassedValue
from keras_lambda_lint.source.names import UNRESOLVED, last_name
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.index import Call

_PARAMETERS = ("function", "output_shape", "mask", "arguments")
"""The positional parameters of `Lambda` in Keras 2 and 3."""


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_lambdas(file: FileSites) -> tuple[LambdaSite, ...]:
    """Return the sites of a file, sorted by place."""
    if "Lambda" not in file.source.text:
        return ()
    return tuple(sorted((_site(file, call) for call in _calls(file)), key=lambda site: site.span))


def _calls(file: FileSites) -> Iterator[Call]:
    for name in ("Lambda", *_aliases(file)):
        yield from (call for call in file.index.calls.get(name, ()) if _makes_lambda(file, call))


def _aliases(file: FileSites) -> set[str]:
    """Return the names other than `Lambda` that an import or an assignment gives to something called `Lambda`."""
    found = {"Lambda"}
    grown = True
    while grown:
        grown = False
        for binding in file.index.bound_at.values():
            original = (
                getattr(binding.node, "name", None) if isinstance(binding.node, ast.alias) else last_name(binding.value)
            )
            if original in found and binding.name not in found:
                found.add(binding.name)
                grown = True
    return found - {"Lambda"}


def _makes_lambda(file: FileSites, call: Call) -> bool:
    """Return whether a call makes a Keras `Lambda` layer; a callee of unknown origin counts where it is called `Lambda`."""
    callee = call.node.func
    if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id in ("self", "cls"):
        return False
    names = file.names.of(callee)
    if any(is_lambda(name) for name in names):
        return True
    return last_name(call.node.func) == "Lambda" and any(_may_be_lambda(file, name) for name in names)


def _may_be_lambda(file: FileSites, name: str) -> bool:
    """Return whether a name of unknown origin may be Keras' `Lambda`: an injected namespace, or a star import of an unknown module."""
    if "keras" not in file.source.text.lower():
        return False
    module = name.rpartition(".")[0]
    if module == UNRESOLVED or module.startswith(UNRESOLVED + "."):
        return True
    starred = module in file.names.stars
    return starred and (
        api.below_keras(module + ".x") is not None or module.lstrip(".").partition(".")[0] not in api.FOREIGN
    )


def _site(file: FileSites, call: Call) -> LambdaSite:
    node = call.node
    arguments: dict[str, Argument] = {}
    for name, value in zip(_PARAMETERS, node.args, strict=False):
        arguments[name] = Argument(file.source.span(value), value)
    for keyword in node.keywords:
        if keyword.arg is not None:
            arguments[keyword.arg] = Argument(file.source.span(keyword), keyword.value)
    function = arguments.pop("function", None)
    at_module_level = call.scope.kind in (ScopeKind.MODULE, ScopeKind.COMPREHENSION) and call.scope.module is _home(
        call
    )
    functions = _functions(file, function, script=at_module_level)
    return LambdaSite(
        span=file.source.span(node),
        callee=file.source.span(node.func),
        callee_names=file.names.of(node.func),
        functions=functions,
        arguments=arguments,
        shape_functions=_functions(file, arguments.get("output_shape"), script=at_module_level),
        mask_functions=_functions(file, arguments.get("mask"), script=at_module_level),
        passed=tuple(_passed(file, arguments.get("arguments"), script=at_module_level)),
        unknown_arguments=any(isinstance(a, ast.Starred) for a in node.args)
        or any(k.arg is None for k in node.keywords),
        target=file.target,
        shape=file.shapes.of(node, functions[0].node if len(functions) == 1 else None),
        calls_removed=any(
            removed_backend_function(name) for each in functions for called in each.calls for name in called.names
        ),
        declared=declared_shape(arguments.get("output_shape"), file.values),
        takes_integers=file.shapes.model.takes_integers(node),
        runs_at_once=_runs_at_once(file, node),
        scope=call.scope,
        path=call.path,
        node=node,
    )


def _runs_at_once(file: FileSites, node: ast.Call) -> bool:
    parent = file.index.parents[node]
    if not (isinstance(parent, ast.Call) and parent.func is node):
        return False
    around = next((each for each in file.index.ancestors(node) if isinstance(each, _DEFINITIONS)), None)
    if around is None or around.name != "call":
        return False
    owner = file.index.parents[around]
    return isinstance(owner, ast.ClassDef) and bool(owner.bases)


def _functions(file: FileSites, argument: Argument | None, *, script: bool) -> tuple[FunctionRef, ...]:
    return () if argument is None else file.functions.of(argument.node, script=script)


def _passed(file: FileSites, argument: Argument | None, *, script: bool) -> Iterator[PassedValue]:
    """Yield the entries of `arguments=`: of a dict that is written out, also through a name, or of `dict(...)`."""
    written = file.flow.written(argument.node) if argument is not None else None
    if isinstance(written, ast.Dict):
        entries = [
            (key.value, value)
            for key, value in zip(written.keys, written.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
    elif isinstance(written, ast.Call) and file.names.of(written.func) == {"builtins.dict"}:
        entries = [(keyword.arg, keyword.value) for keyword in written.keywords if keyword.arg is not None]
    else:
        return
    for name, value in entries:
        reached = tuple(each for each in file.functions.of(value, script=script) if each.node is not None)
        made = file.flow.written(value)
        known = file.values.of(value)
        yield PassedValue(name, file.source.span(value), known, file.values.is_tensorflow_variable(made), reached)


def is_lambda(name: str) -> bool:
    """Return whether a qualified name is Keras' `Lambda`, in whatever module below `layers` it is found."""
    rest = api.below_keras(name)
    return rest is not None and rest.rpartition(".")[2] == "Lambda" and not rest.startswith("backend")


def _home(call: Call) -> object:
    """Return the scope around a call that is no comprehension."""
    scope = call.scope
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope
