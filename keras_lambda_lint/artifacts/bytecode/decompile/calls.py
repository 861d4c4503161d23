"""Puts calls together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.values import FunctionValue, Iterator, Null, expression, name_of
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.decompile.values import Stack, Value
    from keras_lambda_lint.artifacts.bytecode.normal import Call, OldCall, Op


JOINED_KEYWORDS = "joined_keywords"
"""The attribute of a dictionary that a call joins of its keywords."""


def call(shape: Call, stack: Stack) -> None:
    """Replace a callee and its arguments by the call."""
    values = stack.takes(shape.values)
    callee, *first = _callee(stack, shape.paired)
    values = [*first, *values]
    if isinstance(callee, FunctionValue):
        stack.append(_comprehension(callee, values))
        return
    if len(values) == 1 and isinstance(values[0], FunctionValue):
        stack.append(_decorated(callee, values[0]))
        return
    parts = [expression(value) for value in values]
    plain = len(parts) - len(shape.names)
    if plain < 0:
        raise Undecodable("more names than values in a call")
    keywords = [ast.keyword(name, value) for name, value in zip(shape.names, parts[plain:], strict=True)]
    stack.append(ast.Call(expression(callee), parts[:plain], keywords))


def _callee(stack: Stack, paired: bool) -> list[Value]:
    if not paired:
        return [stack.take()]
    pair: list[Value] = [value for value in stack.takes(2) if not isinstance(value, Null)]
    if not pair:
        raise Undecodable("a call of nothing")
    return pair


def _comprehension(function: FunctionValue, values: list[Value]) -> ast.expr:
    node = function.node
    if isinstance(node, ast.FunctionDef) or len(values) != 1 or not isinstance(values[0], Iterator):
        raise Undecodable("a call of a function that has no name yet")
    node.generators[0].iter = values[0].source
    return node


def _decorated(decorator: Value, function: FunctionValue) -> FunctionValue:
    node = function.node
    if not isinstance(node, ast.FunctionDef):
        raise Undecodable("a comprehension as a value")
    node.decorator_list.insert(0, expression(decorator))
    return function


def old_call(shape: OldCall, stack: Stack) -> None:
    """Do the same for Python up to 3.5."""
    stars = stack.expressions(shape.stars)
    star = [] if shape.star_first else stack.expressions(shape.star)
    pairs = stack.expressions(2 * shape.keywords)
    if shape.star_first:
        star = stack.expressions(1)
    values = stack.takes(shape.positional)
    callee = stack.take()
    if isinstance(callee, FunctionValue):
        stack.append(_comprehension(callee, values))
        return
    if len(values) == 1 and isinstance(values[0], FunctionValue):
        stack.append(_decorated(callee, values[0]))
        return
    keywords = [ast.keyword(name_of(name), value) for name, value in zip(pairs[::2], pairs[1::2], strict=True)]
    arguments = [expression(value) for value in values] + [each for value in star for each in _starred(value)]
    keywords += [word for value in stars for word in _joined(value)]
    stack.append(ast.Call(expression(callee), arguments, keywords))


def _starred(value: ast.expr) -> list[ast.expr]:
    """Return what stands for a value behind `*`: 3.5 joins several into one list."""
    if isinstance(value, ast.List) and any(isinstance(item, ast.Starred) for item in value.elts):
        return value.elts
    return [ast.Starred(value, ast.Load())]


def _joined(value: ast.expr) -> list[ast.keyword]:
    """Return the same for `**`."""
    return _keywords(value) if hasattr(value, JOINED_KEYWORDS) else [ast.keyword(None, value)]


def spread_call(op: Op, stack: Stack) -> None:
    """Replace a callee, a tuple of arguments and perhaps a dictionary of keywords by the call."""
    has_keywords, paired = cast("tuple[bool, bool]", op.arg)
    words = stack.expressions(1)[0] if has_keywords else None
    (values,) = stack.expressions(1)
    callee = _callee(stack, paired)
    if len(callee) != 1:
        raise Undecodable("a call of two things")
    arguments: list[ast.expr] = values.elts if isinstance(values, ast.Tuple) else [ast.Starred(values, ast.Load())]
    stack.append(ast.Call(expression(callee[0]), arguments, _keywords(words)))


def _keywords(words: ast.expr | None) -> list[ast.keyword]:
    if words is None:
        return []
    if not isinstance(words, ast.Dict) or not words.keys:
        return [ast.keyword(None, words)]
    keywords = []
    for key, value in zip(words.keys, words.values, strict=True):
        name = name_of(key) if key is not None else None
        if name is not None and not name.isidentifier():
            raise Undecodable("a keyword that is no name")
        keywords.append(ast.keyword(name, value))
    return keywords
