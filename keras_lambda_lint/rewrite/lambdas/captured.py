"""What a function captures becomes config or weights of the layer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange
from keras_lambda_lint.rewrite.lambdas.arrays import add_array
from keras_lambda_lint.rewrite.lambdas.config_value import is_mutable
from keras_lambda_lint.rewrite.lambdas.evidence import refuse_by_evidence
from keras_lambda_lint.rewrite.lambdas.inner import inner_function
from keras_lambda_lint.rewrite.lambdas.making import NOT_IN_CONFIG, Making, Moving
from keras_lambda_lint.rewrite.lambdas.origin import constant_text, made_by
from keras_lambda_lint.rewrite.lambdas.weights import add_weight, weight_of
from keras_lambda_lint.rewrite.naming import parameter_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.captures import is_self
from keras_lambda_lint.sites.model import Capture, FunctionRef, Origin, ValueKind
from keras_lambda_lint.source.names import imported

if TYPE_CHECKING:
    from keras_lambda_lint.source.scopes import Scope


def add_capture(making: Making, capture: Capture) -> None:
    """Give the layer what one capture needs: nothing, an import, a setting or a weight; raise `NoFix` for what none of them can hold."""
    if capture.importable or capture.text in making.settled:
        return
    if capture.origin is Origin.IMPORT:
        add_local_import(making, capture.root)
        return
    if _is_outer(making, capture):
        setting = making.passed(capture.text, making.taken.outer[capture.text])
        replace_reads(making, capture, setting.name)
        return
    inner = inner_function(making, capture)
    if inner is not None and inner.node is not None:
        _move(making, inner)
        return
    if capture.origin in (Origin.FUNCTION, Origin.CLASS):
        raise NoFix(f"`{capture.text}` {NOT_IN_CONFIG[ValueKind.FUNCTION]}")
    if isinstance(capture.node, ast.Name) and capture.origin is Origin.SELF_ATTRIBUTE:
        raise NoFix("the function uses `self` as a whole")
    if capture.value.kind in NOT_IN_CONFIG and capture.value.kind is not ValueKind.ARRAY:
        raise NoFix(f"`{capture.text}` {NOT_IN_CONFIG[capture.value.kind]}")
    for node in capture.nodes:
        refuse_use(making, capture, node)
    refuse_other_meaning(making, capture)
    if capture.value.is_variable:
        _weight(making, capture)
        return
    _refuse_too_early(making, capture)
    known = making.named.get((capture.text, capture.bound_at))
    if known is not None:
        replace_reads(making, capture, known)
        return
    made = made_by(making.sites, capture) if capture.value.kind is ValueKind.UNKNOWN else None
    if made is not None:
        _inline(making, capture, made)
        return
    if capture.value.kind is ValueKind.ARRAY:
        name = add_array(making, capture)
    else:
        if capture.value.kind is ValueKind.UNKNOWN:
            refuse_by_evidence(making.sites, capture)
        name = making.setting(capture.text, capture.text, capture.value.kind, capture.value.node).name
    making.named[capture.text, capture.bound_at] = name
    replace_reads(making, capture, name)
    if capture.is_loop_value:
        making.body.intended.add(IntendedChange.BINDS_LOOP_VALUE)
        reason = "each layer gets the loop values of its own iteration"
        making.body.unsafe = [reason, *(other for other in making.body.unsafe if other != reason)]
    elif (capture.value.kind is ValueKind.ARRAY or is_mutable(capture.value.node)) and _may_be_changed(making, capture):
        making.body.unsafe.insert(0, f"other code may change `{capture.text}`; the layer keeps the value it has here")
    elif capture.late_bound:
        making.body.intended.add(IntendedChange.BINDS_LOOP_VALUE)
        making.body.unsafe.insert(0, f"`{capture.text}` is bound again later; the layer keeps the value it has here")
    elif capture.origin is Origin.SELF_ATTRIBUTE:
        making.body.unsafe.append(f"the layer keeps the value that `{capture.text}` has here")


def _refuse_too_early(making: Making, capture: Capture) -> None:
    """Raise `NoFix` for a value that is no constant where the layer is made: a tensor inside `call`, an attribute that is set later."""
    if capture.value.kind is not ValueKind.UNKNOWN:
        return
    if making.site.runs_at_once and capture.origin in (Origin.LOCAL, Origin.PARAMETER):
        raise NoFix(f"the layer is made where it runs, and `{capture.text}` may be a tensor there")
    owner, method = making.site.scope.owning_class, making.site.scope.node
    if owner is None or not isinstance(method, ast.FunctionDef) or not isinstance(capture.node, ast.Attribute):
        return
    values = making.sites.assigned_attributes(owner).get(capture.node.attr, [])
    places = [making.sites.source.span(value) for value in values]
    later = [making.sites.source.span(method).contains(place) and place > making.site.span for place in places]
    if capture.origin is Origin.SELF_ATTRIBUTE and later and all(later):
        raise NoFix(f"`{capture.text}` is set only after the layer is made")


def _inline(making: Making, capture: Capture, made: ast.Call) -> None:
    """Make a constant tensor where it is read; raise `NoFix` for what else a call of TensorFlow or Keras has made."""
    text = constant_text(making.sites, made)
    if text is None or capture.late_bound:
        raise NoFix(f"`{capture.text}` is made by `{ast.unparse(made.func)}`: no config can hold what that returns")
    making.replaced += [Edit(read, text) for read in capture.reads]
    making.body.needless += making.sites.index.reaching(capture.root)


def _move(making: Making, inner: FunctionRef) -> None:
    """Let a function that the captured one calls move with it, and what it captures itself become config too."""
    assert inner.node is not None
    if inner.node in making.inner or inner.node in making.moving:
        return
    making.moving.append(inner.node)
    for other in inner.captures:
        add_capture(making, other)
    making.inner.append(inner.node)


def refuse_use(making: Moving, capture: Capture, node: ast.expr) -> None:
    """Refuse what no number, string, list or dict can do: being called, or having methods that are called."""
    parents = making.sites.index.parents
    parent = parents[node]
    if isinstance(parent, ast.Call) and parent.func is node:
        raise NoFix(f"`{capture.text}` is called: what it is cannot be put into a config")
    if isinstance(parent, ast.Starred):
        raise NoFix(f"`{capture.text}` is unpacked")
    around = parents[parent]
    called = isinstance(parent, ast.Attribute) and isinstance(around, ast.Call) and around.func is parent
    if called and capture.value.kind not in (ValueKind.CONSTANT, ValueKind.ARRAY):
        raise NoFix(f"the function calls a method of `{capture.text}`: what that is cannot be put into a config")


def _may_be_changed(making: Making, capture: Capture) -> bool:
    """Return whether anything but the functions of Lambda layers reads a captured object."""
    root = capture.root
    functions = [
        making.sites.index.scope_of(f.node)
        for site in making.sites.lambdas
        for f in site.functions
        if f.node is not None and f.source is None
    ]
    reads = [read for binding in making.sites.index.reaching(root) for read in making.sites.index.reads_of(binding)]
    return any(not any(read.scope.within(scope) for scope in functions) for read in reads)


def _weight(making: Making, capture: Capture) -> None:
    name = parameter_name(
        capture.text, {setting.name for setting in making.body.settings} | set(making.body.parameters)
    )
    made = weight_of(making.sites, making.site, making.function, capture, name, making.spelling)
    add_weight(making, made)
    replace_reads(making, capture, name)


def refuse_other_meaning(making: Making, capture: Capture) -> None:
    """Raise `NoFix` for a name that means something else where the layer is made than where the function is."""
    root = capture.root
    here, there = making.site.scope.owner(root.id), making.sites.index.reads[root].scope.owner(root.id)
    if here is not there and not (here and there and _are_one_object(root.id, here, there)):
        raise NoFix(f"`{root.id}` is not the same where the layer is made")


def _are_one_object(name: str, here: Scope, there: Scope) -> bool:
    """Return whether a name is the object of two methods of one class, one of which is the function of a layer that the other makes."""
    return is_self(name, here) and is_self(name, there) and here.owning_class is there.owning_class


def replace_reads(making: Moving, capture: Capture, name: str) -> None:
    """Let the function read an attribute of its layer where it reads a capture; raise `NoFix` inside an f-string."""
    wanted = ast.dump(ast.parse(capture.text, mode="eval"))
    for read in capture.reads:
        text = making.sites.text(read)
        if not text.startswith(capture.text[:1]) or ast.dump(ast.parse(text, mode="eval")) != wanted:
            raise NoFix(f"`{capture.text}` is read inside an f-string")
        making.replaced.append(Edit(read, f"{making.before_setting}{name}"))


def _is_outer(making: Making, capture: Capture) -> bool:
    """Return whether a capture is a parameter of the function that makes the captured one, which the site calls."""
    if capture.text not in making.taken.outer or capture.origin is not Origin.PARAMETER:
        return False
    owner = making.sites.index.reads[capture.root].scope.owner(capture.text)
    return owner is not None and not making.site.scope.within(owner)


def add_local_import(making: Making, root: ast.Name) -> None:
    """Let `call` import what only the code around the site imports."""
    for binding in making.sites.index.reaching(root):
        statement = making.sites.index.parents[binding.node]
        assert isinstance(binding.node, ast.alias)
        renamed = f" as {binding.node.asname}" if binding.node.asname else ""
        if isinstance(statement, ast.ImportFrom):
            module = imported(making.sites.index, binding).rpartition(".")[0] or "." * statement.level
            line = f"from {module} import {binding.node.name}{renamed}"
        else:
            line = f"import {binding.node.name}{renamed}"
        if line not in making.body.imports:
            making.body.imports.append(line)
