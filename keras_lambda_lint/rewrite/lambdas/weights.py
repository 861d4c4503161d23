"""Turns a variable that a function captures, or gets in `arguments=`, into a weight of the layer."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import IntendedChange
from keras_lambda_lint.rewrite.lambdas.layer_class import Setting, Weight
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.variable_calls import HARMLESS, SIGNATURES, arguments_of, is_integer, shape_of
from keras_lambda_lint.source.scopes import BindingKind, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.lambdas.making import Making
    from keras_lambda_lint.rewrite.spelling import Spelling
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Capture, FunctionRef, LambdaSite
    from keras_lambda_lint.source.scopes import Binding, Read


@dataclass(frozen=True)
class WeightOf:
    """The weight for a variable: what the class needs, and the binding, if any, that the fix makes needless."""

    weight: Weight
    setting: Setting | None
    binding: Binding | None
    trains: bool


def weight_of(
    sites: FileSites, site: LambdaSite, function: FunctionRef, capture: Capture, name: str, spelling: Spelling
) -> WeightOf:
    """Return the weight that replaces a captured variable; raise `NoFix` where it would not be the same variable."""
    binding = _only_binding(sites, function, capture)
    if _runs_more_often(sites, site, binding):
        raise NoFix(f"several layers may share the variable `{capture.text}`: it needs a layer that hands it out")
    return weight_from(sites, capture.text, capture.value.node, binding, name, spelling)


def weight_passed(making: Making, text: str, value: ast.expr) -> str:
    """Make a weight of a variable that only the layer gets, in its `arguments=`; return its name, or raise `NoFix`."""
    sites = making.sites
    binding = None
    if isinstance(value, ast.Name):
        bindings = sites.index.reaching(value)
        binding = bindings[0] if bindings else None
        statement = None if binding is None else sites.index.statement(binding.node)
        simple = isinstance(statement, ast.Assign) and len(statement.targets) == 1
        if (
            binding is None
            or not simple
            or any(len(each) != 1 for each in (bindings, binding.scope.bindings[value.id]))
        ):
            raise NoFix(f"`{value.id}` is not bound once, by an assignment of its own")
        if len(sites.index.reads_of(binding)) > 1:
            raise NoFix(f"the variable `{value.id}` is also used outside the layer: a weight belongs to one layer")
        if _runs_more_often(sites, making.site, binding):
            raise NoFix(f"several layers may share the variable `{value.id}`: it needs a layer that hands it out")
    elif not isinstance(value, ast.Call):
        raise NoFix(f"the variable `{text}` belongs to an object")
    for parameter in making.function.parameters:
        for read in parameter.reads if parameter.name == text else ():
            if sites.text(read) == text and sites.source.text[read.end : read.end + 1] == ".":
                raise NoFix(f"the function calls methods of the variable `{text}`")
    name = making.new_name(text)
    add_weight(making, weight_from(sites, text, sites.values.of(value).node, binding, name, making.spelling))
    return name


def add_weight(making: Making, made: WeightOf) -> None:
    """Give the layer a weight, and say what that changes."""
    making.body.weights.append(made.weight)
    if made.setting is not None:
        making.body.settings.append(made.setting)
    if made.binding is not None:
        making.body.needless.append(made.binding)
    if made.trains:
        making.body.intended.add(IntendedChange.TRAINS_WEIGHT)
        making.body.unsafe.insert(0, "the weight starts to train, and checkpoints gain it")
    else:
        making.body.unsafe.append("checkpoints gain the weight")


def weight_from(
    sites: FileSites, text: str, call: ast.expr | None, binding: Binding | None, name: str, spelling: Spelling
) -> WeightOf:
    """Return the weight that a layer makes as a variable is made; raise `NoFix` where no weight can be made like that."""
    if not isinstance(call, ast.Call):
        raise NoFix(f"how `{text}` is made is not known")
    kind, arguments = arguments_of(sites, call)
    initial = arguments.pop(SIGNATURES[kind][0], None)
    if initial is None:
        raise NoFix(f"`{text}` has no initial value")
    trainable = arguments.pop("trainable", None)
    if trainable is not None and not (isinstance(trainable, ast.Constant) and isinstance(trainable.value, bool)):
        raise NoFix(f"whether `{text}` trains is not a literal")
    dtype = arguments.pop("dtype", None)
    if dtype is not None and not _is_importable(sites, dtype):
        raise NoFix(f"the dtype of `{text}` is known only where it is made")
    unknown = [key for key in arguments if key not in HARMLESS]
    if unknown:
        raise NoFix(f"`{text}` is made with `{unknown[0]}`, which no weight has")
    shape, filled = shape_of(sites, initial, text)
    if kind == "tf" and dtype is None and not filled and is_integer(initial):
        raise NoFix(f"`{text}` is an integer variable, which no optimiser trains")
    written = [f"shape={shape}"]
    if dtype is not None:
        written.append(f"dtype={sites.text(sites.source.span(dtype))}")
    elif kind == "tf":
        written.append('dtype="float32"')
    setting = None
    if filled:
        written.append(f'initializer="{filled}"')
    else:
        setting = Setting(f"initial_{name}", sites.text(sites.source.span(initial)), by_keyword=True)
        written.append(f"initializer={spelling.name('initializers.Constant')}({setting.name})")
    frozen = trainable is not None and trainable.value is False
    if frozen:
        written.append("trainable=False")
    return WeightOf(Weight(name, tuple(written)), setting, binding, trains=not frozen)


def _only_binding(sites: FileSites, function: FunctionRef, capture: Capture) -> Binding:
    """Return the one assignment of a variable that nothing but the function reads, and the function only as a value."""
    binding = single_binding(sites, capture)
    assert function.node is not None
    inside = sites.index.scope_of(function.node)
    for read in sites.index.reads_of(binding):
        if not read.scope.within(inside):
            raise NoFix(f"the variable `{capture.text}` is also used outside the layer: a weight belongs to one layer")
        refuse_methods(sites, capture, read)
    return binding


def single_binding(sites: FileSites, capture: Capture) -> Binding:
    """Return the one assignment that makes a captured variable; raise `NoFix` where that is not a statement of its own."""
    if not isinstance(capture.node, ast.Name):
        raise NoFix(f"the variable `{capture.text}` belongs to an object")
    bindings = sites.index.reaching(capture.node)
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or capture.late_bound:
        raise NoFix(f"`{capture.text}` is bound more than once")
    binding = bindings[0]
    statement = sites.index.statement(binding.node)
    simple = isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is binding.value
    if not simple or (isinstance(statement, ast.Assign) and len(statement.targets) != 1):
        raise NoFix(f"`{capture.text}` is bound together with other names")
    return binding


def refuse_methods(sites: FileSites, capture: Capture, read: Read) -> None:
    """Raise `NoFix` for a read of a variable that asks for more than its value."""
    if isinstance(sites.index.parents[read.node], ast.Attribute):
        raise NoFix(f"the function calls methods of the variable `{capture.text}`")


def _runs_more_often(sites: FileSites, site: LambdaSite, binding: Binding) -> bool:
    """Return whether the layer may be made several times for one variable: in a loop, or in a function that is called again."""
    scope, path = site.scope, site.path
    while scope is not binding.scope:
        repeated = scope.kind is not ScopeKind.FUNCTION or any(arm.loop for arm in path)
        name = getattr(scope.node, "name", None)
        calls = sites.index.calls.get(name, []) if name is not None else []
        if repeated or len(calls) > 1 or any(arm.loop for call in calls for arm in call.path) or scope.parent is None:
            return True
        scope, path = scope.parent, scope.path
    return any(arm.loop for arm in path[len(binding.path) :])


def _is_importable(sites: FileSites, node: ast.expr) -> bool:
    """Return whether an expression is a literal, or a name of a module that the file imports at its top."""
    if isinstance(node, ast.Constant):
        return True
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    bindings = sites.index.reaching(node)
    return bool(bindings) and all(
        b.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT) and b.scope is sites.index.module for b in bindings
    )
