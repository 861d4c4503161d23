"""The first value of a variable, as what `add_weight` is told: a shape, an initializer, a dtype."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import initializers as facts
from keras_lambda_lint.rewrite.layout import on_one_line
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.rewrite.variable_calls import is_integer, literal_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.sites.build import FileSites


@dataclass(frozen=True)
class Start:
    """How a weight starts, in source text that means the same where the first value stands."""

    shape: str
    initializer: str
    dtype: str | None = None
    """None for float32, which a weight has of itself."""
    drawn: bool = False
    """Whether random numbers are drawn, which are others than before."""


def start_of(sites: FileSites, initial: ast.expr, keras: Callable[[str], str]) -> Start:
    """Return how a weight starts with the value of an expression; `keras` spells a name below Keras.

    Raises `NoFix` where its shape or its values are not known.
    """
    if isinstance(initial, ast.Call):
        return _filled(sites, initial, keras) or _initialized(sites, initial) or _converted(sites, initial, keras)
    known = sites.values.of(initial).node if isinstance(initial, ast.Name) else initial
    shape = literal_shape(known) if known is not None else None
    if known is None or shape is None:
        return _truth(initial)
    text = _text(sites, initial)
    number = ast.literal_eval(known) if shape == () else None
    initializer = {0: '"zeros"', 1: '"ones"'}.get(number) if known is initial and number is not None else None
    dtype = '"int32"' if is_integer(known) else None
    return Start(str(shape), initializer or f"{keras('initializers.Constant')}({text})", dtype)


def _truth(initial: ast.expr) -> Start:
    if isinstance(initial, ast.Constant) and isinstance(initial.value, bool):
        return Start("()", '"ones"' if initial.value else '"zeros"', '"bool"')
    raise NoFix("the shape of its first value is not known")


def _filled(sites: FileSites, call: ast.Call, keras: Callable[[str], str]) -> Start | None:
    """Return the start that a call of the table makes; None for other calls."""
    names = sites.names.of(call.func)
    rows = {facts.FILLINGS.get(name) for name in names}
    row = rows.pop() if len(rows) == 1 else None
    if row is None:
        return None
    given = _given(call, row.parameters)
    dims = given.pop("shape", given.pop("dims", None))
    dtype = given.pop("dtype", None)
    given.pop("seed", None)
    if dims is None or not set(given) <= {name for name, _ in row.settings}:
        raise NoFix("how its first value is filled is not known")
    settings = {name: _text(sites, given[name]) if name in given else default for name, default in row.settings}
    said = facts.DEFAULT_DTYPES.get(next(iter(names)).partition(".")[0])
    if row.initializer == "Constant":
        said = '"int32"' if is_integer(given["value"]) and _is_literal(given["value"]) else said
        initializer = f"{keras('initializers.Constant')}({settings['value']})"
    elif row.settings:
        arguments = ", ".join(f"{name}={value}" for name, value in settings.items())
        initializer = f"{keras(f'initializers.{row.initializer}')}({arguments})"
    else:
        initializer = f'"{row.initializer}"'
    return Start(_shape(sites, dims), initializer, _text(sites, dtype) if dtype is not None else said, row.drawn)


def _initialized(sites: FileSites, call: ast.Call) -> Start | None:
    """Return the start that calling an initializer makes: `glorot(shape=(2, 3))`; None for other calls."""
    if not _is_initializer(sites, call.func):
        return None
    given = _given(call, ("shape", "dtype"))
    dims = given.pop("shape", None)
    dtype = given.pop("dtype", None)
    if dims is None or given:
        raise NoFix("what its initializer is given is not known")
    return Start(_shape(sites, dims), _text(sites, call.func), _text(sites, dtype) if dtype is not None else None)


def _is_initializer(sites: FileSites, node: ast.expr) -> bool:
    if isinstance(node, ast.Name) and node in sites.index.reads:
        bindings = sites.index.reaching(node)
        value = bindings[0].value if len(bindings) == 1 else None
        return value is not None and not isinstance(value, ast.Name) and _is_initializer(sites, value)
    if not isinstance(node, ast.Call):
        return False
    names = sites.names.of(node.func)
    return bool(names) and all(facts.makes_initializer(name) for name in names)


def _converted(sites: FileSites, call: ast.Call, keras: Callable[[str], str]) -> Start:
    """Return the start that `tf.constant(...)` of a literal makes."""
    if sites.names.of(call.func) != {"tensorflow.constant"}:
        raise NoFix("the shape of its first value is not known")
    given = _given(call, ("value", "dtype", "shape"))
    value, dtype, shape = given.get("value"), given.get("dtype"), given.get("shape")
    if value is None or isinstance(value, ast.Call) or not set(given) <= {"value", "dtype", "shape", "name"}:
        raise NoFix("the shape of its first value is not known")
    start = start_of(sites, value, keras)
    if shape is not None and start.shape != "()":
        raise NoFix("the shape of its first value is not known")
    return Start(
        start.shape if shape is None else _shape(sites, shape),
        start.initializer,
        start.dtype if dtype is None else _text(sites, dtype),
    )


def _given(call: ast.Call, parameters: tuple[str, ...]) -> dict[str, ast.expr]:
    if len(call.args) > len(parameters) or any(isinstance(argument, ast.Starred) for argument in call.args):
        raise NoFix("how its first value is made is not known")
    given = dict(zip(parameters, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NoFix("how its first value is made is not known")
        given["shape" if keyword.arg == "dims" else keyword.arg] = keyword.value
    return given


def _shape(sites: FileSites, node: ast.expr) -> str:
    """Return a shape as source text; raise `NoFix` for what may be a number or a sequence."""
    known = sites.values.of(node).node if isinstance(node, ast.Name) else node
    if isinstance(node, (ast.Tuple, ast.List)) or isinstance(known, (ast.Tuple, ast.List)):
        return _text(sites, node)
    if isinstance(known, ast.Constant) and isinstance(known.value, int):
        return f"({_text(sites, node)},)"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return _text(sites, node)
    raise NoFix("the shape of its first value is not known")


def _is_literal(node: ast.expr) -> bool:
    return literal_shape(node) is not None


def _text(sites: FileSites, node: ast.expr) -> str:
    text = on_one_line(sites.text(sites.source.span(node)))
    if text is None:
        raise NoFix("its first value stands on several lines")
    return text
