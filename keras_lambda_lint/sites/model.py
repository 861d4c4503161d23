"""The values that rules and rewrites read: sites, functions, captures. Frozen; built once per file.

Fields called `node` hold the abstract tree for `rewrite`; rules do not read them.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from keras_lambda_lint.keras_api import names as api

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span, Text
    from keras_lambda_lint.sites.bodies.body import Body, BodyCall
    from keras_lambda_lint.sites.bodies.numpy_calls import NumpyCall
    from keras_lambda_lint.sites.bodies.randomness import RandomCall
    from keras_lambda_lint.sites.bodies.side_effects import SideEffect
    from keras_lambda_lint.sites.bodies.state import CapturedLayer, Creation
    from keras_lambda_lint.sites.shape.declared import DeclaredShape
    from keras_lambda_lint.source.scopes import FunctionNode, Path, Scope

_OF_ANY_BACKEND = frozenset({"keras", "keras.src", "keras.api"})

Target: TypeAlias = frozenset[int]
"""The major versions of Keras that a file may run on: {2}, {3} or {2, 3}."""


class ValueKind(Enum):
    """What kind of thing a name or an expression holds."""

    CONSTANT = "constant"
    ARRAY = "array"
    VARIABLE = "variable"
    WEIGHT = "weight of another layer"
    LAYER = "layer"
    SUBLAYER = "layer of another layer"
    MODEL = "model"
    TENSOR = "symbolic tensor"
    MODULE = "module"
    FUNCTION = "function"
    CLASS = "class"
    UNKNOWN = "unknown"


class Value(NamedTuple):
    """What is known of a value, and the expression that makes it, where there is a single one.

    The elements of a loop have the loop's `range(...)`, or the first of several literals, as their expression.
    """

    kind: ValueKind
    node: ast.expr | None = None

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable of TensorFlow or Keras."""
        return self.kind is ValueKind.VARIABLE

    @property
    def is_tensor(self) -> bool:
        """Whether it is a symbolic tensor of a model under construction."""
        return self.kind is ValueKind.TENSOR

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer or a model."""
        return self.kind in (ValueKind.LAYER, ValueKind.MODEL)


class Origin(Enum):
    """From what kind of binding a captured name comes."""

    LOCAL = "local variable"
    PARAMETER = "parameter"
    LOOP_VARIABLE = "loop variable"
    SELF_ATTRIBUTE = "attribute of `self`"
    MODULE_VALUE = "module value"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"


class Capture(NamedTuple):
    """A free variable of a function that reaches a Keras slot.

    `text` is what is captured as the source spells it: a name (`t`), or, where only a part of an object is used, that part
    (`self.axis`, `config.width`).
    """

    text: str
    reads: tuple[Span, ...]
    origin: Origin
    value: Value
    bound_at: Span | None
    """The name where it was last bound."""
    late_bound: bool
    """It is bound again after the function was made, so that the function sees another value than the one at hand."""
    importable: bool
    """Whoever imports the module of the function finds the same value under this name."""
    nodes: tuple[ast.expr, ...]
    """What the reads spell, in the same order."""

    @property
    def node(self) -> ast.expr:
        """The first read."""
        return self.nodes[0]

    @property
    def root(self) -> ast.Name:
        """The name that the first read starts from."""
        node = self.node
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        assert isinstance(node, ast.Name)
        return node

    @property
    def span(self) -> Span:
        """Where the function first reads it."""
        return self.reads[0]

    @property
    def is_state(self) -> bool:
        """Whether it is a value of its own that neither an import nor another rule about captures accounts for."""
        return not (
            self.importable
            or self.origin in (Origin.IMPORT, Origin.LOOP_VARIABLE)
            or self.value.is_variable
            or self.value.is_tensor
            or self.value.is_layer
        )

    @property
    def is_loop_value(self) -> bool:
        """Whether every function made in the loop sees the value of the last iteration."""
        fixed = self.value.is_variable or self.value.is_tensor or self.value.is_layer
        return self.origin is Origin.LOOP_VARIABLE and not fixed


class FunctionForm(Enum):
    """In what form a function reaches a Keras slot."""

    LAMBDA = "lambda"
    FUNCTION = "function of the module"
    NESTED = "nested function"
    """A `def` inside a function, or inside a loop of the module."""
    METHOD = "bound method"
    PARTIAL = "`functools.partial`"
    OBJECT = "object with `__call__`"
    LIBRARY = "function of TensorFlow, Keras, NumPy or Python"
    OTHER = "other"


class Parameter(NamedTuple):
    """A parameter of a function, with the places where the body reads it."""

    name: str
    kind: str
    """`positional`, `keyword`, `*` or `**`."""
    default: ast.expr | None
    reads: tuple[Span, ...]


class FunctionRef(NamedTuple):
    """A function that reaches a Keras slot: what it is, where it is defined, what it captures."""

    form: FunctionForm
    name: str | None
    span: Span
    """Where it is passed."""
    defined_at: Span | None
    """The lambda expression, or the name in the `def` statement; None where the file does not tell."""
    parameters: tuple[Parameter, ...]
    captures: tuple[Capture, ...]
    registered: bool
    """Whether it is registered with Keras, may be by a decorator of another package, or the project hands it to a loader."""
    node: FunctionNode | None
    traced: bool = False
    """Whether `tf.function` wraps it."""
    through: str | None = None
    """What stands between the place where it is passed and its definition, for a person: `a call of make`; None where nothing does."""
    source: Text | None = None
    """The file that defines it, where that is another one: the places of captures and of the definition lie there."""
    library: frozenset[str] = frozenset()
    """The qualified names that it has as a function of a library."""
    body: Body | None = None
    """What it does; None where its definition is not known."""

    @property
    def calls(self) -> tuple[BodyCall, ...]:
        """The calls in its body, nested functions included, sorted by place; those in its defaults and decorators are not in it."""
        return () if self.body is None else self.body.calls

    @property
    def tensorflow_calls(self) -> tuple[BodyCall, ...]:
        """The calls of TensorFlow's own operations in its body, sorted by place."""
        return () if self.body is None else self.body.tensorflow_calls

    @property
    def is_tensorflow_operation(self) -> bool:
        """Whether it is one of TensorFlow's own operations itself."""
        return bool(self.library) and all(map(api.is_tensorflow_operation, self.library))

    @property
    def layers(self) -> tuple[CapturedLayer, ...]:
        """The layers and models that it captures, or holds as the default of a parameter."""
        return () if self.body is None else self.body.layers(self.captures)

    @property
    def creations(self) -> tuple[Creation, ...]:
        """The variables and layers with state that it makes."""
        return () if self.body is None else self.body.creations

    @property
    def side_effects(self) -> tuple[SideEffect, ...]:
        """What it changes outside of itself."""
        return () if self.body is None else self.body.side_effects(self.captures)

    @property
    def random_calls(self) -> tuple[RandomCall, ...]:
        """The random numbers that it draws."""
        return () if self.body is None else self.body.random_calls

    @property
    def numpy_calls(self) -> tuple[NumpyCall, ...]:
        """The calls of NumPy that take a tensor."""
        return () if self.body is None else self.body.numpy_calls

    @property
    def is_anonymous(self) -> bool:
        """Whether it is a lambda expression, and not wrapped."""
        return self.form is FunctionForm.LAMBDA and not self.traced

    @property
    def is_named(self) -> bool:
        """Whether it is a `def` of the project, and not wrapped."""
        return self.form in (FunctionForm.FUNCTION, FunctionForm.NESTED) and not self.traced

    def here(self, span: Span) -> Span:
        """Return where to report what is at a place of its definition: there, or, in another file, where it is passed."""
        return span if self.source is None else self.span

    @property
    def has_defaults(self) -> bool:
        """Whether a parameter has a default value."""
        return any(parameter.default is not None for parameter in self.parameters)


class Effect(Enum):
    """What a function does to the shape of its input, as far as the code tells."""

    SAME = "same"
    CHANGED = "changed"
    FAILS = "fails"
    UNKNOWN = "unknown"


class ShapeChange(NamedTuple):
    """The shape of a function's result: what is known of it, and where inference by Keras fails, why."""

    effect: Effect
    shape: str | None = None
    """The inferred shape as Python writes it, batch dimension included, `?` for what the file does not tell; a list of several."""
    reason: str | None = None
    by_dtype: bool = False
    """Whether inference fails only because Keras 3 tries the function with a float."""
    lengths: tuple[int | None, ...] | None = None
    """The inferred shape of a single output, None for lengths that are no numbers here."""
    hidden: tuple[tuple[int, int], ...] = ()
    """Axes whose length the code determines and Keras does not see, with that length."""


class Argument(NamedTuple):
    """A keyword argument of a layer's constructor."""

    span: Span
    """The whole argument, name included."""
    node: ast.expr


class PassedValue(NamedTuple):
    """One entry of the `arguments=` of a `Lambda` layer: what its function gets besides its input."""

    name: str
    span: Span
    value: Value
    is_tensorflow_variable: bool
    """Whether it is a `tf.Variable`, which Keras 3 does not track, rather than a variable of Keras, which it tracks."""
    functions: tuple[FunctionRef, ...]
    """What functions it is, or may be."""


class LambdaSite(NamedTuple):
    """One call that makes a `Lambda` layer."""

    span: Span
    callee: Span
    callee_names: frozenset[str]
    functions: tuple[FunctionRef, ...]
    """What is, or may be, its function: several for a conditional expression or a loop over functions."""
    arguments: dict[str, Argument]
    """All other arguments by keyword; positional ones under the name that the signature gives them."""
    shape_functions: tuple[FunctionRef, ...]
    """What functions its `output_shape=` is, or may be."""
    mask_functions: tuple[FunctionRef, ...]
    """What functions its `mask=` is, or may be."""
    passed: tuple[PassedValue, ...]
    """The entries of its `arguments=`, where those are written out."""
    unknown_arguments: bool
    """Whether `*args` or `**kwargs` hide arguments."""
    target: Target
    shape: ShapeChange
    declared: DeclaredShape | None
    """What `output_shape=` says; None where it is absent or `None`."""
    takes_integers: bool
    """Whether the model states an integer or boolean dtype for the input."""
    calls_removed: bool
    """Whether its function calls what the `keras.backend` of Keras 3 lacks: a trial call finds no shape, it fails."""
    runs_at_once: bool
    """Whether it is called where it is made, with the values of the moment, in code that no saved model holds: `Layer.call`, a loss."""
    scope: Scope
    path: Path
    """Where the call stands: in which scope, and in which arms of its compound statements."""
    node: ast.Call

    @property
    def function(self) -> FunctionRef | None:
        """The function, where there is exactly one."""
        return self.functions[0] if len(self.functions) == 1 else None

    @property
    def can_change_backend(self) -> bool:
        """Whether it is a layer of the package `keras`, which runs on other backends too where it is Keras 3."""
        return 3 in self.target and {api.keras_root(name) for name in self.callee_names} <= _OF_ANY_BACKEND

    @property
    def layer_name(self) -> str | None:
        """The literal `name=` of the layer."""
        argument = self.arguments.get("name")
        if argument is not None and isinstance(argument.node, ast.Constant) and isinstance(argument.node.value, str):
            return argument.node.value
        return None

    @property
    def is_named(self) -> bool:
        """Whether the layer has an explicit `name=`."""
        argument = self.arguments.get("name")
        return argument is not None and not (isinstance(argument.node, ast.Constant) and argument.node.value is None)
