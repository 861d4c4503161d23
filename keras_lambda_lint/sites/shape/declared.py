"""The output shape that a `Lambda` call declares, as Keras will read it."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from keras_lambda_lint.sites.model import ValueKind

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.model import Argument
    from keras_lambda_lint.sites.values import Values


class DeclaredForm(Enum):
    """In what form `output_shape` is written."""

    TUPLE = "tuple"
    LIST = "list"
    NUMBER = "number"
    SEVERAL = "one shape per output"
    UNKNOWN = "unknown"


class DeclaredShape(NamedTuple):
    """The `output_shape=` of a `Lambda` call."""

    span: Span
    form: DeclaredForm
    text: str
    """The value as Python writes it."""
    lengths: tuple[int | None, ...] | None = None
    """What a tuple or list says of each axis, None for what is not a number; None where the axes cannot be counted."""
    leading_none: bool = False
    """Whether a literal `None` stands first, as if the batch dimension were meant."""

    @property
    def raises_on_keras_3(self) -> bool:
        """Whether Keras 3 raises TypeError when it adds the batch dimension."""
        return self.form in (DeclaredForm.LIST, DeclaredForm.NUMBER)


def declared_shape(argument: Argument | None, values: Values) -> DeclaredShape | None:
    """Return what `output_shape=` says, also through a name that is bound once; None where it is absent or `None`."""
    if argument is None:
        return None
    node = argument.node
    if isinstance(node, ast.Name):
        known = values.of(node)
        node = known.node if known.kind is ValueKind.CONSTANT and known.node is not None else node
    if isinstance(node, ast.Constant) and node.value is None:
        return None
    text = ast.unparse(argument.node)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return DeclaredShape(argument.span, DeclaredForm.NUMBER, text)
    if not isinstance(node, (ast.Tuple, ast.List)):
        return DeclaredShape(argument.span, DeclaredForm.UNKNOWN, text)
    elements = [_element(element, values) for element in node.elts]
    if node.elts and all(isinstance(element, (ast.Tuple, ast.List)) for element in elements):
        return DeclaredShape(argument.span, DeclaredForm.SEVERAL, text)
    if any(isinstance(element, (ast.Tuple, ast.List, ast.Starred)) for element in elements):
        return DeclaredShape(argument.span, DeclaredForm.UNKNOWN, text)
    return DeclaredShape(
        argument.span,
        DeclaredForm.TUPLE if isinstance(node, ast.Tuple) else DeclaredForm.LIST,
        text,
        tuple(_length(element) for element in elements),
        bool(elements) and isinstance(elements[0], ast.Constant) and elements[0].value is None,
    )


def _element(node: ast.expr, values: Values) -> ast.expr:
    """Return the literal that an element is, also through a name that is bound once."""
    known = values.of(node) if isinstance(node, ast.Name) else None
    return known.node if known is not None and known.kind is ValueKind.CONSTANT and known.node is not None else node


def _length(node: ast.expr) -> int | None:
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    return node.value if is_number else None  # type: ignore[attr-defined]
