"""Registers functions where they are defined; one that is no function of a module becomes one."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.closures import capture_root
from keras_lambda_lint.rewrite.saving.decorated import decorated
from keras_lambda_lint.rewrite.saving.hoisted import Hoisting
from keras_lambda_lint.rewrite.saving.keras_names import keras_expression, keras_names, roots_of
from keras_lambda_lint.sites.model import Capture, FunctionForm, Origin
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.keras_api.slots import Role
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef


class Registering:
    """Gives the functions that one file passes what a loaded model needs to find them."""

    def __init__(self, sites: FileSites) -> None:
        self.sites = sites
        self._hoisting: dict[str, Hoisting] = {}

    def home(self, function: FunctionRef) -> FileSites:
        """Return the file that defines a function; raise `NoFix` where that has changed since it was read."""
        if function.source is None:
            return self.sites
        home = self.sites.modules.file(os.path.abspath(function.source.filename))
        if home is None or function.node not in home.index.scopes:
            raise NoFix(f"{function.source.filename} has changed since it was read")
        return home

    def hoisting(self, home: FileSites) -> Hoisting:
        """Return what makes functions of the module in one file."""
        name = home.source.filename
        if name not in self._hoisting:
            self._hoisting[name] = Hoisting(home)
        return self._hoisting[name]

    def names(self, function: FunctionRef, like: ast.expr | None) -> tuple[KerasNames, list[str]]:
        """Return how the file of a function says what registers it, and why a loaded model may compute something else with it.

        `like` is an expression beside the function that names something of the same Keras. Raises `NoFix` where a loaded model
        certainly computes something else.
        """
        home, node = self.home(function), function.node
        assert node is not None
        if isinstance(node, ast.AsyncFunctionDef):
            raise NoFix("the function is asynchronous")
        unsafe = _refuse_state(home, function)
        here = like if like is not None else keras_expression(self.sites)
        names = keras_names(home, node, like, roots_of(self.sites, here))
        unsafe += names.caveats
        if names.new:
            unsafe.append(f"{home.source.filename} starts to import Keras")
        return names, unsafe

    def local(self, function: FunctionRef) -> list[Capture]:
        """Return the captures that mean nothing, or something else, at module level."""
        home = self.home(function)
        return [capture for capture in function.captures if _is_local(home, capture)]

    def registered(self, function: FunctionRef, role: Role, names: KerasNames) -> tuple[str, list[Edit]]:
        """Return the name of a function that is registered, and the edits of its file for that; raise `NoFix` where it would be another."""
        home = self.home(function)
        if function.form is FunctionForm.FUNCTION:
            return function.name or "", decorated(home, function, names)
        hoisting = self.hoisting(home)
        made = hoisting.of_lambda if isinstance(function.node, ast.Lambda) else hoisting.of_nested
        return made(function, role, names)


def _is_local(home: FileSites, capture: Capture) -> bool:
    """Return whether a captured name means nothing, or something else, at module level."""
    root = capture_root(capture)
    owner = home.index.reads[root].scope.owner(root.id)
    return owner is not None and owner.kind is not ScopeKind.MODULE


def _refuse_state(home: FileSites, function: FunctionRef) -> list[str]:
    """Return why a loaded model may compute something else with this function; raise `NoFix` where it certainly does."""
    name = f"`{function.name}`" if function.name is not None else "the lambda"
    if function.creations:
        raise NoFix(f"{name} creates a layer or a variable each time it runs")
    unsafe = []
    for capture in function.captures:
        value = capture.value
        if value.is_variable or value.is_layer or value.is_tensor:
            raise NoFix(f"{name} reads `{capture.text}`, a {value.kind.value}, which the model file would not hold")
        if _is_local(home, capture):
            continue
        if capture.is_loop_value or (capture.is_state and capture.late_bound):
            raise NoFix(f"{name} reads `{capture.text}`, which changes while the program runs")
        if capture.origin is Origin.MODULE_VALUE and _is_set_by_script(home, capture):
            raise NoFix(f"{name} reads `{capture.text}`, which the program sets only when it is run as a script")
        if capture.is_state and not capture.importable:
            unsafe.append(f"{name} reads `{capture.text}`, which the model file does not hold")
    return unsafe


def _is_set_by_script(home: FileSites, capture: Capture) -> bool:
    root = capture.text.partition(".")[0].partition("[")[0]
    bindings = home.index.module.bindings.get(root, ())
    return any(home.index.is_guarded_by_main(binding.node) for binding in bindings)
