"""Rebuilds comprehensions: functions of their own, or loops in the function around them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.artifacts.bytecode.normal import Call, Do, OldCall, Program, Signature, Variable
from keras_lambda_lint.artifacts.bytecode.rebuild.emitter import Label
from keras_lambda_lint.artifacts.bytecode.rebuild.expressions import ExpressionEmitter

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Comprehension

_KINDS: dict[type[ast.expr], tuple[str, str]] = {
    ast.ListComp: ("list", "<listcomp>"),
    ast.SetComp: ("set", "<setcomp>"),
    ast.DictComp: ("map", "<dictcomp>"),
    ast.GeneratorExp: ("", "<genexpr>"),
}


class ComprehensionEmitter(ExpressionEmitter):
    """Adds comprehensions."""

    def comprehension(self, node: Comprehension) -> None:
        kind, name = _KINDS[type(node)]
        scope = self.scopes.of.get(node)
        first = node.generators[0]
        if scope is None:
            self.emit(Do.BUILD, (kind, 0))
            self.searched_iterator(first.iter)
            self.loops(node, kind, 0)
        elif scope.inline:
            self.inlined(node, kind)
        else:
            inner = type(self)(self.version, self.scopes, scope, self.true_division)
            if kind:
                inner.emit(Do.BUILD, (kind, 0))
            inner.emit(Do.LOAD, Variable("local", ".0"))
            inner.loops(node, kind, 0)
            if not kind:
                inner.emit(Do.CONST, None)
            inner.emit(Do.RETURN)
            free = tuple(sorted(scope.free))
            self.make(Program(name, Signature(args=(".0",)), not kind, free, None, inner.ops()), 0)
            self.searched_iterator(first.iter)
            if self.version < (3, 6):
                self.emit(Do.OLD_CALL, OldCall(1, 0, star=False, stars=False))
            else:
                self.emit(Do.CALL, Call(1, (), paired=False))

    def searched_iterator(self, node: ast.expr) -> None:
        self.iterated(node)
        self.emit(Do.GET_ITER)

    def iterated(self, node: ast.expr) -> None:
        """Add what a loop runs over: since Python 3 a constant where only the loop sees it."""
        if self.version >= (3, 0) and isinstance(node, (ast.List, ast.Set)):
            self.searched(node)
        else:
            self.expression(node)

    def inlined(self, node: Comprehension, kind: str) -> None:
        """PEP 709: the loop runs in the function itself, which keeps its own variables of these names aside."""
        self.searched_iterator(node.generators[0].iter)
        outer, scope = self.scope, self.scopes.of[node]
        names = sorted(self.scopes.inlined_names(scope))
        for name in names:
            self.emit(Do.SAVE, name)
        self.emit(Do.SWAP, len(names) + 1)
        self.scope = scope
        self.emit(Do.BUILD, (kind, 0))
        self.emit(Do.SWAP, 2)
        self.loops(node, kind, 0)
        self.scope = outer
        self.emit(Do.SWAP, len(names) + 1)
        for name in reversed(names):
            self.emit(Do.STORE, Variable("local", name))

    def loops(self, node: Comprehension, kind: str, index: int) -> None:
        """Add one `for` with its tests, and what is inside. Its iterator is on the stack."""
        generator = node.generators[index]
        if generator.is_async:
            raise self.refuse(node)
        head, end = Label(), Label()
        self.place(head)
        self.emit(Do.NEXT, None, end)
        self.target(generator.target)
        for test in generator.ifs:
            self.jump_if(test, False, head)
        if index + 1 < len(node.generators):
            self.searched_iterator(node.generators[index + 1].iter)
            self.loops(node, kind, index + 1)
        else:
            self.item(node, kind, len(node.generators) + 1)
        self.emit(Do.JUMP, None, head)
        self.place(end)

    def item(self, node: Comprehension, kind: str, depth: int) -> None:
        if isinstance(node, ast.DictComp):
            if self.version >= (3, 8):
                self.expression(node.key)
                self.expression(node.value)
                self.emit(Do.APPEND, ("map", depth))
            else:
                self.expression(node.value)
                self.expression(node.key)
                self.emit(Do.APPEND, ("reversed map", depth))
            return
        self.expression(node.elt)
        if kind:
            self.emit(Do.APPEND, (kind, depth))
        else:
            self.emit(Do.YIELD)
            self.emit(Do.POP)
