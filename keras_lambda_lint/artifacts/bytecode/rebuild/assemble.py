"""Compiles a function's source into the normal form, as one Python does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.normal import Do, Making, Program, Signature
from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Scopes, annotated
from keras_lambda_lint.artifacts.bytecode.rebuild.statements import StatementEmitter

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version


def assemble(
    node: ast.Lambda | ast.FunctionDef, free: frozenset[str], version: Version, *, true_division: bool = True
) -> Program:
    """Return the program that the Python of this version makes of a function.

    `free` are the names that are variables of functions around it; `true_division` is what `from __future__ import
    division` says in Python 2. Raises `Undecodable` for source that is not supported here.
    """
    scopes = Scopes(node, free, version)
    return FunctionEmitter(version, scopes, scopes.of[node], true_division).program(node)


class FunctionEmitter(StatementEmitter):
    """Adds functions."""

    def program(self, node: ast.Lambda | ast.FunctionDef) -> Program:
        """Return the program of the function whose scope this is."""
        doc = None
        if isinstance(node, ast.FunctionDef):
            doc = ast.get_docstring(node, clean=False)
            self.statements(node.body if doc is None else node.body[1:])
            self.emit(Do.CONST, None)
        else:
            self.expression(node.body)
        self.emit(Do.RETURN)
        return Program(
            node.name if isinstance(node, ast.FunctionDef) else "<lambda>",
            signature(node.args),
            False,
            tuple(sorted(self.scope.free)),
            doc,
            self.ops(),
        )

    def make_function(self, node: ast.Lambda | ast.FunctionDef) -> None:
        arguments = node.args
        parts, defaults = 0, 0
        if arguments.defaults and self.version < (3, 0):
            for default in arguments.defaults:
                self.expression(default)
            defaults = len(arguments.defaults)
        elif arguments.defaults:
            self.sequence_of(arguments.defaults)
            parts |= 1
        named = [
            (argument.arg, default)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        if named:
            self.pairs([(ast.Constant(name), default) for name, default in named])
            parts |= 2
        if isinstance(node, ast.FunctionDef) and (given := annotated(node)):
            self.annotations(given)
            parts |= 4
        inner = FunctionEmitter(self.version, self.scopes, self.scopes.of[node], self.true_division)
        self.make(inner.program(node), parts, defaults)

    def sequence_of(self, values: list[ast.expr]) -> None:
        for value in values:
            self.expression(value)
        self.emit(Do.BUILD, ("tuple", len(values)))

    def annotations(self, given: list[tuple[str, ast.expr]]) -> None:
        if self.version < (3, 10):
            self.pairs([(ast.Constant(name), value) for name, value in given])
            return
        for name, value in given:
            self.emit(Do.CONST, name)
            self.expression(value)
        self.emit(Do.BUILD, ("tuple", 2 * len(given)))

    def make(self, program: Program, parts: int, defaults: int = 0) -> None:
        if program.free:
            for name in program.free:
                self.emit(Do.CELL, name)
            self.emit(Do.BUILD, ("tuple", len(program.free)))
            parts |= 8
        self.emit(Do.CONST, program)
        self.emit(Do.FUNCTION, Making(parts, defaults, qualname=False))


def signature(arguments: ast.arguments) -> Signature:
    """Return the parameters of a function in source."""
    return Signature(
        tuple(argument.arg for argument in arguments.posonlyargs),
        tuple(argument.arg for argument in arguments.args),
        arguments.vararg.arg if arguments.vararg is not None else None,
        tuple(argument.arg for argument in arguments.kwonlyargs),
        arguments.kwarg.arg if arguments.kwarg is not None else None,
    )
