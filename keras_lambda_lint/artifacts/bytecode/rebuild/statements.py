"""Rebuilds statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.bytecode.normal import Call, Do, OldCall, Variable
from keras_lambda_lint.artifacts.bytecode.rebuild.comprehensions import ComprehensionEmitter
from keras_lambda_lint.artifacts.bytecode.rebuild.constants import is_constant
from keras_lambda_lint.artifacts.bytecode.rebuild.emitter import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Scope, Scopes


class StatementEmitter(ComprehensionEmitter):
    """Adds statements."""

    def __init__(self, version: tuple[int, int], scopes: Scopes, scope: Scope, true_division: bool) -> None:
        super().__init__(version, scopes, scope, true_division)
        self.around: list[tuple[Label, Label]] = []
        """Of each loop around: where its next turn starts, and where it is left."""

    def statements(self, nodes: Sequence[ast.stmt]) -> None:
        """Add the statements in order."""
        for node in nodes:
            method = _METHODS.get(type(node))
            if method is None:
                raise self.refuse(node)
            method(self, node)

    def expression_statement(self, node: ast.Expr) -> None:
        self.expression(node.value)
        self.emit(Do.POP)

    def returned(self, node: ast.Return) -> None:
        if node.value is None:
            self.emit(Do.CONST, None)
        else:
            self.expression(node.value)
        self.emit(Do.RETURN)

    # assignments

    def target(self, node: ast.expr) -> None:
        """Add what stores the value on top of the stack."""
        if isinstance(node, ast.Name):
            self.store(node.id)
        elif isinstance(node, ast.Attribute):
            self.expression(node.value)
            self.emit(Do.STORE_ATTR, node.attr)
        elif isinstance(node, ast.Subscript):
            self.expression(node.value)
            self.subscript_key(node)
            self.emit(Do.STORE_SUBSCR)
        elif isinstance(node, (ast.Tuple, ast.List)):
            self.unpacked(node.elts)
        else:
            raise self.refuse(node)

    def subscript_key(self, node: ast.Subscript) -> None:
        if self.version < (3, 0) and isinstance(node.slice, ast.Slice) and node.slice.step is None:
            raise self.refuse(node)
        self.expression(node.slice)

    def unpacked(self, targets: Sequence[ast.expr]) -> None:
        stars = [index for index, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if stars:
            self.emit(Do.UNPACK_EX, (stars[0], len(targets) - stars[0] - 1))
        else:
            self.emit(Do.UNPACK, len(targets))
        for target in targets:
            self.target(target.value if isinstance(target, ast.Starred) else target)

    def assigned(self, node: ast.Assign) -> None:
        value = node.value
        first = node.targets[0]
        if len(node.targets) == 1 and _swapped(first, value) and not is_constant(value, self.version):
            # Two or three values change places without a tuple.
            assert isinstance(value, ast.Tuple)
            assert isinstance(first, (ast.Tuple, ast.List))
            for item in value.elts:
                self.expression(item)
            if len(value.elts) == 3:
                self.emit(Do.SWAP, 3)
            elif len(value.elts) == 2:
                self.emit(Do.SWAP, 2)
            for target in first.elts:
                self.target(target)
            return
        self.expression(value)
        for target in node.targets[:-1]:
            self.emit(Do.COPY, 1)
            self.target(target)
        self.target(node.targets[-1])

    def augmented(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name):
            self.load(target.id)
        elif isinstance(target, ast.Attribute):
            self.expression(target.value)
            self.emit(Do.COPY, 1)
            self.emit(Do.ATTR, target.attr)
        else:
            self.expression(target.value)
            self.subscript_key(target)
            self.emit(Do.COPY, 2)
            self.emit(Do.COPY, 2)
            self.emit(Do.SUBSCR)
        self.expression(node.value)
        self.emit(Do.BINARY, f"{self.operator(node.op)}=")
        if isinstance(target, ast.Name):
            self.store(target.id)
        elif isinstance(target, ast.Attribute):
            self.emit(Do.SWAP, 2)
            self.emit(Do.STORE_ATTR, target.attr)
        else:
            self.emit(Do.ROTATE, 3)
            self.emit(Do.STORE_SUBSCR)

    def annotated(self, node: ast.AnnAssign) -> None:
        """The annotation of a local is not evaluated."""
        if node.value is None or not isinstance(node.target, ast.Name):
            raise self.refuse(node)
        self.expression(node.value)
        self.target(node.target)

    def deleted(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.emit(Do.DELETE, self.scope.variable(target.id))
            elif isinstance(target, ast.Attribute):
                self.expression(target.value)
                self.emit(Do.DELETE_ATTR, target.attr)
            elif isinstance(target, ast.Subscript):
                self.expression(target.value)
                self.subscript_key(target)
                self.emit(Do.DELETE_SUBSCR)
            else:
                raise self.refuse(target)

    # control

    def chosen(self, node: ast.If) -> None:
        otherwise, end = Label(), Label()
        self.jump_if(node.test, False, otherwise)
        self.statements(node.body)
        if node.orelse:
            self.emit(Do.JUMP, None, end)
        self.place(otherwise)
        self.statements(node.orelse)
        self.place(end)

    def loop(self, node: ast.For) -> None:
        head, done, end = Label(), Label(), Label()
        self.iterated(node.iter)
        self.emit(Do.GET_ITER)
        self.place(head)
        self.emit(Do.NEXT, None, done)
        self.target(node.target)
        self.around.append((head, end))
        self.statements(node.body)
        self.around.pop()
        self.emit(Do.JUMP, None, head)
        self.place(done)
        self.statements(node.orelse)
        self.place(end)

    def left(self, _node: ast.Break) -> None:
        self.emit(Do.POP)
        self.emit(Do.JUMP, None, self.around[-1][1])

    def continued(self, _node: ast.Continue) -> None:
        self.emit(Do.JUMP, None, self.around[-1][0])

    def raised(self, node: ast.Raise) -> None:
        parts = [part for part in (node.exc, node.cause) if part is not None]
        for part in parts:
            self.expression(part)
        self.emit(Do.RAISE, len(parts))

    def asserted(self, node: ast.Assert) -> None:
        end = Label()
        self.jump_if(node.test, True, end)
        if self.version < (3, 9):
            self.emit(Do.LOAD, Variable("global", "AssertionError"))
        else:
            self.emit(Do.ASSERTION_ERROR)
        if node.msg is not None:
            self.expression(node.msg)
            old = self.version < (3, 6)
            self.emit(*((Do.OLD_CALL, OldCall(1, 0, False, False)) if old else (Do.CALL, Call(1, (), False))))
        self.emit(Do.RAISE, 1)
        self.place(end)

    # names from elsewhere

    def imported(self, node: ast.Import) -> None:
        for alias in node.names:
            self.emit(Do.CONST, 0 if self.version >= (3, 0) else -1)
            self.emit(Do.CONST, None)
            self.emit(Do.IMPORT, alias.name)
            first, *others = alias.name.split(".")
            if alias.asname is not None and others:
                self.submodule(others)
            self.store(alias.asname or first)

    def submodule(self, names: list[str]) -> None:
        """`import a.b as c` goes from `a` to `a.b`."""
        if self.version < (3, 7):
            for name in names:
                self.emit(Do.ATTR, name)
            return
        for name in names:
            self.emit(Do.IMPORT_FROM, name)
            self.emit(Do.SWAP, 2)
            self.emit(Do.POP)

    def imported_from(self, node: ast.ImportFrom) -> None:
        self.emit(Do.CONST, node.level if self.version >= (3, 0) or node.level else -1)
        self.emit(Do.CONST, tuple(alias.name for alias in node.names))
        self.emit(Do.IMPORT, node.module or "")
        for alias in node.names:
            self.emit(Do.IMPORT_FROM, alias.name)
            self.store(alias.asname or alias.name)
        self.emit(Do.POP)

    def defined(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
        self.make_function(node)
        for _ in node.decorator_list:
            old = self.version < (3, 6)
            self.emit(*((Do.OLD_CALL, OldCall(1, 0, False, False)) if old else (Do.CALL, Call(1, (), False))))
        self.store(node.name)


def _swapped(target: ast.expr, value: ast.expr) -> bool:
    """Return whether the compiler exchanges values on the stack where the source has two tuples."""
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, ast.Tuple):
        return False
    if len(target.elts) != len(value.elts) or len(target.elts) not in (1, 2, 3):
        return False
    return not any(isinstance(item, ast.Starred) for item in [*target.elts, *value.elts])


_METHODS: dict[type[ast.stmt], Callable[[StatementEmitter, Any], None]] = {
    ast.Expr: StatementEmitter.expression_statement,
    ast.Return: StatementEmitter.returned,
    ast.Assign: StatementEmitter.assigned,
    ast.AugAssign: StatementEmitter.augmented,
    ast.AnnAssign: StatementEmitter.annotated,
    ast.Delete: StatementEmitter.deleted,
    ast.If: StatementEmitter.chosen,
    ast.For: StatementEmitter.loop,
    ast.Break: StatementEmitter.left,
    ast.Continue: StatementEmitter.continued,
    ast.Raise: StatementEmitter.raised,
    ast.Assert: StatementEmitter.asserted,
    ast.Import: StatementEmitter.imported,
    ast.ImportFrom: StatementEmitter.imported_from,
    ast.FunctionDef: StatementEmitter.defined,
    ast.Pass: lambda _emitter, _node: None,
    ast.Global: lambda _emitter, _node: None,
    ast.Nonlocal: lambda _emitter, _node: None,
}
