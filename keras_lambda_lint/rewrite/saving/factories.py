"""A function that a factory makes becomes a class, which keeps what the factory was called with and calls it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.lambdas.config_value import Survival, survival
from keras_lambda_lint.rewrite.lambdas.making import NOT_IN_CONFIG
from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.naming import camel, taken_names, unique
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.decorated import registering_line
from keras_lambda_lint.rewrite.saving.kept_class import FORMS, METRIC_BASE, OF_TRAINING, Kept, KeptClass
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.saving.slots import FunctionSlot

_PREFIX = re.compile(r"(?:make|get|create|build|gen|generate)_(?=[a-z])")
_OF_ROLE = ("act", "fn", "func", "init", "reg")
_SUFFIX = re.compile(rf"(?<=[a-z0-9])_(?:{'|'.join(_OF_ROLE)})$")


class Factories:
    """Makes classes for what the factories of one file make."""

    def __init__(self, home: FileSites) -> None:
        self.home = home
        self.layout = Layout.of(home.source, home.index.tree)
        self._taken = taken_names(home.index)
        self._named: dict[tuple[ast.AST, Role, tuple[Kept, ...]], str] = {}

    def of(
        self, sites: FileSites, slot: FunctionSlot, factory: ast.FunctionDef, names: KerasNames
    ) -> tuple[str, list[Edit], list[str]]:
        """Return the name of the class for what a call in a slot makes, the edits of the factory's file, and why they are unsafe.

        Raises `NoFix` where the class could not make the same function again.
        """
        call = call_of(sites, slot)
        self._refuse(factory)
        kept, unsafe = self._kept(sites, call, factory)
        passed = ", ".join(
            f"{setting.name}=self.{setting.name}" if kind == "keyword" else f"self.{setting.name}"
            for setting, (_, kind, _) in zip(kept, with_defaults(factory.args), strict=True)
        )
        parameters = list(self._parameters(slot))
        if slot.role is Role.METRIC:
            base, wrapped = METRIC_BASE, passed.replace("self.", "")
            made = KeptClass(
                slot.role,
                names.name(base),
                (),
                (f"{factory.name}({wrapped})",),
                kept,
                metric_name=slot.function.name or "",
            )
        else:
            # Made once, as before: what the factory does besides is not done at each call.
            attribute = "made" if any(setting.name == "function" for setting in kept) else "function"
            called = f"self.{attribute}({', '.join(each.partition('=')[0] for each in parameters)})"
            made = KeptClass(
                slot.role,
                names.name(FORMS[slot.role].base),
                tuple(parameters),
                (f"return {called}",),
                kept,
                constructed=(f"self.{attribute} = {factory.name}({passed})",),
            )
        if slot.role is Role.LOSS:
            unsafe.insert(0, "for a function Keras gives `y_true` and `y_pred` the same rank, for a `Loss` it does not")
        if slot.role is Role.ACTIVATION:
            unsafe.insert(0, "a layer stands in place of a function")
        key = (factory, slot.role, kept)
        if key not in self._named:
            self._named[key] = unique([class_name(factory.name, slot.role)], self._taken)
            self._taken.add(self._named[key])
        name = self._named[key]
        end = self.home.source.line_starts[(factory.end_lineno or 0) - 1] + len(
            self.home.source.line(factory.end_lineno or 0)
        )
        text = made.text(name, registering_line(self.home, name, names), self.layout)
        if end < names.needs_above:
            raise NoFix(f"`{factory.name}` is defined above the import of Keras")
        return name, [*names.edits, Edit(Span(end, end), self.layout.newline * 3 + text)], unsafe

    def _refuse(self, factory: ast.FunctionDef) -> None:
        if factory.decorator_list:
            raise NoFix(f"`{factory.name}` is decorated: what that makes of it is not known")
        if factory not in self.home.index.tree.body or len(self.home.index.module.bindings[factory.name]) > 1:
            raise NoFix(f"`{factory.name}` is no function of the module, or bound more than once")
        for inner in ast.walk(factory):
            made = self.home.names.of(inner.func) if isinstance(inner, ast.Call) else frozenset[str]()
            if any(api.is_variable_maker(name) or api.is_layer_class(name) for name in made):
                raise NoFix(f"`{factory.name}` makes a layer or a variable, which the model file would not hold")

    def _kept(self, sites: FileSites, call: ast.Call, factory: ast.FunctionDef) -> tuple[tuple[Kept, ...], list[str]]:
        """Return what the class keeps, one setting per parameter of the factory, and what is not known of their values."""
        if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
            raise NoFix(f"`{factory.name}` is called with `*` arguments")
        given: dict[str, ast.expr] = {each.arg: each.value for each in call.keywords if each.arg is not None}
        parameters = list(with_defaults(factory.args))
        given.update((argument.arg, value) for (argument, _, _), value in zip(parameters, call.args, strict=False))
        kept, unsafe = [], []
        for argument, kind, default in parameters:
            name = argument.arg
            if kind in ("*", "**"):
                raise NoFix(f"`{factory.name}` takes `*` arguments")
            if name in api.LAYER_MEMBERS | OF_TRAINING:
                raise NoFix(f"`{factory.name}` has a parameter `{name}`, which Keras uses itself")
            file, value = (sites, given[name]) if name in given else (self.home, default)
            if value is None:
                raise NoFix(f"nothing gives a value to the parameter `{name}`")
            outcome = _survival(file, value)
            if outcome is Survival.UNSURE:
                unsafe.append(f"`{name}` goes into the config, so it must be a number, a string, a list or a dict")
            text = None if default is None else self.home.text(self.home.source.span(default))
            kept.append(Kept(name, text, is_tuple=outcome is Survival.LIST))
        return tuple(kept), unsafe

    def _parameters(self, slot: FunctionSlot) -> Iterator[str]:
        """Yield the parameters of the function that the factory makes."""
        for parameter in slot.function.parameters:
            if parameter.kind != "positional" or parameter.name == "self":
                raise NoFix("the function takes `*` or keyword arguments, or a `self`")
            if parameter.default is None:
                yield parameter.name
            elif isinstance(parameter.default, ast.Constant):
                yield f"{parameter.name}={self.home.text(self.home.source.span(parameter.default))}"
            else:
                raise NoFix(f"the default of `{parameter.name}` has its value from where the function is made")


def call_of(sites: FileSites, slot: FunctionSlot) -> ast.Call:
    """Return the call of the factory that fills a slot, also through a name that holds nothing else."""
    passed = slot.passed
    if isinstance(passed, ast.Name) and passed in sites.index.reads:
        bindings = sites.index.reaching(passed)
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT and bindings[0].value is not None:
            passed = bindings[0].value
    if not isinstance(passed, ast.Call):
        raise NoFix("where the function is made is not known")
    return passed


def class_name(name: str, role: Role) -> str:
    """Return the name of a class for what a function of this name makes: `make_focal` as a loss is `FocalLoss`.

    A name that says no more than the role, such as `make_loss`, makes `CustomLoss`: `Loss` is the base.
    """
    said = _SUFFIX.sub("", _PREFIX.sub("", name, count=1))
    suffix = camel(role.value)
    made = "Custom" if said in _OF_ROLE or camel(said) == suffix else camel(said)
    return made if made.endswith(suffix) else f"{made}{suffix}"


def _survival(sites: FileSites, node: ast.expr) -> Survival:
    """Return what becomes of an argument in a config; raise `NoFix` for what no config can hold."""
    value, text = sites.values.of(node), sites.text(sites.source.span(node))
    if value.kind in NOT_IN_CONFIG or value.is_variable:
        raise NoFix(f"`{text}` ({value.kind.value}) is nothing that a config can hold")
    if value.kind is not ValueKind.CONSTANT:
        return Survival.UNSURE
    outcome = survival(value.node, sites.values)
    if outcome is Survival.LOST:
        raise NoFix(f"`{text}` cannot be put into a config: JSON has no such value")
    return outcome
