"""A function that captures what is around it becomes a class, whose config holds what it captured."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Edit, Span
from keras_lambda_lint.keras_api.slots import Role
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.lambdas.captured import refuse_use, replace_reads
from keras_lambda_lint.rewrite.lambdas.making import Moving
from keras_lambda_lint.rewrite.lambdas.moved import moved_body
from keras_lambda_lint.rewrite.lambdas.obstacles import refuse_moving, refuse_own_self
from keras_lambda_lint.rewrite.lambdas.placing import Placing
from keras_lambda_lint.rewrite.layout import Layout
from keras_lambda_lint.rewrite.leftovers import removal
from keras_lambda_lint.rewrite.naming import operation_name, taken_names, unique
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.saving.decorated import registering_line
from keras_lambda_lint.rewrite.saving.factories import class_name
from keras_lambda_lint.rewrite.saving.kept_class import FORMS, OF_TRAINING, Kept, KeptClass
from keras_lambda_lint.sites.model import Capture, Origin
from keras_lambda_lint.source.names import root_name
from keras_lambda_lint.source.rows import row_with_comments

if TYPE_CHECKING:
    from keras_lambda_lint.rewrite.saving.keras_names import KerasNames
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.saving.slots import FunctionSlot


class Closures:
    """Makes classes of the functions of one file that are made where they fill a slot."""

    def __init__(self, sites: FileSites) -> None:
        self.sites = sites
        self.layout = Layout.of(sites.source, sites.index.tree)
        self.concrete = Concrete(sites.source, sites.index)
        self.placing = Placing(sites, self.layout)
        self._taken = taken_names(sites.index)
        self._named: dict[str, str] = {}

    def of(self, slot: FunctionSlot, local: list[Capture], names: KerasNames) -> tuple[str, list[Edit], list[str]]:
        """Return the name of the class, the edits, and why they are unsafe; raise `NoFix` where a config cannot hold what is captured."""
        node = slot.function.node
        assert isinstance(node, (ast.Lambda, ast.FunctionDef))
        if slot.role is Role.METRIC:
            raise NoFix("what a metric captures cannot move: make it a `Metric` subclass with a config")
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            raise NoFix(f"`{node.name}` is decorated: what that makes of it is not known")
        refuse_moving(slot.function)
        refuse_own_self(self.sites.index, node)
        self._refuse_other_places(slot, node, local)
        moving = Moving(self.sites, slot.function, self.layout, self.concrete, reserved=OF_TRAINING)
        moving.body.parameters = self._parameters(slot)
        for capture in local:
            self._keep(moving, capture)
        lines = moved_body(moving)
        gone = self._gone(node)
        settings = tuple(Kept(each.name, is_tuple=each.is_tuple) for each in moving.body.settings)
        comments = self._comments(node, lines, gone)
        above = comments if isinstance(node, ast.FunctionDef) else []
        base = names.name(FORMS[slot.role].base)
        made = KeptClass(slot.role, base, tuple(moving.body.parameters), (*comments[len(above) :], *lines), settings)
        name = self._name(made, node, slot)
        given = [f"{each.name}={each.value}" for each in moving.body.settings]
        values = [moving.body.settings[0].value] if len(given) == 1 else given
        edits = [Edit(self.concrete.whole(slot.passed), f"{name}({', '.join(values)})")]
        position = self.placing.statement_start(node)
        if position < names.needs_above:
            raise NoFix("keras is imported below the first use")
        register = registering_line(self.sites, name, names)
        text = self.layout.newline.join([*above, made.text(name, register, self.layout)])
        edits += self.placing.apart(self.placing.inserted(text, position), gone)
        unsafe = [
            f"`{each.text}` is read when the function is made" for each in local if each.origin is Origin.SELF_ATTRIBUTE
        ]
        unsafe += moving.body.unsafe
        if slot.role is Role.LOSS:
            unsafe.insert(0, "for a function Keras gives `y_true` and `y_pred` the same rank, for a `Loss` it does not")
        if slot.role is Role.ACTIVATION:
            unsafe.insert(0, "a layer stands in place of a function")
        return name, [*names.edits, *edits], unsafe

    def is_made_at(self, slot: FunctionSlot) -> bool:
        """Return whether a function fills a slot where it is made, or through its own name."""
        node = slot.function.node
        if slot.passed is node:
            return True
        if not isinstance(slot.passed, ast.Name) or slot.passed not in self.sites.index.reads:
            return False
        return [each.node for each in self.sites.index.reaching(slot.passed)] == [node]

    def _refuse_other_places(
        self, slot: FunctionSlot, node: ast.Lambda | ast.FunctionDef, local: list[Capture]
    ) -> None:
        """Refuse a function that is read elsewhere too, or whose captures mean something else where it fills the slot."""
        if slot.passed is not node:
            if not isinstance(node, ast.FunctionDef) or not isinstance(slot.passed, ast.Name):
                raise NoFix("the function that captures values comes from another place than the slot")
            readers = [read.node for read in self.sites.index.reads_of(self.sites.index.bound_at[node])]
            if readers != [slot.passed]:
                raise NoFix(f"`{node.name}` captures values and is read at several places")
        at = root_name(slot.call.func)
        if at is None:
            raise NoFix("where the function is passed is not known")
        for capture in local:
            root = capture_root(capture)
            if self.sites.index.reads[at].scope.owner(root.id) is not self.sites.index.reads[root].scope.owner(root.id):
                raise NoFix(f"`{root.id}` is not the same where the function is passed")

    def _keep(self, moving: Moving, capture: Capture) -> None:
        if capture.origin in (Origin.FUNCTION, Origin.CLASS, Origin.IMPORT):
            raise NoFix(f"`{capture.text}` ({capture.origin.value}) only exists while this code runs")
        if isinstance(capture.node, ast.Name) and capture.origin is Origin.SELF_ATTRIBUTE:
            raise NoFix("the function uses `self` as a whole")
        if capture.late_bound or capture.is_loop_value:
            raise NoFix(f"`{capture.text}` changes after the function is made")
        for node in capture.nodes:
            refuse_use(moving, capture, node)
        setting = moving.setting(capture.text, capture.text, capture.value.kind, capture.value.node)
        replace_reads(moving, capture, setting.name)

    def _parameters(self, slot: FunctionSlot) -> list[str]:
        found = []
        for parameter in slot.function.parameters:
            if parameter.kind != "positional":
                raise NoFix("the function takes `*` or keyword arguments")
            if parameter.default is None:
                found.append(parameter.name)
            elif isinstance(parameter.default, ast.Constant):
                found.append(f"{parameter.name}={self.sites.text(self.sites.source.span(parameter.default))}")
            else:
                raise NoFix(f"the default of `{parameter.name}` has its value from where the function is made")
        return found

    def _gone(self, node: ast.Lambda | ast.FunctionDef) -> list[Edit]:
        if isinstance(node, ast.Lambda):
            return []
        gone = removal(self.sites, self.sites.index.bound_at[node])
        if gone is None:
            raise NoFix(f"`{node.name}` is all that a block holds")
        return [gone]

    def _comments(self, node: ast.Lambda | ast.FunctionDef, lines: list[str], gone: list[Edit]) -> list[str]:
        """Return the comments on top of a function and in its header, or around the body of a lambda."""
        if isinstance(node, ast.Lambda):
            kept = [self.concrete.whole(node.body)] if any("#" in line for line in lines) else []
            return self.concrete.comments(node, self.concrete.whole(node), outside=kept)
        source = self.sites.source
        block = self.concrete.block(node)
        first = source.line_starts[row_with_comments(source, node) - 1]
        return self.concrete.comments(node, Span(first, block.start if block is not None else gone[0].span.end))

    def _name(self, made: KeptClass, node: ast.Lambda | ast.FunctionDef, slot: FunctionSlot) -> str:
        """Return the name of a class; functions with the same body share one."""
        text = made.text("", "", self.layout)
        if text not in self._named:
            wanted = node.name if isinstance(node, ast.FunctionDef) else operation_name(node) or "custom"
            self._named[text] = unique([class_name(wanted, slot.role)], self._taken)
            self._taken.add(self._named[text])
        return self._named[text]


def capture_root(capture: Capture) -> ast.Name:
    """Return the name that a capture starts with."""
    root = capture.node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    assert isinstance(root, ast.Name)
    return root
