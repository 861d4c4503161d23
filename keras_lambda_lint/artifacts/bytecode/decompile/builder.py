"""Puts expressions together from operations that neither jump nor store."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.calls import JOINED_KEYWORDS, call, old_call, spread_call
from keras_lambda_lint.artifacts.bytecode.decompile.values import (
    Cell,
    CodeValue,
    Imported,
    Item,
    Iterator,
    Module,
    Null,
    Saved,
    Stack,
    Unpacking,
    Value,
    constant_node,
    expression,
    name_of,
)
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do, Program
from keras_lambda_lint.artifacts.bytecode.rebuild.expressions import BINARY, COMPARE, UNARY

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.artifacts.bytecode.normal import Call, OldCall, Op, Variable

_BINARY = {symbol: kind for kind, symbol in BINARY.items()}
_UNARY = {symbol: kind for kind, symbol in UNARY.items()}
_COMPARE = {symbol: kind for kind, symbol in COMPARE.items()}
_DISPLAYS: dict[str, Callable[[list[ast.expr]], ast.expr]] = {
    "tuple": lambda items: ast.Tuple(items, ast.Load()),
    "list": lambda items: ast.List(items, ast.Load()),
    "set": ast.Set,
}
ASSERTED = "asserted"
"""The attribute of the name `AssertionError` that stands for the one of an `assert`."""
IN_PLACE = "in_place"
"""The attribute of a `BinOp` that is half of an augmented assignment."""


def apply(op: Op, stack: Stack) -> None:
    """Do to the stack what one operation does. Raises `Undecodable` for one that makes no expression."""
    method = _METHODS.get(op.do)
    if method is None:
        raise Undecodable(
            f"the instruction {op.arg!r}" if op.do is Do.UNSUPPORTED else f"{op.do.name} in an expression"
        )
    method(op, stack)


def _const(op: Op, stack: Stack) -> None:
    stack.append(CodeValue(op.arg) if isinstance(op.arg, Program) else constant_node(op.arg))


def _swap(op: Op, stack: Stack) -> None:
    place = cast("int", op.arg)
    other = stack.peek(place)
    stack[-place], stack[-1] = stack[-1], other


def _rotate(op: Op, stack: Stack) -> None:
    place = cast("int", op.arg)
    stack.peek(place)
    top = stack.pop()
    stack.insert(len(stack) - place + 1, top)


def _load(op: Op, stack: Stack) -> None:
    variable = cast("Variable", op.arg)
    if variable.name == ".0":
        stack.append(Iterator(ast.Name(".0", ast.Load())))
    else:
        stack.append(ast.Name(variable.name, ast.Load()))


def _attribute(op: Op, stack: Stack) -> None:
    value = stack.take()
    name = cast("str", op.arg)
    if isinstance(value, Module):
        # Up to 3.6 `import a.b as c` reads the attribute `b`.
        stack.append(replace(value, path=(*value.path, name)))
    else:
        stack.append(ast.Attribute(expression(value), name, ast.Load()))


def _binary(op: Op, stack: Stack) -> None:
    left, right = stack.expressions(2)
    symbol = cast("str", op.arg).removeprefix("classic ")
    in_place = symbol.endswith("=")
    node = ast.BinOp(left, _BINARY[symbol.removesuffix("=")](), right)
    if in_place:
        setattr(node, IN_PLACE, True)
    stack.append(node)


def _unary(op: Op, stack: Stack) -> None:
    (operand,) = stack.expressions(1)
    if op.arg == "repr":
        stack.append(ast.Call(ast.Name("repr", ast.Load()), [operand], []))
    else:
        stack.append(ast.UnaryOp(_UNARY[cast("str", op.arg)](), operand))


def _compare(op: Op, stack: Stack) -> None:
    left, right = stack.expressions(2)
    kind = _COMPARE.get(cast("str", op.arg))
    if kind is None:
        raise Undecodable(f"the comparison {op.arg!r}")
    stack.append(ast.Compare(left, [kind()], [right]))


def _subscript(op: Op, stack: Stack) -> None:
    value, index = stack.expressions(2)
    stack.append(ast.Subscript(value, index, ast.Load()))


def _old_slice(op: Op, stack: Stack) -> None:
    bounds = cast("int", op.arg)
    upper = stack.expressions(1)[0] if bounds & 2 else None
    lower = stack.expressions(1)[0] if bounds & 1 else None
    (value,) = stack.expressions(1)
    stack.append(ast.Subscript(value, ast.Slice(lower, upper), ast.Load()))


def _build(op: Op, stack: Stack) -> None:
    kind, count = cast("tuple[str, int]", op.arg)
    if kind == "tuple" and count and all(isinstance(value, Cell) for value in stack[-count:]):
        cells = stack.takes(count)
        stack.append(Cell(" ".join(cell.name for cell in cells if isinstance(cell, Cell))))
    elif kind in _DISPLAYS:
        stack.append(_DISPLAYS[kind](stack.expressions(count)))
    elif kind == "slice":
        stack.append(_slice(stack.expressions(count)))
    elif kind == "string":
        stack.append(ast.JoinedStr([part for value in stack.expressions(count) for part in _text(value)]))
    elif kind == "map":
        items = stack.expressions(2 * count)
        stack.append(ast.Dict(list(items[::2]), items[1::2]))
    else:
        keys = stack.take()
        if not isinstance(keys, ast.Tuple) or len(keys.elts) != count:
            raise Undecodable("keys that are no constant")
        stack.append(ast.Dict(list(keys.elts), stack.expressions(count)))


def _slice(parts: list[ast.expr]) -> ast.Slice:
    if len(parts) not in (2, 3):
        raise Undecodable(f"a slice of {len(parts)} parts")
    bounds = [None if isinstance(part, ast.Constant) and part.value is None else part for part in parts[:2]]
    return ast.Slice(bounds[0], bounds[1], parts[2] if len(parts) == 3 else None)


def _text(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.JoinedStr):
        return value.values
    name_of(value)
    return [value]


def _join(op: Op, stack: Stack) -> None:
    kind, count = cast("tuple[str, int]", op.arg)
    parts = stack.expressions(count)
    if kind in ("map", "keywords"):
        joined = ast.Dict([], [])
        for part in parts:
            joined = _merged(joined, part)
        if kind == "keywords":
            setattr(joined, JOINED_KEYWORDS, True)
        stack.append(joined)
        return
    items: list[ast.expr] = []
    for part in parts:
        if isinstance(part, ast.Tuple) or (kind == "set" and isinstance(part, ast.Set)):
            items += part.elts
        else:
            items.append(ast.Starred(part, ast.Load()))
    stack.append(_DISPLAYS["tuple" if kind == "arguments" else kind](items))


def _merged(joined: ast.Dict, part: ast.expr) -> ast.Dict:
    if isinstance(part, ast.Dict) and part.keys and None not in part.keys:
        return ast.Dict([*joined.keys, *part.keys], [*joined.values, *part.values])
    return _starred(joined, part)


def _starred(joined: ast.Dict, part: ast.expr) -> ast.Dict:
    return ast.Dict([*joined.keys, None], [*joined.values, part])


def _grown(container: Value, items: list[ast.expr]) -> ast.expr:
    if isinstance(container, ast.List):
        return ast.List([*container.elts, *items], ast.Load())
    if isinstance(container, ast.Set):
        return ast.Set([*container.elts, *items])
    raise Undecodable("a display that grows where there is none")


def _extend(op: Op, stack: Stack) -> None:
    kind, place = cast("tuple[str, int]", op.arg)
    (part,) = stack.expressions(1)
    container = stack.peek(place)
    if isinstance(container, ast.Dict):
        # Plain items come in a dictionary of their own only behind `**`, or where there are very many.
        own = isinstance(part, ast.Dict) and bool(container.keys) and (container.keys[-1] is None or kind == "map")
        stack[-place] = _merged(container, part) if own else _starred(container, part)
        return
    fresh = isinstance(container, (ast.List, ast.Set)) and not container.elts
    if fresh and isinstance(part, ast.Tuple if kind == "list" else ast.Set):
        stack[-place] = _grown(container, part.elts)
    else:
        stack[-place] = _grown(container, [ast.Starred(part, ast.Load())])


def _append(op: Op, stack: Stack) -> None:
    kind, place = cast("tuple[str, int]", op.arg)
    values = stack.expressions(2 if kind == "map" else 1)
    container = stack.peek(place)
    if isinstance(container, ast.Dict) and kind == "map":
        stack[-place] = ast.Dict([*container.keys, values[0]], [*container.values, values[1]])
    else:
        stack[-place] = _grown(container, values)


def _store_map(op: Op, stack: Stack) -> None:
    value, key = stack.expressions(2)
    container = stack.take()
    if not isinstance(container, ast.Dict):
        raise Undecodable("a dictionary that grows where there is none")
    stack.append(ast.Dict([*container.keys, key], [*container.values, value]))


def _to_tuple(op: Op, stack: Stack) -> None:
    (items,) = stack.expressions(1)
    if not isinstance(items, ast.List):
        raise Undecodable("a tuple of no list")
    stack.append(ast.Tuple(items.elts, ast.Load()))


def _convert(op: Op, stack: Stack) -> None:
    stack.append(ast.FormattedValue(stack.expressions(1)[0], ord(cast("str", op.arg)), None))


def _format(op: Op, stack: Stack) -> None:
    conversion, has_spec = cast("tuple[str, bool]", op.arg)
    spec = ast.JoinedStr(_text(stack.expressions(1)[0])) if has_spec else None
    (value,) = stack.expressions(1)
    if not isinstance(value, ast.FormattedValue):
        value = ast.FormattedValue(value, ord(conversion) if conversion else -1, None)
    stack.append(ast.JoinedStr([ast.FormattedValue(value.value, value.conversion, spec)]))


def _import(op: Op, stack: Stack) -> None:
    level, names = stack.expressions(2)
    number = level.value if isinstance(level, ast.Constant) else None
    if isinstance(level, ast.UnaryOp):
        number = 0
    if not isinstance(number, int):
        raise Undecodable("an import without a level")
    given = tuple(name_of(name) for name in names.elts) if isinstance(names, ast.Tuple) else None
    stack.append(Module(cast("str", op.arg), number, given))


def _import_from(op: Op, stack: Stack) -> None:
    module = stack.peek(1)
    if isinstance(module, Imported):
        module = Module(module.module.name, module.module.level, None, path=(*module.module.path, module.name))
    if not isinstance(module, Module):
        raise Undecodable("a name imported from no module")
    stack.append(Imported(module, cast("str", op.arg)))


def _unpack(op: Op, stack: Stack) -> None:
    source = stack.take()
    before, after = cast("tuple[int, int]", op.arg) if op.do is Do.UNPACK_EX else (cast("int", op.arg), -1)
    unpacking = Unpacking(source, before if after >= 0 else -1)
    unpacking.items += [Item(unpacking) for _ in range(before + after + 1)]
    stack += reversed(unpacking.items)


def _assertion_error(op: Op, stack: Stack) -> None:
    node = ast.Name("AssertionError", ast.Load())
    setattr(node, ASSERTED, True)
    stack.append(node)


_METHODS: dict[Do, Callable[[Op, Stack], None]] = {
    Do.CONST: _const,
    Do.LOAD: _load,
    Do.CELL: lambda op, stack: stack.append(Cell(cast("str", op.arg))),
    Do.SAVE: lambda op, stack: stack.append(Saved(cast("str", op.arg))),
    Do.COPY: lambda op, stack: stack.append(stack.peek(cast("int", op.arg))),
    Do.SWAP: _swap,
    Do.ROTATE: _rotate,
    Do.NULL: lambda op, stack: stack.append(Null()),
    Do.ATTR: _attribute,
    Do.UNARY: _unary,
    Do.BINARY: _binary,
    Do.COMPARE: _compare,
    Do.SUBSCR: _subscript,
    Do.SLICE: _old_slice,
    Do.BUILD: _build,
    Do.JOIN: _join,
    Do.EXTEND: _extend,
    Do.APPEND: _append,
    Do.TO_TUPLE: _to_tuple,
    Do.STORE_MAP: _store_map,
    Do.CONVERT: _convert,
    Do.FORMAT: _format,
    Do.CALL: lambda op, stack: call(cast("Call", op.arg), stack),
    Do.OLD_CALL: lambda op, stack: old_call(cast("OldCall", op.arg), stack),
    Do.SPREAD_CALL: lambda op, stack: spread_call(op, stack),
    Do.GET_ITER: lambda op, stack: stack.append(Iterator(stack.expressions(1)[0])),
    Do.IMPORT: _import,
    Do.IMPORT_FROM: _import_from,
    Do.UNPACK: _unpack,
    Do.UNPACK_EX: _unpack,
    Do.ASSERTION_ERROR: _assertion_error,
}
