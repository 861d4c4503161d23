"""Finds `Lambda` layers whose function does what a layer of Keras does, or nothing at all."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.keras_api.activations import BUILTIN_NAMES, spellings_as_layer
from keras_lambda_lint.keras_api.idioms import IDENTITY_ON_BOTH, IDENTITY_ON_KERAS_3, IDIOMS, Equal, Idiom, Masks
from keras_lambda_lint.keras_api.layouts import Facts
from keras_lambda_lint.sites.bodies.terms import Apply, Hole, Input, Known, Term, body_of, pattern
from keras_lambda_lint.sites.model import ValueKind
from keras_lambda_lint.sites.pins import may_have
from keras_lambda_lint.sites.shape.inputs import Stated, is_list, stated_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import FunctionRef, LambdaSite, Target

_COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})
_HARMLESS = frozenset({"name", "dtype", "output_shape", "arguments", "input_shape", "batch_input_shape", "trainable"})
"""Arguments of a `Lambda` that a layer of Keras takes too, or does not need."""


class BuiltinUse(NamedTuple):
    """A `Lambda` whose function equals a layer of Keras."""

    span: Span
    """Where the function is passed."""
    target: Target
    function: str
    """The function as the source writes it."""
    layer: str
    """The layer that equals it, with its arguments."""
    is_identity: bool
    equal: Equal
    keras_2: Masks
    keras_3: Masks
    condition: str
    floats_only: bool
    """Whether the two differ for integers."""
    site: LambdaSite

    @property
    def is_affine(self) -> bool:
        """Whether the layer multiplies and adds constants."""
        return self.layer.startswith("Rescaling")


class Redundant(NamedTuple):
    """A `Lambda` whose function returns its input, or does not read it."""

    span: Span
    """Where the function is passed."""
    target: Target
    function: str
    """The function as the source writes it."""
    unused: str | None
    """The parameter that it does not read; None where it returns its input."""
    site: LambdaSite

    @property
    def layer(self) -> str:
        """The layer of Keras that returns its input wherever the file may run."""
        return IDENTITY_ON_BOTH if 2 in self.target else IDENTITY_ON_KERAS_3


def find_builtin_uses(file: FileSites) -> tuple[BuiltinUse, ...]:
    """Return the layers of a file that Keras has already, sorted by place."""
    found = (_builtin(file, site) for site in file.lambdas)
    return tuple(sorted((use for use in found if use is not None), key=lambda use: use.span))


def find_redundant(file: FileSites) -> tuple[Redundant, ...]:
    """Return the layers of a file that change nothing, or do not read their input, sorted by place."""
    found = [
        Redundant(use.span, use.target, use.function, None, use.site) for use in file.of(BuiltinUse) if use.is_identity
    ]
    found += (
        Redundant(function.span, site.target, file.text(function.span), function.parameters[0].name, site)
        for site in file.lambdas
        for function in site.functions
        if _ignores_input(function)
    )
    return tuple(sorted(found, key=lambda layer: layer.span))


def _ignores_input(function: FunctionRef) -> bool:
    """Return whether the result depends on constants only; what a captured tensor does to the model is another matter."""
    if function.body is None or not function.parameters or function.parameters[0].kind != "positional":
        return False
    first = function.parameters[0]
    if first.reads or first.name.startswith("_") or not _returns(function):
        return False
    return all(
        capture.value.kind in (ValueKind.CONSTANT, ValueKind.ARRAY, ValueKind.MODULE) for capture in function.captures
    )


def _returns(function: FunctionRef) -> bool:
    """Return whether a function gives a result and calls nothing but functions that are imported or built in."""
    known = all(
        name != "?" and not name.startswith(("?.", "<here>.")) for call in function.calls for name in call.names
    )
    resolved = all(call.names for call in function.calls)
    if not known or not resolved or function.body is None:
        return False
    return isinstance(function.node, ast.Lambda) or any(isinstance(node, ast.Return) for node in function.body.nodes)


def _builtin(file: FileSites, site: LambdaSite) -> BuiltinUse | None:
    function = site.function
    if function is None or site.unknown_arguments or not set(site.arguments) <= _HARMLESS:
        return None
    given = _given(site)
    passed = site.node.args[0] if site.node.args else _keyword(site.node, "function")
    if given is None or passed is None:
        return None
    term = body_of(function, passed, given, file.index, file.names)
    if term is None:
        return None
    inputs = stated_inputs(file, site.node)
    several = inputs is not None and is_list(file, site.node)
    found = _equal_layer(term, inputs, site.target, several=several)
    if found is None:
        return None
    idiom, layer = found
    if not idiom.is_identity and not may_have(file.source.filename, idiom.since):
        return None
    return BuiltinUse(
        span=function.span,
        target=site.target,
        function=_shortened(file.text(function.span)),
        layer=layer,
        is_identity=idiom.is_identity,
        equal=idiom.equal,
        keras_2=idiom.keras_2 or Masks.DROPPED,
        keras_3=idiom.keras_3 or Masks.DROPPED,
        condition=idiom.condition,
        floats_only=idiom.floats_only,
        site=site,
    )


def equal_activation(file: FileSites, function: FunctionRef, passed: ast.expr, name: str, version: int) -> bool:
    """Return whether a function computes what the activation of this name does on this Keras, as far as its body shows it."""
    term = body_of(function, passed, {}, file.index, file.names)
    found = None if term is None else _equal_layer(term, None, frozenset({version}), several=False)
    return found is not None and found[1] in spellings_as_layer(name)


def activation_like(file: FileSites, function: FunctionRef, passed: ast.expr, version: int) -> str | None:
    """Return the name of the activation of this Keras that computes exactly what a function does, as far as its body shows it."""
    term = body_of(function, passed, {}, file.index, file.names)
    found = None if term is None else _equal_layer(term, None, frozenset({version}), several=False)
    if found is None or found[0].equal is not Equal.EXACT:
        return None
    return next((name for name in sorted(BUILTIN_NAMES) if found[1] in spellings_as_layer(name)), None)


def _equal_layer(
    term: Term, inputs: tuple[Stated, ...] | None, target: Target, *, several: bool
) -> tuple[Idiom, str] | None:
    """Return the first row that a term equals, and its layer with the arguments filled in."""
    for idiom in _rows(_head(term)):
        holes: dict[str, Known] = {}
        if (idiom.inputs > 0) is several and _matches(pattern(idiom.body), term, holes):
            filled = _filled(idiom, holes, inputs, target)
            if filled is not None:
                return idiom, _spelled(idiom.layer, filled)
    return None


def _given(site: LambdaSite) -> Mapping[str, ast.expr] | None:
    """Return the values of `arguments=` by name; None where they are not written out."""
    argument = site.arguments.get("arguments")
    if argument is None or (isinstance(argument.node, ast.Constant) and argument.node.value is None):
        return {}
    if not isinstance(argument.node, ast.Dict):
        return None
    given: dict[str, ast.expr] = {}
    for key, value in zip(argument.node.keys, argument.node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        given[key.value] = value
    return given


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _head(term: Term) -> str:
    return term.operation if isinstance(term, Apply) else type(term).__name__


@cache
def _rows(head: str) -> tuple[Idiom, ...]:
    """Return the rows whose pattern begins with an operation."""
    return tuple(idiom for idiom in IDIOMS if _head(pattern(idiom.body)) == head)


def _matches(wanted: Term, term: Term, holes: dict[str, Known]) -> bool:
    """Return whether a term has the form of a pattern, and note what stands in its holes."""
    if isinstance(wanted, Hole):
        if not isinstance(term, Known):
            return False
        return holes.setdefault(wanted.name, term) == term
    if isinstance(wanted, Input):
        return isinstance(term, Input)
    if isinstance(wanted, Known):
        return isinstance(term, Known) and _same(wanted.value, term.value)
    if wanted.operation == "list" and isinstance(term, Known) and isinstance(term.value, tuple):
        return _matches_display(wanted, term, holes)
    if not isinstance(term, Apply) or term.operation != wanted.operation:
        return False
    if len(term.arguments) != len(wanted.arguments):
        return False
    orders = [term.arguments, term.arguments[::-1]] if term.operation in _COMMUTATIVE else [term.arguments]
    for order in orders:
        tried = dict(holes)
        if all(_matches(w, t, tried) for w, t in zip(wanted.arguments, order, strict=True)):
            holes.update(tried)
            return True
    return False


def _matches_display(wanted: Apply, term: Known, holes: dict[str, Known]) -> bool:
    """Match `(a, b)` with a constant pair that is written out."""
    if not isinstance(term.node, (ast.Tuple, ast.List)) or len(term.node.elts) != len(wanted.arguments):
        return False
    parts = [Known(value, node) for value, node in zip(term.value, term.node.elts, strict=True)]
    return all(_matches(w, part, holes) for w, part in zip(wanted.arguments, parts, strict=True))


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _filled(
    idiom: Idiom, holes: Mapping[str, Known], inputs: tuple[Stated, ...] | None, target: Target
) -> dict[str, ast.expr] | None:
    """Return the expressions for the names in the row's layer; None where a condition does not hold or is not known to."""
    if (3 in target and idiom.keras_3 is None) or (2 in target and idiom.keras_2 is None):
        return None
    stated = inputs or (Stated(),)
    if len(stated) != idiom.inputs if idiom.inputs > 1 else len(stated) < 1 + idiom.inputs:
        return None
    ranks = {len(each.shape) for each in stated if each.shape is not None}
    if (idiom.rank is not None and ranks != {idiom.rank}) or (idiom.condition and len(ranks) > 1):
        return None
    if idiom.floats_only and any(each.is_float is False for each in stated):
        return None
    if idiom.keeps_integers and not (
        all(each.is_float for each in stated) or any(isinstance(hole.value, float) for hole in holes.values())
    ):
        return None
    facts = Facts({name: hole.value for name, hole in holes.items()}, stated[0].shape)
    if not idiom.accepts_constants(facts):
        return None
    more = {} if idiom.when is None else idiom.when(facts)
    if more is None:
        return None
    made = {name: ast.parse(repr(value), mode="eval").body for name, value in more.items()}
    return {**{name: hole.node for name, hole in holes.items()}, **made}


class _Fill(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, filled: Mapping[str, ast.expr]) -> None:
        self.filled = filled

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.filled.get(node.id, node)


def _spelled(layer: str, filled: Mapping[str, ast.expr]) -> str:
    """Return the text of a layer with its arguments filled in."""
    text = ast.unparse(_Fill(filled).visit(ast.parse(layer, mode="eval")))
    return text if '"' in text else text.replace("'", '"')


def _shortened(text: str) -> str:
    """Return the text of a function on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
