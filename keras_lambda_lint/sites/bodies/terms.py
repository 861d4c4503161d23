"""The body of a function in a normal form: operations by their meaning, constants by their value."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from keras_lambda_lint.keras_api.spellings import CONSTANTS, by_spelling, spelling
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import BindingKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keras_lambda_lint.sites.model import FunctionRef
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names


@dataclass(frozen=True)
class Input:
    """What the layer is called on."""


@dataclass(frozen=True)
class Known:
    """A constant: its value, lists as tuples, and how the source spells it."""

    value: Any
    node: ast.expr = field(compare=False)


@dataclass(frozen=True)
class Hole:
    """A name in a pattern that stands for any constant."""

    name: str


@dataclass(frozen=True)
class Apply:
    """An operation on terms, every argument by its position."""

    operation: str
    arguments: tuple[Term, ...]


Term: TypeAlias = Input | Known | Hole | Apply

_OPERATORS: dict[type, tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("subtract", operator.sub),
    ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv),
}


class _Reader:
    """Reads expressions into terms; None for what has no normal form."""

    def inner(self, node: ast.Name | ast.Call | ast.Attribute) -> Term | None:
        """Return the term of what has a meaning in its file only; nothing has, where constants are read."""

    def of(self, node: ast.expr) -> Term | None:
        """Return the term of an expression."""
        if isinstance(node, ast.Constant):
            return Known(node.value, node)
        if isinstance(node, (ast.Name, ast.Call, ast.Attribute)):
            return self.inner(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self._display(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.of(node.operand)
            if isinstance(inner, Known):
                return Known(-inner.value, node) if _is_number(inner.value) else None
            return None if inner is None else Apply("negative", (inner,))
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return self._arithmetic(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        return None

    def _all(self, nodes: list[ast.expr]) -> tuple[Term, ...] | None:
        found = tuple(term for node in nodes if (term := self.of(node)) is not None)
        return found if len(found) == len(nodes) else None

    def _display(self, node: ast.List | ast.Tuple) -> Term | None:
        parts = self._all(node.elts)
        if parts is None:
            return None
        values = [part.value for part in parts if isinstance(part, Known)]
        return Known(tuple(values), node) if len(values) == len(parts) else Apply("list", parts)

    def _arithmetic(self, node: ast.BinOp) -> Term | None:
        name, compute = _OPERATORS[type(node.op)]
        left, right = self.of(node.left), self.of(node.right)
        if left is None or right is None:
            return None
        if isinstance(left, Known) and isinstance(right, Known):
            if not _is_number(left.value) or not _is_number(right.value) or (name == "divide" and right.value == 0):
                return None
            return Known(compute(left.value, right.value), node)
        return Apply(name, (left, right))

    def _subscript(self, node: ast.Subscript) -> Term | None:
        whole = self.of(node.value)
        if whole is None:
            return None
        if not isinstance(node.slice, (ast.Slice, ast.Tuple)):
            index = self.of(node.slice)
            return Apply("item", (whole, index)) if isinstance(index, Known) and type(index.value) is int else None
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        bounds = [self._bounds(item) for item in items]
        if None in bounds:
            return None
        return Apply("cut", (whole, Known(tuple(bounds), node.slice)))

    def _bounds(self, item: ast.expr) -> tuple[int | None, int | None] | None:
        """Return start and stop of a slice of step 1."""
        if not isinstance(item, ast.Slice) or item.step is not None:
            return None
        ends: list[int | None] = []
        for end in (item.lower, item.upper):
            known = Known(None, item) if end is None else self.of(end)
            if not isinstance(known, Known) or not (known.value is None or type(known.value) is int):
                return None
            ends.append(known.value)
        return ends[0], ends[1]


class _PatternReader(_Reader):
    """Reads the patterns of `keras_api/idioms.py`."""

    def inner(self, node: ast.Name | ast.Call | ast.Attribute) -> Term | None:
        """Return the input, a hole, or an operation."""
        if isinstance(node, ast.Name):
            return Input() if node.id == "x" else Hole(node.id)
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        arguments = self._all(node.args)
        return None if arguments is None else Apply(node.func.id, arguments)


@cache
def pattern(text: str) -> Term:
    """Return the term of a pattern."""
    term = _PatternReader().of(ast.parse(text, mode="eval").body)
    assert term is not None, text
    return term


@cache
def _signatures() -> dict[str, tuple[str, ast.arguments]]:
    """Return operation and parameters by qualified name."""
    found = {}
    for name, (operation, signature) in by_spelling().items():
        call = ast.parse(f"lambda {signature[2:-1]}: 0", mode="eval").body
        assert isinstance(call, ast.Lambda)
        found[name] = (operation, call.args)
    return found


class BodyReader(_Reader):
    """Reads the body of one function of a file."""

    def __init__(self, index: Index, names: Names, local: Mapping[str, Term | None], unsteady: frozenset[str]) -> None:
        self.index = index
        self.names = names
        self.local = dict(local)
        self.unsteady = unsteady
        """Names that are bound again before the function can run."""

    def inner(self, node: ast.Name | ast.Call | ast.Attribute) -> Term | None:
        """Return what a name, a dotted name or a call means."""
        if isinstance(node, ast.Name):
            return self._name(node)
        return self._call(node) if isinstance(node, ast.Call) else self._attribute(node)

    def _name(self, node: ast.Name) -> Term | None:
        if node.id in self.local:
            return self.local[node.id]
        if node.id in self.unsteady or node not in self.index.reads:
            return None
        bindings = self.index.reaching(node)
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
            return None
        value = _literal(bindings[0].value)
        return None if value is None else Known(value.value, node)

    def _attribute(self, node: ast.Attribute) -> Term | None:
        (name,) = names if len(names := self.names.of(node)) == 1 else ("",)
        return Known(CONSTANTS[name], ast.Constant(CONSTANTS[name])) if name in CONSTANTS else None

    def _call(self, node: ast.Call) -> Term | None:
        arguments = self._all(node.args)
        keywords = {keyword.arg: self.of(keyword.value) for keyword in node.keywords if keyword.arg != "name"}
        if arguments is None or None in keywords or None in keywords.values():
            return None
        return self.operation(node.func, arguments, {str(name): term for name, term in keywords.items() if term})

    def operation(self, function: ast.expr, arguments: tuple[Term, ...], keywords: Mapping[str, Term]) -> Term | None:
        """Return a call of an operation with these arguments; None where its names do not agree on one."""
        found = {_applied(name, arguments, keywords) for name in self.names.of(function)}
        return found.pop() if len(found) == 1 else None

    def result(self, statements: list[ast.stmt]) -> Term | None:
        """Return what straight-line statements return."""
        for statement in statements:
            if isinstance(statement, ast.Return):
                return None if statement.value is None else self.of(statement.value)
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                if not self._bind(statement.targets[0], self.of(statement.value)):
                    return None
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                return None
        return None

    def _bind(self, target: ast.expr, term: Term | None) -> bool:
        if isinstance(target, ast.Name):
            self.local[target.id] = term
            return True
        if not isinstance(target, (ast.Tuple, ast.List)):
            return False
        for position, element in enumerate(target.elts):
            if not isinstance(element, ast.Name):
                return False
            part = Apply("item", (term, Known(position, ast.Constant(position)))) if isinstance(term, Input) else None
            self.local[element.id] = part
        return True


def body_of(
    function: FunctionRef, passed: ast.expr, given: Mapping[str, ast.expr], index: Index, names: Names
) -> Term | None:
    """Return what a function returns, as a term, where `given` holds its `arguments=`; None where it has no normal form.

    `passed` is the expression in the slot: an operation itself, such as `tf.nn.relu`, is a function too.
    """
    unsteady = frozenset(capture.text for capture in function.captures if capture.late_bound or capture.is_loop_value)
    node = function.node
    if node is None:
        keywords = {name: _literal(value) for name, value in given.items()}
        if None in keywords.values():
            return None
        reader = BodyReader(index, names, {}, unsteady)
        return reader.operation(passed, (Input(),), {name: known for name, known in keywords.items() if known})
    if function.body is None or not isinstance(node, (ast.Lambda, ast.FunctionDef)):
        return None
    local = _parameters(node, given)
    if local is None:
        return None
    reader = BodyReader(function.body.index, function.body.names, local, unsteady)
    if isinstance(node, ast.Lambda):
        return reader.of(node.body)
    decorated = [each for each in node.decorator_list if not function.registered]
    return None if decorated else reader.result(node.body)


def _parameters(node: ast.Lambda | ast.FunctionDef, given: Mapping[str, ast.expr]) -> dict[str, Term | None] | None:
    """Return the terms of the parameters: the input, then constants; None where the signature takes more."""
    local: dict[str, Term | None] = {}
    for argument, kind, default in with_defaults(node.args):
        if not local and kind == "positional":
            local[argument.arg] = Input()
        elif kind in ("*", "**"):
            return None
        else:
            value = given.get(argument.arg, default)
            local[argument.arg] = None if value is None else _literal(value)
    return local or None


def _literal(node: ast.expr) -> Known | None:
    """Return the constant that an expression spells out, arithmetic included."""
    try:
        term = _Reader().of(node)
    except RecursionError:
        return None
    return term if isinstance(term, Known) else None


def _applied(name: str, arguments: tuple[Term, ...], keywords: Mapping[str, Term]) -> Term | None:
    """Return a call of the operation that a qualified name spells."""
    if (known := _signatures().get(spelling(name))) is None:
        return None
    operation, parameters = known
    ordered: list[Term] = list(arguments)
    rest = dict(keywords)
    for parameter, _, default in list(with_defaults(parameters))[len(arguments) :]:
        term = rest.pop(parameter.arg, None) or (None if default is None else _literal(default))
        if term is None:
            return None
        ordered.append(term)
    if rest or len(ordered) > len(parameters.args):
        return None
    return Apply(operation, tuple(ordered))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
