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
        named = [
            (argument.arg, default)
            for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if default is not None
        ]
        annotations = annotated(node) if isinstance(node, ast.FunctionDef) else []
        inner = FunctionEmitter(self.version, self.scopes, self.scopes.of[node], self.true_division)
        if self.version < (3, 6):
            below = self.values_below(node.args.defaults, named, annotations)
            self.make(inner.program(node), 0, below)
            return
        parts = 0
        if node.args.defaults:
            self.sequence_of(node.args.defaults)
            parts |= 1
        if named:
            self.pairs([(ast.Constant(name), default) for name, default in named])
            parts |= 2
        if annotations:
            self.annotations(annotations)
            parts |= 4
        self.make(inner.program(node), parts)

    def values_below(
        self, defaults: list[ast.expr], named: list[tuple[str, ast.expr]], annotations: list[tuple[str, ast.expr]]
    ) -> tuple[tuple[int, int], ...]:
        """Up to 3.5 defaults lie on the stack one by one, in 3.3 those of keywords first."""
        if annotations:
            raise self.refuse(annotations[0][1])
        if self.version != (3, 3):
            for value in defaults:
                self.expression(value)
        for name, value in named:
            self.emit(Do.CONST, name)
            self.expression(value)
        if self.version == (3, 3):
            for value in defaults:
                self.expression(value)
            return ((2, 2 * len(named)), (1, len(defaults)))
        return ((1, len(defaults)), (2, 2 * len(named)))

    def sequence_of(self, values: list[ast.expr]) -> None:
        for value in values:
            self.expression(value)
        self.emit(Do.BUILD, ("tuple", len(values)))

    def annotations(self, given: list[tuple[str, ast.expr]]) -> None:
        if self.version >= (3, 14):
            raise self.refuse(given[0][1])
        if self.version < (3, 10):
            self.pairs([(ast.Constant(name), value) for name, value in given])
            return
        for name, value in given:
            self.emit(Do.CONST, name)
            self.expression(value)
        self.emit(Do.BUILD, ("tuple", 2 * len(given)))

    def make(self, program: Program, parts: int, below: tuple[tuple[int, int], ...] = ()) -> None:
        if program.free:
            for name in program.free:
                self.emit(Do.CELL, name)
            self.emit(Do.BUILD, ("tuple", len(program.free)))
            parts |= 8
        self.emit(Do.CONST, program)
        self.emit(Do.FUNCTION, Making(parts, qualname=False, below=below))


def signature(arguments: ast.arguments) -> Signature:
    """Return the parameters of a function in source."""
    return Signature(
        tuple(argument.arg for argument in arguments.posonlyargs),
        tuple(argument.arg for argument in arguments.args),
        arguments.vararg.arg if arguments.vararg is not None else None,
        tuple(argument.arg for argument in arguments.kwonlyargs),
        arguments.kwarg.arg if arguments.kwarg is not None else None,
    )
