"""Reads whole functions: their parameters, and the functions that they make."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.expressions import NO_STOPS, Budget
from keras_lambda_lint.artifacts.bytecode.decompile.flow import EXIT
from keras_lambda_lint.artifacts.bytecode.decompile.statements import StatementReader
from keras_lambda_lint.artifacts.bytecode.decompile.values import (
    Cell,
    CodeValue,
    FunctionValue,
    Stack,
    Value,
    expression,
    name_of,
)
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do, Making, Program

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version
    from keras_lambda_lint.artifacts.bytecode.normal import Signature


def decompile(program: Program, version: Version) -> ast.Lambda | ast.FunctionDef:
    """Return source that should mean the same as the program: nothing is proven yet.

    Raises `Undecodable` for what has no source that is known here.
    """
    reader = FunctionReader(program, version, Budget())
    return reader.lambda_() if program.is_lambda else reader.definition()


class FunctionReader(StatementReader):
    """Reads one program and those inside it."""

    def lambda_(self) -> ast.Lambda:
        """Return the program as a lambda."""
        if self.program.generator:
            raise Undecodable("a lambda that yields")
        stack = Stack()
        place = self.advance(self.flow.entry, stack, NO_STOPS)
        if self.ops[place].do is Do.BRANCH:
            self.decide(place, stack, frozenset({EXIT}))
        elif self.ops[place].do is not Do.RETURN:
            raise Undecodable(f"{self.ops[place].do.name} in a lambda")
        return ast.Lambda(arguments(self.program.signature), expression(stack.take()))

    def definition(self) -> ast.FunctionDef:
        """Return the program as a definition."""
        if self.program.generator:
            raise Undecodable("a generator")
        if not self.program.name.isidentifier():
            raise Undecodable(f"a function with the name {self.program.name!r}")
        body = self.whole()
        if self.program.doc is not None:
            body.insert(0, ast.Expr(ast.Constant(self.program.doc)))
        return ast.FunctionDef(self.program.name, arguments(self.program.signature), body or [ast.Pass()], [], lineno=1)

    def made(self, place: int, stack: Stack) -> None:
        """Replace code and what belongs to it by a function."""
        op = self.ops[place]
        if op.do is Do.SET_PART:
            function, part = stack.take(), stack.take()
            self.equip(function, cast("int", op.arg), part)
            stack.append(function)
            return
        making = cast("Making", op.arg)
        if making.qualname:
            stack.take()
        code = stack.take()
        if not isinstance(code, CodeValue):
            raise Undecodable("a function without code")
        function = self.inner(code.program)
        for bit in (8, 4, 2, 1):
            if making.parts & bit:
                self.equip(function, bit, stack.take())
        for bit, count in reversed(making.below):
            if count:
                self.equip(function, bit, ast.Tuple(stack.expressions(count), ast.Load()))
        stack.append(function)

    def inner(self, program: Program) -> Value:
        reader = FunctionReader(program, self.version, self.budget)
        if program.is_lambda:
            return reader.lambda_()
        if program.signature.args[:1] == (".0",):
            return FunctionValue(program, reader.own())
        return FunctionValue(program, reader.definition())

    def equip(self, function: Value, bit: int, part: Value) -> None:
        """Give a function its defaults, annotations or closure."""
        if bit == 8:
            if not isinstance(part, Cell):
                raise Undecodable("a closure that is no tuple of cells")
            return
        node, value = _signature(function), expression(part)
        if bit == 1:
            if not isinstance(value, ast.Tuple):
                raise Undecodable("defaults that are no tuple")
            node.defaults = value.elts
        elif bit == 2:
            given = _pairs(value)
            node.kw_defaults = [given.pop(argument.arg, None) for argument in node.kwonlyargs]
        else:
            self.annotate(function, _pairs(value))

    def annotate(self, function: Value, given: dict[str, ast.expr]) -> None:
        node = function.node if isinstance(function, FunctionValue) else None
        if not isinstance(node, ast.FunctionDef):
            raise Undecodable("annotations of a lambda")
        node.returns = given.get("return")
        arguments = node.args
        for argument in [
            *arguments.posonlyargs,
            *arguments.args,
            arguments.vararg,
            *arguments.kwonlyargs,
            arguments.kwarg,
        ]:
            if argument is not None:
                argument.annotation = given.get(argument.arg)


def _signature(function: Value) -> ast.arguments:
    if isinstance(function, ast.Lambda):
        return function.args
    if isinstance(function, FunctionValue) and isinstance(function.node, ast.FunctionDef):
        return function.node.args
    raise Undecodable("defaults of what is no function")


def _pairs(value: ast.expr) -> dict[str, ast.expr]:
    """Return a dictionary, or the flat tuple that annotations are since 3.10."""
    if isinstance(value, ast.Tuple):
        return {name_of(name): item for name, item in zip(value.elts[::2], value.elts[1::2], strict=False)}
    if not isinstance(value, ast.Dict):
        raise Undecodable("named values that are no dictionary")
    return {name_of(name): item for name, item in zip(value.keys, value.values, strict=True)}


def arguments(signature: Signature) -> ast.arguments:
    """Return the parameters as source, without defaults."""

    def each(names: tuple[str, ...]) -> list[ast.arg]:
        for name in names:
            if not name.isidentifier():
                raise Undecodable(f"a parameter {name!r}")
        return [ast.arg(name) for name in names]

    return ast.arguments(
        posonlyargs=each(signature.posonly),
        args=each(signature.args),
        vararg=ast.arg(signature.vararg) if signature.vararg is not None else None,
        kwonlyargs=each(signature.kwonly),
        kw_defaults=[None] * len(signature.kwonly),
        kwarg=ast.arg(signature.kwarg) if signature.kwarg is not None else None,
        defaults=[],
    )
