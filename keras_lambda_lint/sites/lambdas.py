"""Finds the `Lambda` layers of a file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.backend import removed_backend_function
from keras_lambda_lint.sites.aliases import aliases
from keras_lambda_lint.sites.classes.bases import is_plain
from keras_lambda_lint.sites.model import Argument, FunctionRef, LambdaSite, Origin, PassedValue
from keras_lambda_lint.sites.shape.declared import declared_shape
from keras_lambda_lint.source.names import UNRESOLVED, last_name
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.index import Call
    from keras_lambda_lint.source.scopes import Scope

_PARAMETERS = ("function", "output_shape", "mask", "arguments")
"""The positional parameters of `Lambda` in Keras 2 and 3."""


_RUN_BY_KERAS = frozenset({"call", "predict_step", "test_step", "train_step", "update_state"})
"""Methods of layers, models, losses and metrics: a layer that is made there is no part of any saved model."""
_OF_LOSSES = frozenset({"y_true", "y_pred"})


def find_lambdas(file: FileSites) -> tuple[LambdaSite, ...]:
    """Return the sites of a file, sorted by place."""
    if "Lambda" not in file.source.text:
        return ()
    return tuple(sorted((_site(file, call) for call in _calls(file)), key=lambda site: site.span))


def _calls(file: FileSites) -> Iterator[Call]:
    for name in ("Lambda", *aliases(file.index, frozenset({"Lambda"}))):
        yield from (call for call in file.index.calls.get(name, ()) if _makes_lambda(file, call))


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
    at_once = _runs_at_once(file, call)
    if at_once:
        functions = tuple(map(_with_values_of_the_moment, functions))
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
        runs_at_once=at_once,
        scope=call.scope,
        path=call.path,
        node=node,
    )


def _runs_at_once(file: FileSites, call: Call) -> bool:
    """Return whether the layer is called where it is made, on the tensors of the moment: in a method that Keras runs, or in a loss."""
    around = file.index.parents[call.node]
    home = _home(call).node
    if not (isinstance(around, ast.Call) and around.func is call.node and isinstance(home, ast.FunctionDef)):
        return False
    if {argument.arg for argument in home.args.args} >= _OF_LOSSES:
        return True
    owner = file.index.parents[home]
    return isinstance(owner, ast.ClassDef) and home.name in _RUN_BY_KERAS and not is_plain(file, owner)


def _with_values_of_the_moment(function: FunctionRef) -> FunctionRef:
    """Return a function that runs where it is made: no loop goes on, and nothing is bound again, before it reads its captures."""
    captures = (
        each._replace(late_bound=False, origin=Origin.LOCAL if each.is_loop_value else each.origin)
        for each in function.captures
    )
    return function._replace(captures=tuple(captures))


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


def _home(call: Call) -> Scope:
    """Return the scope around a call that is no comprehension."""
    scope = call.scope
    while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
        scope = scope.parent
    return scope
