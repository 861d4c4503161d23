"""Reads assignments, imports and all else that is one statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from keras_lambda_lint.artifacts.bytecode.decompile.builder import IN_PLACE
from keras_lambda_lint.artifacts.bytecode.decompile.comprehensions import ComprehensionReader
from keras_lambda_lint.artifacts.bytecode.decompile.values import (
    FunctionValue,
    Imported,
    Item,
    Iterator,
    Module,
    Saved,
    Stack,
    Value,
    expression,
)
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable
from keras_lambda_lint.artifacts.bytecode.normal import Do, Variable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.code import Version
    from keras_lambda_lint.artifacts.bytecode.decompile.expressions import Budget
    from keras_lambda_lint.artifacts.bytecode.normal import Program

_CHAINED = (Do.STORE, Do.COPY, Do.UNPACK, Do.UNPACK_EX)


class AssignmentReader(ComprehensionReader):
    """Reads what is one statement without others inside."""

    def __init__(self, program: Program, version: Version, budget: Budget) -> None:
        super().__init__(program, version, budget)
        self.sink: list[ast.stmt] | None = None
        """Where statements go; None while only an expression is wanted."""
        self.base = 0
        """How many values lie on the stack between statements: the iterators of the loops around."""
        self.born: dict[int, int] = {}
        self.pending: list[tuple[ast.expr, ast.expr]] = []
        """Values and targets of an assignment of several values that is not over."""
        self.chained: dict[int, list[ast.expr]] = {}
        self.aliases: dict[int, list[ast.alias]] = {}
        self.declared: dict[str, set[str]] = {"global": set(), "deref": set()}

    def one(self, place: int, stack: Stack) -> None:
        op = self.ops[place]
        if self.sink is not None and op.do in _TARGETS:
            self.target(place, stack)
        elif self.sink is not None and op.do is Do.DELETE:
            variable = cast("Variable", op.arg)
            self.declare(variable)
            self.add(ast.Delete([ast.Name(variable.name, ast.Del())]))
        else:
            super().one(place, stack)
        if stack:
            self.born.setdefault(id(stack[-1]), len(self.born))
            self.alive.append(stack[-1])

    def add(self, statement: ast.stmt) -> None:
        if self.sink is None:
            raise Undecodable("a statement in an expression")
        self.sink.append(statement)

    def declare(self, variable: Variable) -> None:
        """Note a name that is assigned here and is no variable of this function."""
        if variable.scope == "global" or (variable.scope == "deref" and variable.name in self.program.free):
            self.declared[variable.scope].add(variable.name)

    # targets

    def target(self, place: int, stack: Stack) -> None:
        """Read a store or deletion of an attribute or item."""
        op = self.ops[place]
        delete = op.do in (Do.DELETE_ATTR, Do.DELETE_SUBSCR)
        context: ast.expr_context = ast.Del() if delete else ast.Store()
        target: ast.expr
        if op.do in (Do.STORE_ATTR, Do.DELETE_ATTR):
            target = ast.Attribute(stack.expressions(1)[0], cast("str", op.arg), context)
        else:
            value, index = stack.expressions(2)
            target = ast.Subscript(value, index, context)
        if delete:
            self.add(ast.Delete([target]))
        else:
            self.assign(target, stack.take(), stack, place)

    def stored(self, place: int, stack: Stack) -> None:
        if self.sink is None or (stack and isinstance(stack[-1], Saved)):
            super().stored(place, stack)
            return
        variable = cast("Variable", self.ops[place].arg)
        self.declare(variable)
        self.assign(ast.Name(variable.name, ast.Store()), stack.take(), stack, place)

    def assign(self, target: ast.expr, value: Value, stack: Stack, place: int) -> None:
        """Read that a value is assigned to a target."""
        if isinstance(value, Item):
            whole = self.given(value, target)
            if whole is not None:
                self.assign(*whole, stack, place)
        elif isinstance(value, (Module, Imported)):
            self.imported(target, value)
        elif isinstance(value, FunctionValue):
            self.defined(target, value)
        elif isinstance(value, ast.BinOp) and getattr(value, IN_PLACE, False):
            self.augmented(target, value)
        else:
            self.plain(target, expression(value), stack, place)

    def plain(self, target: ast.expr, value: ast.expr, stack: Stack, place: int) -> None:
        if isinstance(value, ast.NamedExpr):
            # `a = b[0] = value`: the name was taken for `:=`, as more than a name follows.
            self.chained[id(value.value)] = [value.target, *self.chained.pop(id(value), [])]
            value = value.value
        above = [each for each in stack[self.base :] if not isinstance(each, Saved)]
        if above and above[-1] is value:
            if isinstance(target, ast.Name) and not (len(above) == 1 and self.is_chained(place)):
                stack[-1] = ast.NamedExpr(target, value)
            else:
                self.chained.setdefault(id(value), []).append(target)
            return
        if above and not isinstance(target, ast.Name) and not all(isinstance(each, ast.expr) for each in above):
            raise Undecodable("an assignment in an expression")
        if above:
            self.pending.append((value, target))
        elif self.pending:
            pairs = sorted([*self.pending, (value, target)], key=lambda pair: self.born.get(id(pair[0]), 0))
            self.pending = []
            targets = ast.Tuple([target for _, target in pairs], ast.Store())
            self.add(ast.Assign([targets], ast.Tuple([value for value, _ in pairs], ast.Load()), lineno=1))
        else:
            self.add(ast.Assign([*self.chained.pop(id(value), []), target], value, lineno=1))

    def is_chained(self, place: int) -> bool:
        """Return whether the value is assigned once more at once: `a = b = value`."""
        return self.ops[self.flow.next(place)].do in _CHAINED

    def augmented(self, target: ast.expr, value: ast.BinOp) -> None:
        if not isinstance(target, (ast.Name, ast.Attribute, ast.Subscript)):
            raise Undecodable("an assignment in place to several targets")
        self.add(ast.AugAssign(target, value.op, value.right))

    def defined(self, target: ast.expr, value: FunctionValue) -> None:
        node = value.node
        if not isinstance(node, ast.FunctionDef) or not isinstance(target, ast.Name) or target.id != node.name:
            raise Undecodable("a function that is stored under another name")
        self.add(node)

    # imports

    def imported(self, target: ast.expr, value: Module | Imported) -> None:
        if not isinstance(target, ast.Name):
            raise Undecodable("an import into no name")
        name = target.id
        module = value.module if isinstance(value, Imported) else value
        if isinstance(value, Imported) and module.names is not None:
            alias = ast.alias(value.name, None if name == value.name else name)
            self.aliases.setdefault(id(module), []).append(alias)
            return
        first = module.name.partition(".")[0]
        same = name == first and not module.path and not isinstance(value, Imported)
        self.add(ast.Import([ast.alias(module.name, None if same else name)]))

    def dropped(self, place: int, stack: Stack) -> None:
        if self.sink is None or (stack and id(stack[-1]) in self.copied):
            super().dropped(place, stack)
            return
        value = stack.take()
        if isinstance(value, Iterator):
            raise Undecodable("a loop that is left in an unusual way")
        if isinstance(value, Item):
            self.assign(ast.Name(self.next_local(place), ast.Store()), value, stack, place)
        elif isinstance(value, Imported) and value.module.names is None:
            pass
        elif isinstance(value, Module):
            if value.names is not None:
                aliases = self.aliases.pop(id(value), [])
                self.add(ast.ImportFrom(value.name or None, aliases, max(value.level, 0)))
        else:
            self.add(ast.Expr(expression(value)))

    def next_local(self, place: int) -> str:
        """Return the local that is stored next: 3.13 drops a value whose name gets another at once (`_, _ = x`)."""
        while self.ops[place].do is Do.POP:
            place = self.flow.next(place)
        variable = self.ops[place].arg
        if self.ops[place].do is not Do.STORE or not isinstance(variable, Variable) or variable.scope != "local":
            raise Undecodable("a part of an unpacking that is dropped")
        return variable.name


_TARGETS = (Do.STORE_ATTR, Do.STORE_SUBSCR, Do.DELETE_ATTR, Do.DELETE_SUBSCR)
