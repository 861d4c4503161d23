"""Whether a program computes with TensorFlow itself, and so cannot run on another backend."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keras_lambda_lint.source.text import Source

_HARMLESS = frozenset(
    "keras config data io random.set_seed get_logger version __version__ test summary saved_model errors compat.v1.logging"
    " compat.v1.set_random_seed Tensor TensorSpec TensorShape".split()
)
"""What layers do not compute with: set up, data, files, annotations."""
_DTYPE = re.compile(r"(bool|string|(u?int|b?float|complex)\d+)$")
_WHOLE_MODEL = frozenset(
    "Variable function keras.backend.variable keras.backend.random_normal_variable keras.backend.random_uniform_variable".split()
)
"""Reaches the layers from wherever it stands."""
_OF_ANY_BACKEND = frozenset(
    "backend batch_get_value batch_set_value clear_session count_params dtype epsilon eval floatx get_uid get_value"
    " image_data_format int_shape is_float_dtype is_int_dtype is_keras_tensor name_scope ndim result_type set_epsilon set_floatx"
    " set_image_data_format set_value standardize_dtype".split()
)
"""Of `tf.keras.backend`, what computes nothing; the rest calls TensorFlow whatever the backend is (measured on keras 3.15.1)."""


class Use(NamedTuple):
    """A name of TensorFlow and the row that reads it."""

    name: str
    row: int


def first_use(source: Source) -> Use | None:
    """Return the first TensorFlow operation in a function, or variable anywhere; None where only Keras is used."""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):  # The grammar of a later Python: running it says so.
        return None
    return min(_uses(tree, _names(tree), inside=False), key=lambda use: use.row, default=None)


def _names(tree: ast.AST) -> dict[str, str]:
    """Return what each name imported from TensorFlow stands for, below `tensorflow`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root, _, rest = alias.name.partition(".")
                if root == "tensorflow":
                    names[alias.asname or root] = rest if alias.asname else ""
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            root, _, rest = node.module.partition(".")
            if root == "tensorflow":
                names |= {alias.asname or alias.name: f"{rest}.{alias.name}".strip(".") for alias in node.names}
    return names


def _uses(node: ast.AST, names: dict[str, str], *, inside: bool) -> Iterator[Use]:
    """Yield what a part of the tree computes with; `inside` a function, any operation counts."""
    if isinstance(node, ast.Attribute | ast.Name):
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names:
            path = [part for part in names[inner.id].split(".") if part] + parts
            if path and (inside or _WHOLE_MODEL & _starts(path)) and not _harmless(path):
                yield Use(".".join([inner.id, *parts]), node.lineno)
            return
    inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _uses(child, names, inside=inside)


def _harmless(path: list[str]) -> bool:
    if path[:2] == ["keras", "backend"]:
        return len(path) == 2 or path[2] in _OF_ANY_BACKEND
    return bool(_starts(path) & _HARMLESS) or _DTYPE.match(path[-1]) is not None


def _starts(path: list[str]) -> set[str]:
    return {".".join(path[: count + 1]) for count in range(len(path))}
