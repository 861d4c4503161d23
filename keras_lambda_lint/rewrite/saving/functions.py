"""How functions in Keras slots get what a loaded model needs to find them."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Applicability, Edit, Elsewhere, Fix
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.closures import Closures, capture_root
from keras_lambda_lint.rewrite.saving.decorated import decorated
from keras_lambda_lint.rewrite.saving.factories import Factories, call_of
from keras_lambda_lint.rewrite.saving.hoisted import Hoisting
from keras_lambda_lint.rewrite.saving.keras_names import keras_expression, keras_names, roots_of
from keras_lambda_lint.rewrite.saving.own_functions import renamed_callee
from keras_lambda_lint.sites.model import Capture, FunctionForm, Origin
from keras_lambda_lint.sites.saving.slots import FunctionSlot, builtin_name
from keras_lambda_lint.source.scopes import ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef


class Change(NamedTuple):
    """What one function takes to be found: edits of the file that passes it, and of the one that defines it."""

    message: str
    edits: list[tuple[FileSites, Edit]]
    unsafe: list[str]


def plan_slots(sites: FileSites, reported: Reported) -> dict[Span, Fix | str]:
    """Return the fix of each reported function in a Keras slot by the place where it is passed, or the reason why there is none."""
    found: dict[Span, list[FunctionSlot]] = {}
    for slot in sites.of(FunctionSlot):
        if slot.span in reported.get(FunctionSlot, {}) and slot.is_lost:
            found.setdefault(slot.span, []).append(slot)
    planner = _Planner(sites)
    plans: dict[Span, Fix | str] = {}
    for span, slots in found.items():
        try:
            plans[span] = planner.fix(span, slots)
        except NoFix as refusal:
            plans[span] = str(refusal)
    return plans


class _Planner:
    def __init__(self, sites: FileSites) -> None:
        self.sites = sites
        self._hoisting: dict[str, Hoisting] = {}
        self._factories: dict[str, Factories] = {}
        self._closures = Closures(sites)

    def fix(self, span: Span, slots: list[FunctionSlot]) -> Fix:
        """Return what settles all functions that may be passed at one place; raise `NoFix` if one of them stays as it is."""
        changes = [self._change(slot) for slot in slots]
        edits: dict[str, tuple[FileSites, list[Edit]]] = {}
        for change in changes:
            for file, edit in change.edits:
                edits.setdefault(file.source.filename, (file, []))[1].append(edit)
        own = edits.pop(self.sites.source.filename, (self.sites, list[Edit]()))[1]
        unsafe = [reason for change in changes for reason in change.unsafe]
        return Fix(
            message=", ".join(dict.fromkeys(change.message for change in changes)),
            edits=_sorted(own),
            applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE,
            site=span,
            unsafe_because=unsafe[0] if unsafe else None,
            elsewhere=tuple(
                Elsewhere(name, _sorted(theirs), home.source) for name, (home, theirs) in sorted(edits.items())
            ),
        )

    def _change(self, slot: FunctionSlot) -> Change:
        function, home = slot.function, self._home(slot.function)
        node = function.node
        assert node is not None
        if isinstance(node, ast.AsyncFunctionDef):
            raise NoFix("the function is asynchronous")
        if isinstance(node, ast.Lambda) and home is self.sites:
            builtin = builtin_name(home, slot)
            if builtin is not None and not self._hoist(home).concrete.comments(node, slot.span):
                edit = Edit(self._hoist(home).concrete.whole(node), f'"{builtin}"')
                return Change(f'the activation `"{builtin}"` of Keras', [(home, edit)], [])
        unsafe = _refuse_state(home, function)
        like = slot.call.func if home is self.sites and not slot.role.belongs_to_training else None
        here = like if like is not None else keras_expression(self.sites)
        names = keras_names(home, node, like, roots_of(self.sites, here))
        if names.new:
            unsafe.append(f"{home.source.filename} starts to import Keras")
        local = [capture for capture in function.captures if _is_local(home, capture)]
        if local:
            return self._kept(slot, home, local, names, unsafe)
        if function.form is FunctionForm.FUNCTION:
            edits = decorated(home, function, names)
            return Change(f"register `{function.name}`", [(home, edit) for edit in edits], unsafe)
        if isinstance(node, ast.Lambda):
            name, edits = self._hoist(home).of_lambda(function, slot.role, names)
            if slot.role is Role.METRIC:
                unsafe.append(f"the metric is called `{name}` in logs")
        else:
            name, edits = self._hoist(home).of_nested(function, slot.role, names)
            if slot.role is Role.METRIC and name != function.name:
                unsafe.append(f"the metric is called `{name}` in logs")
        return Change(f"registered function `{name}`", [(home, edit) for edit in edits], unsafe)

    def _kept(
        self, slot: FunctionSlot, home: FileSites, local: list[Capture], names: KerasNames, unsafe: list[str]
    ) -> Change:
        """Return what makes a class of a function with captures: of what a factory makes, or of a function made in place."""
        assert slot.function.node is not None
        around = home.index.scope_of(slot.function.node).parent
        factory = None if around is None else around.node
        if home is self.sites and self._closures.is_made_at(slot):
            name, edits, reasons = self._closures.of(slot, local, names)
            return Change(f"class `{name}`", [(home, edit) for edit in edits], [*unsafe, *reasons])
        call = call_of(self.sites, slot)
        made = self.sites.definition(call.func)
        if made is None or made.node is not factory or not isinstance(factory, ast.FunctionDef):
            raise NoFix(f"the function captures `{local[0].text}`: make it a class that keeps the value in its config")
        if home.source.filename not in self._factories:
            self._factories[home.source.filename] = Factories(home)
        name, edits, reasons = self._factories[home.source.filename].of(self.sites, slot, factory, names)
        called = (
            renamed_callee(self.sites, call.func, name) if home is not self.sites else _callee(self.sites, call, name)
        )
        changed = [*((home, edit) for edit in edits), *((self.sites, edit) for edit in called)]
        return Change(f"class `{name}`", changed, [*unsafe, *reasons])

    def _home(self, function: FunctionRef) -> FileSites:
        """Return the file that defines a function."""
        if function.source is None:
            return self.sites
        home = self.sites.modules.file(os.path.abspath(function.source.filename))
        if home is None or function.node not in home.index.scopes:
            raise NoFix(f"{function.source.filename} has changed since it was read")
        return home

    def _hoist(self, home: FileSites) -> Hoisting:
        name = home.source.filename
        if name not in self._hoisting:
            self._hoisting[name] = Hoisting(home)
        return self._hoisting[name]


def _sorted(edits: list[Edit]) -> tuple[Edit, ...]:
    """Return edits by place; those at one place, such as an import and what takes it, keep their order."""
    return tuple(sorted(dict.fromkeys(edits), key=lambda edit: edit.span))


def _callee(sites: FileSites, call: ast.Call, name: str) -> list[Edit]:
    if not isinstance(call.func, ast.Name):
        raise NoFix("where the function is made is not known")
    return [Edit(sites.source.span(call.func), name)]


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
