"""Functions in Keras slots other than `Lambda`: activations, initializers, regularizers, constraints, losses, metrics."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.layers import LAYER_CLASSES
from keras_lambda_lint.keras_api.names import FOREIGN
from keras_lambda_lint.keras_api.slots import (
    ACTIVATIONS_SINCE,
    COMPILE_PARAMETERS,
    OF_COMPILE,
    POSITIONAL,
    SHADOWED,
    Role,
    may_be_layer,
    role_in_layer,
)
from keras_lambda_lint.sites.aliases import aliases
from keras_lambda_lint.sites.bodies.idioms import activation_like, equal_activation
from keras_lambda_lint.sites.classes.bases import is_plain
from keras_lambda_lint.sites.pins import may_have
from keras_lambda_lint.sites.saving.saves import ANY, receiver
from keras_lambda_lint.source.names import HERE, UNRESOLVED, last_name
from keras_lambda_lint.source.scopes import BindingKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef, Target
    from keras_lambda_lint.source.index import Call

_OTHERS = FOREIGN - {"builtins"}

LAMBDA_NAME = "<lambda>"
"""The name of every lambda, and the key under which some programs supply one."""


class FunctionSlot(NamedTuple):
    """One function of the project that reaches a Keras slot."""

    span: Span
    """Where it is passed."""
    role: Role
    function: FunctionRef
    factory: str | None
    """What makes the function, where a call does: `focal_loss` for `loss=focal_loss(2)`."""
    supplied: bool
    """Whether the project supplies it, or may supply it, as a custom object."""
    restored: bool
    """Whether loading the model restores what is in this slot: a loss or a metric only where the project loads models to train on."""
    shadowed: Target
    """The Keras versions that have a function of their own under the same name, and load that instead."""
    target: Target
    equal_on: Target
    """The Keras versions that have a function of the same name which computes the same."""
    passed: ast.expr
    """What fills the slot, such as a name or the call of a factory."""
    call: ast.Call
    """What takes it: the call of a layer, or of `compile`."""

    @property
    def is_lost(self) -> bool:
        """Whether a loaded model will lack the function."""
        if self.function.registered or not self.restored:
            return False
        # Keras 3 loads its own function from a `.keras` file even where another one is supplied.
        replaced_all_the_same = self.target == {3} and 3 in self.shadowed
        return (not self.supplied or replaced_all_the_same) and not self.target <= self.equal_on


def find_slots(file: FileSites) -> tuple[FunctionSlot, ...]:
    """Return the functions of the project in Keras slots, sorted by place."""
    found = [slot for role, passed, call in _of_layers(file) for slot in _functions(file, role, passed, call)]
    for call in file.index.calls.get("compile", ()):
        if _compiles_model(file, call.node):
            for role, passed in _given_to_compile(file, call.node):
                slots = list(_functions(file, role, passed, call.node))
                found += (
                    slots if slots and _is_restored(file, call) else [slot._replace(restored=False) for slot in slots]
                )
    return tuple(sorted(found, key=lambda slot: slot.span))


def _functions(file: FileSites, role: Role, passed: ast.expr, call: ast.Call) -> Iterator[FunctionSlot]:
    if isinstance(passed, ast.Constant):
        return
    for function in file.functions.of(passed, script=False):
        if not (function.is_named or function.is_anonymous) or _is_renamed(file, function):
            continue
        factory = last_name(passed.func) if isinstance(passed, ast.Call) else None
        names = {function.name or LAMBDA_NAME, factory or LAMBDA_NAME}
        yield FunctionSlot(
            span=function.span,
            role=role,
            function=function,
            factory=factory,
            supplied=any(map(file.facts.supplies, names)),
            restored=True,
            shadowed=frozenset(version for version in (2, 3) if _is_shadowed(file, version, role, function.name)),
            target=file.target,
            equal_on=_equal_on(file, role, function, passed),
            passed=passed,
            call=call,
        )


def _is_shadowed(file: FileSites, version: int, role: Role, name: str | None) -> bool:
    if name is None or name not in SHADOWED.get((version, role), ()):
        return False
    return (
        version == 3
        or role is not Role.ACTIVATION
        or may_have(file.source.filename, ACTIVATIONS_SINCE.get(name, (2, 0)))
    )


def _is_renamed(file: FileSites, function: FunctionRef) -> bool:
    """Return whether the program gives a function another name than that of its `def`, which is what a model file holds."""
    decorators = getattr(function.node, "decorator_list", ())
    if any(last_name(each.func) == "wraps" for each in decorators if isinstance(each, ast.Call)):
        return True
    if not isinstance(function.node, ast.FunctionDef):
        return False
    block = getattr(file.index.parents[function.node], "body", ()) if function.node in file.index.parents else ()
    beside = (each for each in block if isinstance(each, ast.Assign))
    return any(
        isinstance(target, ast.Attribute) and target.attr == "__name__" and last_name(target.value) == function.name
        for each in beside
        for target in each.targets
    )


def _equal_on(file: FileSites, role: Role, function: FunctionRef, passed: ast.expr) -> Target:
    if role is not Role.ACTIVATION or function.node is None or function.name is None:
        return frozenset()
    shadowed = [version for version in file.target if _is_shadowed(file, version, role, function.name)]
    return frozenset(v for v in shadowed if equal_activation(file, function, passed, function.name, v))


def builtin_name(file: FileSites, slot: FunctionSlot) -> str | None:
    """Return the name of the activation of Keras that a lambda in the slot of a layer computes exactly, on each Keras in question."""
    if slot.role is not Role.ACTIVATION or slot.passed is not slot.function.node:
        return None
    names = {activation_like(file, slot.function, slot.passed, version) for version in file.target}
    name = names.pop() if len(names) == 1 else None
    return None if 2 in file.target and name in ACTIVATIONS_SINCE else name


def _of_layers(file: FileSites) -> Iterator[tuple[Role, ast.expr, ast.Call]]:
    classes = {name: name for name in LAYER_CLASSES} | aliases(file.index, LAYER_CLASSES)
    for name in file.index.calls.keys() & classes.keys():
        for call in file.index.calls[name]:
            given = [
                each for each in _given_to_layer(classes[name], call.node) if not isinstance(each[1], ast.Constant)
            ]
            if given and _makes_layer(file, call.node) and not _is_rebuilt_by_constructor(file, call):
                yield from ((role, passed, call.node) for role, passed in given)


def _given_to_layer(name: str, call: ast.Call) -> Iterator[tuple[Role, ast.expr]]:
    position, role_there = POSITIONAL.get(name, (len(call.args), None))
    if role_there is not None and position < len(call.args):
        yield role_there, call.args[position]
    for keyword in call.keywords:
        role = role_in_layer(keyword.arg) if keyword.arg is not None else None
        if role is not None:
            yield role, keyword.value


def _makes_layer(file: FileSites, call: ast.Call) -> bool:
    names = file.names.of(call.func)
    return bool(names) and all(may_be_layer(name, UNRESOLVED) for name in names)


def _is_rebuilt_by_constructor(file: FileSites, call: Call) -> bool:
    """Return whether a layer is made inside a class that is, or may be, a layer or model of the project's own.

    The constructor of such a class makes it anew on loading: Keras reads no configuration of it, and looks for none of its functions.
    """
    return any(not is_plain(file, outer) for outer in call.scope.classes)


def _given_to_compile(file: FileSites, call: ast.Call) -> Iterator[tuple[Role, ast.expr]]:
    given = dict(zip(COMPILE_PARAMETERS, call.args, strict=False))
    given.update((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None)
    for keyword, role in OF_COMPILE.items():
        if keyword in given:
            for passed in _parts(file, given[keyword]):
                yield role, passed


def _is_restored(file: FileSites, call: Call) -> bool:
    """Return whether the project saves the model that is compiled here, as far as names tell, and loads models to train on.

    What a function returns, or an object keeps, may be saved under another name, elsewhere in the project.
    """
    model = receiver(call.node)
    if model is None or not file.facts.loads_training:
        return False
    handed_on = isinstance(model, ast.Attribute) or _is_returned(call, model)
    saved = file.facts.own.saved
    if ANY in saved or (last_name(model) in saved and not _is_another(file, model)):
        return True
    return handed_on and file.facts.saves


def _is_another(file: FileSites, model: ast.expr) -> bool:
    """Return whether each model that the file saves under the name of this one is certainly bound elsewhere: a later `model = ...`."""
    if not isinstance(model, ast.Name) or model not in file.index.reads:
        return False
    owner = file.index.reads[model].scope
    saved = [receiver(call.node) for call in file.index.calls.get("save", ())]
    same = [name for name in saved if isinstance(name, ast.Name) and name.id == model.id]
    here = set(file.index.reaching(model))
    return bool(here and same) and all(
        file.index.reads[name].scope is owner and not here & set(file.index.reaching(name)) for name in same
    )


def _is_returned(call: Call, model: ast.expr) -> bool:
    function = call.scope.node
    returned = [node.value for node in walk(function) if isinstance(node, ast.Return) and node.value is not None]
    name = last_name(model)
    return any(isinstance(part, ast.Name) and part.id == name for value in returned for part in walk(value))


def _compiles_model(file: FileSites, call: ast.Call) -> bool:
    """Return whether a call is `model.compile(...)`: on nothing that is known to be of others, with an optimizer or a loss."""
    model = receiver(call)
    if model is None or "keras" not in file.source.text or _is_of_others(file, model):
        return False
    roots = {name.partition(".")[0] for name in file.names.of(model)}
    named = any(keyword.arg in ("optimizer", "loss") for keyword in call.keywords)
    return not roots & _OTHERS and (named or (len(call.args) > 1 and roots <= {UNRESOLVED, HERE, "builtins"}))


def _is_of_others(file: FileSites, model: ast.expr) -> bool:
    """Return whether an object is certainly made by a class of the project's own that is nothing of Keras."""
    made = file.definition(model)
    made = made.file.definition(made.node.func) if made is not None and isinstance(made.node, ast.Call) else None
    return made is not None and isinstance(made.node, ast.ClassDef) and is_plain(made.file, made.node)


def _parts(file: FileSites, node: ast.expr) -> Iterator[ast.expr]:
    """Yield what a list, a tuple or a dict of losses or metrics holds, also through a name; other expressions as they are."""
    shown = _value_of(file, node)
    if isinstance(shown, (ast.List, ast.Tuple)):
        for element in shown.elts:
            yield from _parts(file, element)
    elif isinstance(shown, ast.Dict):
        for value in shown.values:
            yield from _parts(file, value)
    else:
        yield node


def _value_of(file: FileSites, node: ast.expr) -> ast.expr:
    """Return the display that a name is bound to, where it is bound once; else the expression itself."""
    if isinstance(node, ast.Name) and node in file.index.reads:
        bindings = file.index.reaching(node)
        if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT:
            value = bindings[0].value
            if isinstance(value, (ast.List, ast.Tuple, ast.Dict)):
                return value
    return node
