"""What a file supplies to Keras as custom objects, under which keys."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.keras_api.saving import (
    CUSTOM_OBJECTS_AT,
    KEYWORDS,
    LOADING_WORDS,
    SAFE_MODE_AT,
    UNSAFE_SWITCHES,
    is_loader,
)
from keras_lambda_lint.source.names import last_name
from keras_lambda_lint.source.scopes import BindingKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding

_MAX_STEPS = 6
_CALLED = frozenset(
    name.rpartition(".")[2]
    for name in (*api.CUSTOM_OBJECTS, *CUSTOM_OBJECTS_AT, *SAFE_MODE_AT, *UNSAFE_SWITCHES, "update")
)
_CONVENTION = "custom_objects"
"""Names that contain this hold custom objects, whoever reads them."""
_GIVEN = frozenset({BindingKind.LOOP, BindingKind.UNPACKING, BindingKind.PARAMETER})


class CustomObject(NamedTuple):
    """One entry of a map of custom objects; both parts are None for entries that the file does not show."""

    key: ast.expr | None
    value: ast.expr | None

    @property
    def key_text(self) -> str | None:
        """The key, where it is a literal text."""
        return self.key.value if isinstance(self.key, ast.Constant) and isinstance(self.key.value, str) else None

    @property
    def value_name(self) -> str | None:
        """The last name of the value: `f` for `utils.f`, and for `f(2)`, which makes it."""
        value = self.value.func if isinstance(self.value, ast.Call) else self.value
        return None if value is None else last_name(value)

    @property
    def is_hidden(self) -> bool:
        """Whether the file does not show what stands here."""
        return self.key is None and self.value is None


HIDDEN = CustomObject(None, None)


class CustomObjects:
    """Reads the maps of custom objects of one file."""

    def __init__(self, file: FileSites) -> None:
        self.index = file.index
        self.names = file.names
        self.text = file.source.text

    def all(self) -> Iterator[CustomObject]:
        """Yield what the file supplies anywhere; what it supplies under several names comes more than once."""
        for call in self.calls():
            for given in self.given(call):
                yield from self.entries(given)
        for store in self.index.stores:
            yield from self._assigned(store.target, store.value)
        for node in self.index.scopes:
            if isinstance(node, ast.DictComp):
                yield from self._by_own_name(node)
        if _CONVENTION not in self.text.lower():
            return
        for name, bindings in self.index.bindings.items():
            for binding in bindings if _CONVENTION in name.lower() else ():
                if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
                    yield from self.entries(binding.value)
                elif binding.kind is BindingKind.FUNCTION and _CONVENTION in name:
                    yield from self._displays(binding.node)

    def calls(self) -> Iterator[ast.Call]:
        """Yield the calls that may take custom objects, or switch safe mode."""
        if not any(word in self.text for word in LOADING_WORDS):
            return
        callees = self.names.spelled(_CALLED)
        for name, calls in self.index.calls.items():
            for call in calls:
                if name in callees or any(keyword.arg in KEYWORDS for keyword in call.node.keywords):
                    yield call.node

    def _by_own_name(self, node: ast.DictComp) -> Iterator[CustomObject]:
        """Yield the entries of `{each.__name__: each for each in [...]}`, which is a map of custom objects under any name."""
        listed = node.generators[0].iter
        if (
            isinstance(node.key, ast.Attribute)
            and node.key.attr == "__name__"
            and isinstance(listed, (ast.List, ast.Tuple))
        ):
            yield from (CustomObject(node.key, each) for each in listed.elts)

    def given(self, call: ast.Call) -> Iterator[ast.expr]:
        """Yield the maps of custom objects that a call takes: a loader's, a scope's, an update's."""
        for keyword in call.keywords:
            if keyword.arg == "custom_objects":
                yield keyword.value
        callee = self.names.of(call.func)
        if any(api.is_one_of(name, api.CUSTOM_OBJECTS) for name in callee):
            yield from call.args
        elif any(is_loader(name) for name in callee):
            last = next(iter(callee)).rpartition(".")[2]
            position = CUSTOM_OBJECTS_AT[last]
            yield from call.args[position : position + 1] if position is not None else ()
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "update" and self._holds(call.func.value):
            yield from call.args

    def _holds(self, node: ast.expr) -> bool:
        """Return whether an expression is a map of custom objects by its name, or Keras' own."""
        if isinstance(node, ast.Call):
            return _CONVENTION in _last(node.func)
        if _CONVENTION in _last(node):
            return True
        values = [binding.value for binding in self._bindings(node)]
        return any(isinstance(value, ast.Call) and self._holds(value) for value in values)

    def _bindings(self, node: ast.expr) -> tuple[Binding, ...]:
        return self.index.reaching(node) if isinstance(node, ast.Name) and node in self.index.reads else ()

    def _entry(self, key: ast.expr, value: ast.expr) -> CustomObject:
        """Return an entry; under `f.__name__`, what a loop or a caller gives may be anything."""
        kinds = {binding.kind for binding in self._bindings(value)}
        return HIDDEN if not isinstance(key, ast.Constant) and kinds & _GIVEN else CustomObject(key, value)

    def _assigned(self, target: ast.Attribute | ast.Subscript, value: ast.expr) -> Iterator[CustomObject]:
        if isinstance(target, ast.Subscript):
            if self._holds(target.value):
                yield self._entry(target.slice, value)
        elif _CONVENTION in _last(target).lower():
            yield from self.entries(value)
        elif self._is_in_keras(target.value):
            # `keras.losses.mine = mine`: Keras 2 looks there too.
            yield CustomObject(ast.Constant(target.attr), value)

    def _is_in_keras(self, node: ast.expr) -> bool:
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not (isinstance(root, ast.Name) and self.names.may_be(root.id, _may_hold_keras)):
            return False
        return any(_is_in_keras(name) for name in self.names.of(node))

    def entries(self, node: ast.expr) -> Iterator[CustomObject]:
        """Yield the entries of an expression that is a map of custom objects."""
        yield from self._entries(node, _MAX_STEPS)

    def _entries(self, node: ast.expr, steps: int) -> Iterator[CustomObject]:
        if steps == 0:
            yield HIDDEN
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    yield from self._entries(value, steps - 1)
                else:
                    yield self._entry(key, value)
        elif isinstance(node, ast.BinOp):
            yield from self._entries(node.left, steps - 1)
            yield from self._entries(node.right, steps - 1)
        elif isinstance(node, (ast.IfExp, ast.BoolOp)):
            for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else node.values:
                yield from self._entries(part, steps - 1)
        elif isinstance(node, ast.Call):
            yield from self._called(node, steps)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            yield from self._named(node, steps)
        elif not isinstance(node, ast.Constant):
            yield HIDDEN

    def _called(self, node: ast.Call, steps: int) -> Iterator[CustomObject]:
        last = _last(node.func)
        if last == "dict":
            yield from self._arguments(node, steps)
        elif last == "copy" and isinstance(node.func, ast.Attribute):
            yield from self._entries(node.func.value, steps - 1)
        elif made := [
            each.node for each in self.index.bindings.get(last, ()) if isinstance(each.node, ast.FunctionDef)
        ]:
            for function in made:
                yield from self._displays(function)
                yield from self._returned(function, steps)
        elif _CONVENTION not in last:
            yield HIDDEN

    def _arguments(self, call: ast.Call, steps: int) -> Iterator[CustomObject]:
        """Yield the entries that `dict(...)` makes of its arguments, and `update(...)` adds."""
        for argument in call.args:
            yield from self._entries(argument, steps - 1)
        for keyword in call.keywords:
            if keyword.arg is None:
                yield from self._entries(keyword.value, steps - 1)
            else:
                yield CustomObject(ast.Constant(keyword.arg), keyword.value)

    def _returned(self, function: ast.AST, steps: int) -> Iterator[CustomObject]:
        """Yield the entries of what a function returns by another way than a display."""
        for node in walk(function):
            if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Dict):
                yield from self._entries(node.value, steps - 1)

    def _displays(self, function: ast.AST) -> Iterator[CustomObject]:
        for node in walk(function):
            if isinstance(node, ast.Dict):
                yield from self._entries(node, 1 if any(key is None for key in node.keys) else 2)

    def _named(self, node: ast.Name | ast.Attribute, steps: int) -> Iterator[CustomObject]:
        if _CONVENTION in _last(node).lower():
            if isinstance(node, ast.Name) and node in self.index.reads:
                for binding in self.index.reaching(node):
                    if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
                        yield from self._entries(binding.value, steps - 1)
            return
        bindings = self._bindings(node)
        if not bindings:
            yield HIDDEN
        for binding in bindings:
            if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
                yield from self._entries(binding.value, steps - 1)
                yield from self._stored(binding.name, steps)
            elif binding.kind is not BindingKind.PARAMETER:
                yield HIDDEN

    def _stored(self, name: str, steps: int) -> Iterator[CustomObject]:
        """Yield what the file puts into a map under its name: `objects["f"] = f`, `objects.update(f=f)`."""
        for call in self.index.calls.get("update", ()):
            updated = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
            if isinstance(updated, ast.Name) and updated.id == name:
                yield from self._arguments(call.node, steps)
        for target, value, _ in self.index.stores:
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
                yield self._entry(target.slice, value)


def _is_in_keras(qualified: str) -> bool:
    return api.below_keras(qualified + ".x") is not None


def _may_hold_keras(qualified: str) -> bool:
    return qualified.partition(".")[0] not in api.FOREIGN


def _last(node: ast.expr) -> str:
    return last_name(node) or ""
