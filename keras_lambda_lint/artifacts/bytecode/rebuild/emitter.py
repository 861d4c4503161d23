"""Where rebuilt operations are collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Argument, Do, Op, Program

if TYPE_CHECKING:
    import ast

    from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Scope, Scopes


class Label:
    """A place in the operations that jumps refer to before it is known."""

    def __init__(self) -> None:
        self.index = -1


class Emitter:
    """The operations of one function, and what its parts need to know to add theirs."""

    def __init__(self, version: tuple[int, int], scopes: Scopes, scope: Scope, true_division: bool) -> None:
        self.version = version
        self.scopes = scopes
        self.scope = scope
        self.true_division = true_division
        self.emitted: list[tuple[Do, Argument, Label | None]] = []

    def emit(self, do: Do, arg: Argument = None, target: Label | None = None) -> None:
        self.emitted.append((do, arg, target))

    def place(self, label: Label) -> None:
        label.index = len(self.emitted)

    def ops(self) -> tuple[Op, ...]:
        return tuple(Op(do, arg, -1 if target is None else target.index) for do, arg, target in self.emitted)

    def load(self, name: str) -> None:
        self.emit(Do.LOAD, self.scope.variable(name))

    def store(self, name: str) -> None:
        self.emit(Do.STORE, self.scope.variable(name))

    def expression(self, node: ast.expr) -> None:
        raise NotImplementedError

    def jump_if(self, node: ast.expr, when: bool, target: Label) -> None:
        raise NotImplementedError

    def target(self, node: ast.expr) -> None:
        raise NotImplementedError

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        raise NotImplementedError

    def make_function(self, node: ast.Lambda | ast.FunctionDef) -> None:
        raise NotImplementedError

    def make(self, program: Program, parts: int, below: tuple[tuple[int, int], ...] = ()) -> None:
        raise NotImplementedError

    def refuse(self, node: ast.AST) -> Undecodable:
        return Undecodable(f"{type(node).__name__} in the source")
