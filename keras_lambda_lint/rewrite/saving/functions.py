"""How functions in Keras slots get what a loaded model needs to find them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.diagnostic import Applicability, Edit, Elsewhere, Fix
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.closures import Closures
from keras_lambda_lint.rewrite.saving.factories import Factories, call_of
from keras_lambda_lint.rewrite.saving.own_functions import renamed_callee
from keras_lambda_lint.rewrite.saving.registering import Registering
from keras_lambda_lint.sites.model import Capture, FunctionForm
from keras_lambda_lint.sites.saving.slots import FunctionSlot, builtin_name

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites


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
        self._registering = Registering(sites)
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
            edits=in_order(own),
            applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE,
            site=span,
            unsafe_because=unsafe[0] if unsafe else None,
            elsewhere=tuple(
                Elsewhere(name, in_order(theirs), home.source) for name, (home, theirs) in sorted(edits.items())
            ),
        )

    def _change(self, slot: FunctionSlot) -> Change:
        function, home = slot.function, self._registering.home(slot.function)
        node = function.node
        assert node is not None
        if isinstance(node, ast.Lambda) and home is self.sites:
            builtin = builtin_name(home, slot)
            if builtin is not None and not self._registering.hoisting(home).concrete.comments(node, slot.span):
                edit = Edit(self._registering.hoisting(home).concrete.whole(node), f'"{builtin}"')
                return Change(f'the activation `"{builtin}"` of Keras', [(home, edit)], [])
        like = slot.call.func if home is self.sites and not slot.role.belongs_to_training else None
        names, unsafe = self._registering.names(function, like)
        local = self._registering.local(function)
        if local:
            return self._kept(slot, home, local, names, unsafe)
        name, edits = self._registering.registered(function, slot.role, names)
        if slot.role is Role.METRIC and name != function.name:
            unsafe.append(f"the metric is called `{name}` in logs")
        done = f"register `{name}`" if function.form is FunctionForm.FUNCTION else f"registered function `{name}`"
        return Change(done, [(home, edit) for edit in edits], unsafe)

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


def _callee(sites: FileSites, call: ast.Call, name: str) -> list[Edit]:
    if not isinstance(call.func, ast.Name):
        raise NoFix("where the function is made is not known")
    return [Edit(sites.source.span(call.func), name)]
