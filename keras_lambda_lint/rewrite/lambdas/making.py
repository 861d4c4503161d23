"""A function that moves, and one layer in the making: what it is written from, and its insides so far."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from keras_lambda_lint.rewrite.lambdas.config_value import Survival, survival
from keras_lambda_lint.rewrite.lambdas.layer_class import Setting, Weight
from keras_lambda_lint.rewrite.lambdas.moved import inner_lines
from keras_lambda_lint.rewrite.layout import Layout, on_one_line
from keras_lambda_lint.rewrite.naming import parameter_name
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.model import FunctionRef, LambdaSite, Parameter, ValueKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from keras_lambda_lint.diagnostic import Edit, IntendedChange, Span
    from keras_lambda_lint.rewrite.concrete import Concrete
    from keras_lambda_lint.rewrite.lambdas.taken import Taken
    from keras_lambda_lint.rewrite.spelling import Spelling
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding, FunctionNode

NOT_IN_CONFIG = {
    ValueKind.TENSOR: "is a symbolic tensor: pass it as an input of the layer",
    ValueKind.LAYER: "is a layer: call it outside the function",
    ValueKind.MODEL: "is a model: call it outside the function",
    ValueKind.SUBLAYER: "is a layer of another layer: call it outside the function",
    ValueKind.WEIGHT: "is a weight of another layer: pass it as an input of the layer",
    ValueKind.ARRAY: "is an array: it has to become a weight of the layer",
    ValueKind.FUNCTION: "is a function that only exists while this code runs",
    ValueKind.CLASS: "is a class that only exists while this code runs",
    ValueKind.MODULE: "is a module that only this code imports",
}


@dataclass
class Body:
    """The insides of a layer."""

    parameters: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    constructed: list[str] = field(default_factory=list)
    """What the constructor does besides."""
    methods: list[tuple[str, ...]] = field(default_factory=list)
    """Further methods, each as its lines."""
    imports: list[str] = field(default_factory=list)
    needless: list[Binding] = field(default_factory=list)
    """Bindings that nothing reads any more once the layer has replaced the function."""
    intended: set[IntendedChange] = field(default_factory=set)
    unsafe: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    """What changes at the site besides the call that makes the layer: the arguments that the layer is called with."""


@dataclass
class Moving:
    """A function on its way into a definition at module level: what is known of it, and what it becomes so far."""

    sites: FileSites
    function: FunctionRef
    layout: Layout
    concrete: Concrete
    depth: int = 2
    """How many times its body is indented there."""
    body: Body = field(default_factory=Body)
    before_setting: str = "self."
    """What stands before the name of a setting where the function reads it; nothing where it is a parameter of the function."""
    inner: list[FunctionNode] = field(default_factory=list)
    """Functions that move with it, those first that others call."""
    reserved: frozenset[str] = frozenset()
    """Names that no constructor parameter may have, besides those of every layer."""
    replaced: list[Edit] = field(default_factory=list)
    """What takes the place of the reads in the function: inputs, attributes of the layer."""
    settled: set[str] = field(default_factory=set)
    """The captures that have become inputs of the layer."""
    unpacking: list[str] = field(default_factory=list)
    """The statement by which `call` takes its inputs apart."""

    @property
    def node(self) -> FunctionNode:
        """The definition of the function."""
        assert self.function.node is not None
        return self.function.node

    @cached_property
    def names_inside(self) -> set[str]:
        """All names that the function reads or binds, nested functions included."""
        own = self.sites.index.scope_of(self.node)
        bound = {name for scope in self.sites.index.scopes.values() if scope.within(own) for name in scope.bindings}
        return bound | {node.id for node in ast.walk(self.node) if isinstance(node, ast.Name)}

    def rewritten(self, span: Span) -> str:
        """Return the text of a span with the reads in it replaced."""
        inside = sorted(edit for edit in self.replaced if span.contains(edit.span))
        parts, position = [], span.start
        for edit in inside:
            parts += [self.sites.source.text[position : edit.span.start], edit.content]
            position = edit.span.end
        return "".join([*parts, self.sites.source.text[position : span.end]])

    @property
    def _names_read(self) -> set[str]:
        """All names that the new definition may read from the module: no parameter of it must hide them."""
        return self.names_inside if self.function.node is not None else set()

    def reading(self, setting: Setting) -> str:
        """Return how the function reads a setting."""
        return f"{self.before_setting}{setting.name}"

    def passed(self, name: str, value: ast.expr) -> Setting:
        """Give the layer a constructor parameter for an argument that the site passes; raise `NoFix` as `setting` does."""
        known = self.sites.values.of(value)
        return self.setting(name, self.sites.text(self.sites.source.span(value)), known.kind, known.node)

    @property
    def opening(self) -> list[str]:
        """What `call` starts with: imports, with the blank line that belongs below them, and how it takes its inputs apart."""
        return [*self.body.imports, *([""] if self.body.imports else []), *self.unpacking, *inner_lines(self)]

    def new_name(self, text: str, besides: Collection[str] = ()) -> str:
        """Return a name for a constructor parameter and attribute that hold what the function knows as `text`."""
        taken = {*self.reserved, *(name.partition("=")[0] for name in self.body.parameters)}
        taken |= {setting.name for setting in self.body.settings} | {weight.name for weight in self.body.weights}
        if not self.before_setting:
            taken |= self._names_read - {text}
        return parameter_name(text, taken | set(besides))

    def setting(self, text: str, value: str, kind: ValueKind, node: ast.expr | None) -> Setting:
        """Give the layer a constructor parameter for what the function knows as `text` and the site writes as `value`.

        Raises `NoFix` for what no config can hold; what may be of that kind makes the fix unsafe.
        """
        if kind in NOT_IN_CONFIG:
            raise NoFix(f"`{text}` {NOT_IN_CONFIG[kind]}")
        if kind is ValueKind.VARIABLE:
            raise NoFix(f"the variable `{text}` is passed as an argument: it has to become a weight of the layer")
        outcome = survival(node, self.sites.values) if kind is ValueKind.CONSTANT else Survival.UNSURE
        if outcome is Survival.LOST:
            raise NoFix(f"`{text}` cannot be put into a config: JSON has no such value")
        if outcome is Survival.UNSURE:
            self.body.unsafe.append(
                f"`{text}` goes into the config, so it must be a number, a string, a list or a dict"
            )
        setting = Setting(
            self.new_name(text),
            on_one_line(value) or value,
            is_tuple=outcome is Survival.LIST,
        )
        self.body.settings.append(setting)
        return setting


@dataclass
class Making(Moving):
    """What the layer of one site is written from, and its insides so far."""

    site: LambdaSite = field(kw_only=True)
    taken: Taken = field(kw_only=True)
    spelling: Spelling = field(kw_only=True)
    numbers: tuple[tuple[ast.expr, str], ...] = ()
    """The numbers in which the function differs from others that share its layer, with what to call them."""
    moving: list[FunctionNode] = field(default_factory=list)
    """Functions of which it is decided that they move with it."""
    named: dict[tuple[str, Span | None], str] = field(default_factory=dict)
    """The settings of what several functions capture, by what the source calls it and where that is bound."""
    held: frozenset[str] = frozenset()
    """The variables that a layer of their own hands out."""

    @cached_property
    def draws(self) -> bool:
        """Whether the function draws random numbers that the layer has to seed: on Keras 3, where layers own their seed generators."""
        return self.sites.target == {3} and bool(self.function.random_calls)

    @property
    def first(self) -> Parameter:
        """The parameter that takes the inputs."""
        return self.function.parameters[len(self.taken.before)]
