"""What lies on the stack while source is put together: expressions, and things that are not yet one."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from keras_lambda_lint.artifacts.bytecode.code import Code, Unicode
from keras_lambda_lint.artifacts.bytecode.errors import Undecodable

if TYPE_CHECKING:
    from keras_lambda_lint.artifacts.bytecode.normal import Program
    from keras_lambda_lint.artifacts.bytecode.rebuild.scopes import Comprehension


@dataclass(eq=False)
class Null:
    """The marker beside what is called."""


@dataclass(eq=False)
class Cell:
    """A variable that inner functions share."""

    name: str


@dataclass(eq=False)
class Saved:
    """A local's value, put aside while a comprehension uses its name."""

    name: str


@dataclass(eq=False)
class CodeValue:
    """The code of a function that is about to be made."""

    program: Program


@dataclass(eq=False)
class FunctionValue:
    """A function with a name, or the function of a comprehension, that is not stored or called yet."""

    program: Program
    node: ast.FunctionDef | Comprehension


@dataclass(eq=False)
class Iterator:
    """What a loop takes its values from."""

    source: ast.expr


@dataclass(eq=False)
class Item:
    """A value that a loop or an unpacking gives out: it waits for its target."""

    group: Unpacking | None = None
    target: ast.expr | None = None


@dataclass(eq=False)
class Unpacking:
    """A value that is being unpacked."""

    source: Value
    star: int = -1
    items: list[Item] = field(default_factory=list)


@dataclass(eq=False)
class Module:
    """What an import statement yields."""

    name: str
    level: int
    names: tuple[str, ...] | None
    path: tuple[str, ...] = ()
    """Of `import a.b as c`: how far the way to `b` has been gone."""


@dataclass(eq=False)
class Imported:
    """One name out of a module."""

    module: Module
    name: str


Value: TypeAlias = (
    "ast.expr | Null | Cell | Saved | CodeValue | FunctionValue | Iterator | Item | Module | Imported | Unpacking"
)


def constant_node(value: object) -> ast.expr:
    """Return the expression that stands for a constant."""
    if isinstance(value, Unicode):
        return ast.Constant(str(value), kind="u")
    if isinstance(value, tuple):
        return ast.Tuple([constant_node(item) for item in value], ast.Load())
    if isinstance(value, frozenset):
        if not value:
            raise Undecodable("an empty frozenset")
        return ast.Set([constant_node(item) for item in sorted(value, key=repr)])
    if isinstance(value, bool) or value is None or value is ... or isinstance(value, (str, bytes)):
        return ast.Constant(value)
    if isinstance(value, complex):
        return _complex(value)
    if isinstance(value, (int, float)):
        if math.copysign(1, value) < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        return ast.Constant(value)
    raise Undecodable("code as a value" if isinstance(value, Code) else f"a constant of type {type(value).__name__}")


def _complex(value: complex) -> ast.expr:
    minus = math.copysign(1, value.imag) < 0
    imaginary = ast.Constant(complex(0.0, abs(value.imag)))
    if value.real == 0:
        if math.copysign(1, value.real) < 0 and minus:
            return ast.UnaryOp(ast.USub(), imaginary)
        if math.copysign(1, value.real) > 0 and not minus:
            return imaginary
    return ast.BinOp(constant_node(value.real), ast.Sub() if minus else ast.Add(), imaginary)


def expression(value: object) -> ast.expr:
    """Return a value that must be an expression."""
    if not isinstance(value, ast.expr):
        raise Undecodable(f"{type(value).__name__} where an expression is")
    return value


def name_of(value: object) -> str:
    """Return a constant that must be text."""
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        raise Undecodable("a name that is no text")
    return value.value


class Stack(list[Value]):
    """The values on the stack of a function that is being read."""

    def take(self) -> Value:
        """Return the top value and remove it."""
        if not self:
            raise Undecodable("a value is missing on the stack")
        return self.pop()

    def takes(self, count: int) -> list[Value]:
        """Return the top values, the lowest first, and remove them."""
        if count > len(self):
            raise Undecodable("a value is missing on the stack")
        taken = self[len(self) - count :]
        del self[len(self) - count :]
        return taken

    def expressions(self, count: int) -> list[ast.expr]:
        """Return the top values as expressions, and remove them."""
        return [expression(value) for value in self.takes(count)]

    def peek(self, place: int) -> Value:
        """Return the value in a place counted from the top, which is 1."""
        if not 1 <= place <= len(self):
            raise Undecodable("a value is missing on the stack")
        return self[-place]
