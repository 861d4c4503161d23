"""Variables that a class keeps as attributes become weights."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span
from keras_lambda_lint.keras_api import initializers as facts
from keras_lambda_lint.rewrite.classes.change import Change
from keras_lambda_lint.rewrite.classes.registration import spelling_of
from keras_lambda_lint.rewrite.initial_values import start_of
from keras_lambda_lint.rewrite.layout import Layout, call_lines, line_indent, on_one_line
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.variable_calls import HARMLESS, arguments_of

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.classes.anatomy import Anatomy
    from keras_lambda_lint.sites.classes.layer_class import UntrackedVariable

_MAKING = ("__init__", "build")
_TAKEN_OVER = ("constraint",)


def weights(anatomy: Anatomy, variables: tuple[UntrackedVariable, ...]) -> Change:
    """Return the change that makes weights of a class's variables; raise `NoFix` where one would not be the same."""
    writer = _Writer(anatomy)
    for variable in variables:
        writer.write(variable)
    writer.change.done.append("a weight" if len(writer.calls) == 1 else "weights")
    return writer.change


class _Writer:
    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.sites = anatomy.sites
        self.spelling = spelling_of(anatomy.sites, anatomy.node)
        self.layout = Layout.of(anatomy.sites.source, anatomy.sites.index.tree)
        self.change = Change()
        self.calls: set[ast.expr] = set()

    def write(self, variable: UntrackedVariable) -> None:
        """Add the edit for one assignment."""
        target, call = self._assignment(variable)
        self._refuse_uses(variable.name)
        if call in self.calls:
            return
        self.calls.add(call)
        arguments, trains, drawn = self._arguments(variable.name, call)
        source = self.sites.source
        statement = self.sites.index.statement(target)
        span = source.span(call)
        if isinstance(statement, ast.AnnAssign):
            # The annotation names the class that the attribute no longer has.
            span = Span(source.span(target).end, span.end)
        row = source.line(source.location(span.start).row)
        before = row[: source.location(span.start).column - 1]
        assigned = " = " if isinstance(statement, ast.AnnAssign) else ""
        room = max(self.layout.width, len(row)) - len(before) - len(assigned) - self._tail(span)
        lines = call_lines("self.add_weight", arguments, room, self.layout, line_indent(row))
        self.change.edits += [*self.spelling.edits, Edit(span, assigned + self.layout.newline.join(lines))]
        if trains:
            self.change.intended.add(IntendedChange.TRAINS_WEIGHT)
            self.change.unsafe.insert(0, "the weight starts to train, and checkpoints gain it")
        else:
            self.change.unsafe.append("checkpoints gain the weight")
        if drawn:
            self.change.unsafe.append("the first values are drawn anew, from the same distribution")

    def _tail(self, span: Span) -> int:
        source = self.sites.source
        return len(source.line(source.location(span.end).row)) - (source.location(span.end).column - 1)

    def _assignment(self, variable: UntrackedVariable) -> tuple[ast.expr, ast.Call]:
        for target, value, scope in self.sites.index.stores:
            if self.sites.source.span(target) == variable.span and isinstance(value, ast.Call):
                method = scope.node
                if method not in self.anatomy.node.body or getattr(method, "name", None) not in _MAKING:
                    raise NoFix(f"`self.{variable.name}` is made in a method that may run again or never")
                self._refuse_early(variable.name, target)
                return target, value
        raise NoFix(f"how `self.{variable.name}` is assigned is not known")

    def _refuse_early(self, name: str, target: ast.expr) -> None:
        """Keras 3 lets a layer make weights only after its constructor has called that of the base."""
        method = self.sites.index.statement(target)
        constructor = self.anatomy.method("__init__")
        if constructor is None or all(method is not inner for inner in ast.walk(constructor)):
            return
        base = self.anatomy.base_constructor
        if base is None or base.lineno > target.lineno:
            raise NoFix(f"`self.{name}` is made before the constructor of the base class has run")

    def _refuse_uses(self, name: str) -> None:
        parents = self.sites.index.parents
        for site in self.sites.lambdas:
            captured = {capture.text for function in site.functions for capture in function.captures}
            if f"self.{name}" in captured and self.anatomy.node in self.sites.index.ancestors(site.node):
                raise NoFix(f"a `Lambda` layer reads `self.{name}`: that has to become a layer first")
        for node in ast.walk(self.anatomy.node):
            if not (isinstance(node, ast.Attribute) and node.attr == name and self.anatomy.is_self(node.value)):
                continue
            parent = parents[node]
            if not isinstance(node.ctx, ast.Load):
                self._refuse_other_value(name, node)
            elif isinstance(parent, ast.Attribute) and parent.attr not in facts.VARIABLE_MEMBERS:
                raise NoFix(f"`self.{name}.{parent.attr}` is not there, or another thing, in a weight of Keras 3")
            elif isinstance(parent, (ast.List, ast.Tuple, ast.Call)):
                self._refuse_call(name, parent)

    def _refuse_other_value(self, name: str, node: ast.Attribute) -> None:
        for target, value, _ in self.sites.index.stores:
            if target is node:
                if self.sites.values.is_tensorflow_variable(value):
                    return
                if isinstance(value, ast.Constant) and value.value is None:
                    return
        raise NoFix(f"`self.{name}` is bound to something else too")

    def _refuse_call(self, name: str, node: ast.expr) -> None:
        """TensorFlow's tapes want its own variables, and its operations take no list of Keras 3's."""
        in_list = isinstance(node, (ast.List, ast.Tuple))
        for around in (node, *self.sites.index.ancestors(node)):
            if isinstance(around, ast.stmt):
                return
            if not isinstance(around, ast.Call):
                continue
            called = around.func
            if isinstance(called, ast.Attribute) and called.attr in facts.WANTS_TENSORFLOW_VARIABLE:
                raise NoFix(f"`{called.attr}` takes no weight of Keras 3, and `self.{name}` is given to it")
            if in_list and any(each.startswith("tensorflow.") for each in self.sites.names.of(called)):
                raise NoFix(f"`self.{name}` is in a list that an operation of TensorFlow takes")
            in_list = False

    def _arguments(self, name: str, call: ast.Call) -> tuple[list[str], bool, bool]:
        """Return the arguments of `add_weight`, whether the weight trains, and whether its values are drawn anew."""
        shown = f"self.{name}"
        kind, given = arguments_of(self.sites, call)
        initial = given.pop("initial_value", None)
        if kind != "tf" or initial is None:
            raise NoFix(f"`{shown}` has no initial value")
        trainable, dtype, named = given.pop("trainable", None), given.pop("dtype", None), given.pop("name", None)
        taken = [f"{key}={self._text(given.pop(key))}" for key in _TAKEN_OVER if key in given]
        unknown = [key for key in given if key not in HARMLESS]
        if unknown:
            raise NoFix(f"`{shown}` is made with `{unknown[0]}`, which no weight has")
        try:
            start = start_of(self.sites, initial, self.spelling.name)
        except NoFix as refusal:
            raise NoFix(f"`{shown}`: {refusal}") from None
        said = self._text(dtype) if dtype is not None else start.dtype
        arguments = [f"name={self._name(name, named)}", f"shape={start.shape}"]
        arguments += [f"dtype={said}"] if said is not None else []
        arguments += [f"initializer={start.initializer}", *taken]
        counts = said is not None and any(word in said for word in ("int", "bool"))
        frozen = isinstance(trainable, ast.Constant) and trainable.value is False
        if counts or frozen:
            arguments.append("trainable=False")
        elif trainable is not None and not (isinstance(trainable, ast.Constant) and trainable.value is True):
            arguments.append(f"trainable={self._text(trainable)}")
        return arguments, not (counts or frozen), start.drawn

    def _name(self, attribute: str, named: ast.expr | None) -> str:
        """Return the name of the weight: that of the variable, unless Keras 3 refuses it, else that of the attribute."""
        if isinstance(named, ast.Constant) and isinstance(named.value, str) and "/" not in named.value:
            return self._text(named)
        return f'"{attribute.strip("_") or attribute}"'

    def _text(self, node: ast.expr) -> str:
        text = on_one_line(self.sites.text(self.sites.source.span(node)))
        if text is None:
            raise NoFix("how the variable is made stands on several lines")
        return text
