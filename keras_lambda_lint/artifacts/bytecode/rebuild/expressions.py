"""Rebuilds expressions and tests."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from keras_lambda_lint.artifacts.bytecode.normal import Do, Variable
from keras_lambda_lint.artifacts.bytecode.rebuild.constants import constant, is_constant
from keras_lambda_lint.artifacts.bytecode.rebuild.displays import DisplayEmitter
from keras_lambda_lint.artifacts.bytecode.rebuild.emitter import Label

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.artifacts.bytecode.code import Constant

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
UNARY: dict[type[ast.unaryop], str] = {ast.UAdd: "+", ast.USub: "-", ast.Invert: "~", ast.Not: "not"}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


class ExpressionEmitter(DisplayEmitter):
    """Adds expressions."""

    def expression(self, node: ast.expr) -> None:
        """Add what leaves the value of the expression on the stack."""
        if is_constant(node, self.version):
            self.emit(Do.CONST, constant(node, self.version))
            return
        method = _METHODS.get(type(node))
        if method is None:
            raise self.refuse(node)
        method(self, node)

    def operator(self, node: ast.operator) -> str:
        symbol = BINARY[type(node)]
        return "classic /" if symbol == "/" and self.version < (3, 0) and not self.true_division else symbol

    def constant_or_name(self, node: ast.Constant) -> None:
        """Python 2 has no constants `True` and `False`."""
        self.emit(Do.LOAD, Variable("global", str(node.value)))

    def attribute(self, node: ast.Attribute) -> None:
        self.expression(node.value)
        self.emit(Do.ATTR, node.attr)

    def subscript(self, node: ast.Subscript) -> None:
        self.expression(node.value)
        if self.version < (3, 0) and isinstance(node.slice, ast.Slice) and node.slice.step is None:
            self.bounds(node.slice)
            self.emit(Do.SLICE, (node.slice.lower is not None) + 2 * (node.slice.upper is not None))
            return
        self.expression(node.slice)
        self.emit(Do.SUBSCR)

    def bounds(self, node: ast.Slice) -> None:
        for bound in (node.lower, node.upper):
            if bound is not None:
                self.expression(bound)

    def slice(self, node: ast.Slice) -> None:
        for bound in (node.lower, node.upper):
            self.expression(bound if bound is not None else ast.Constant(None))
        if node.step is not None:
            self.expression(node.step)
        self.emit(Do.BUILD, ("slice", 2 if node.step is None else 3))

    def binary(self, node: ast.BinOp) -> None:
        self.expression(node.left)
        self.expression(node.right)
        self.emit(Do.BINARY, self.operator(node.op))

    def unary(self, node: ast.UnaryOp) -> None:
        self.expression(node.operand)
        self.emit(Do.UNARY, UNARY[type(node.op)])

    def boolean(self, node: ast.BoolOp) -> None:
        end = Label()
        for value in node.values[:-1]:
            self.expression(value)
            self.emit(Do.COPY, 1)
            self.emit(Do.BRANCH, isinstance(node.op, ast.Or), end)
            self.emit(Do.POP)
        self.expression(node.values[-1])
        self.place(end)

    def conditional(self, node: ast.IfExp) -> None:
        otherwise, end = Label(), Label()
        self.jump_if(node.test, False, otherwise)
        self.expression(node.body)
        self.emit(Do.JUMP, None, end)
        self.place(otherwise)
        self.expression(node.orelse)
        self.place(end)

    def comparison(self, node: ast.Compare) -> None:
        self.expression(node.left)
        cleanup, end = Label(), Label()
        for operator, right in zip(node.ops[:-1], node.comparators[:-1], strict=True):
            self.compared(right, operator)
            self.emit(Do.COPY, 1)
            self.emit(Do.ROTATE, 3)
            self.emit(Do.COMPARE, COMPARE[type(operator)])
            self.emit(Do.COPY, 1)
            self.emit(Do.BRANCH, False, cleanup)
            self.emit(Do.POP)
        self.compared(node.comparators[-1], node.ops[-1])
        self.emit(Do.COMPARE, COMPARE[type(node.ops[-1])])
        if len(node.ops) > 1:
            self.emit(Do.JUMP, None, end)
            self.place(cleanup)
            self.emit(Do.SWAP, 2)
            self.emit(Do.POP)
            self.place(end)

    def compared(self, node: ast.expr, operator: ast.cmpop) -> None:
        """Add a right side. What is only searched becomes one constant, where its items are constants."""
        if isinstance(operator, (ast.In, ast.NotIn)):
            self.searched(node)
        else:
            self.expression(node)

    def searched(self, node: ast.expr) -> None:
        """Add a list or set that only `in` or a loop sees."""
        if isinstance(node, (ast.List, ast.Set)) and all(is_constant(item, self.version) for item in node.elts):
            values: tuple[Constant, ...] = tuple(constant(item, self.version) for item in node.elts)
            if isinstance(node, ast.List):
                self.emit(Do.CONST, values)
                return
            if self.version >= (3, 2):
                self.emit(Do.CONST, frozenset(values))
                return
        self.expression(node)

    def walrus(self, node: ast.NamedExpr) -> None:
        if self.version < (3, 8):
            raise self.refuse(node)
        self.expression(node.value)
        self.emit(Do.COPY, 1)
        self.store(node.target.id)

    # text

    def joined_text(self, node: ast.JoinedStr) -> None:
        for value in node.values:
            self.expression(value)
        if len(node.values) != 1:
            self.emit(Do.BUILD, ("string", len(node.values)))

    def formatted(self, node: ast.FormattedValue) -> None:
        conversion = "" if node.conversion < 0 else chr(node.conversion)
        self.expression(node.value)
        if self.version >= (3, 13) and conversion:
            self.emit(Do.CONVERT, conversion)
            conversion = ""
        if node.format_spec is not None:
            self.expression(node.format_spec)
        self.emit(Do.FORMAT, (conversion, node.format_spec is not None))

    # tests

    def jump_if(self, node: ast.expr, when: bool, target: Label) -> None:
        """Add a jump that is taken when the truth of the expression is `when`."""
        if self.version < (3, 7):
            self.jump_if_value(node, when, target)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.jump_if(node.operand, not when, target)
        elif isinstance(node, ast.BoolOp):
            decisive = isinstance(node.op, ast.Or)
            end = target if decisive is when else Label()
            for value in node.values[:-1]:
                self.jump_if(value, decisive, end)
            self.jump_if(node.values[-1], when, target)
            if end is not target:
                self.place(end)
        elif isinstance(node, ast.IfExp):
            otherwise, end = Label(), Label()
            self.jump_if(node.test, False, otherwise)
            self.jump_if(node.body, when, target)
            self.emit(Do.JUMP, None, end)
            self.place(otherwise)
            self.jump_if(node.orelse, when, target)
            self.place(end)
        else:
            self.expression(node)
            self.emit(Do.BRANCH, when, target)

    def jump_if_value(self, node: ast.expr, when: bool, target: Label) -> None:
        """Up to 3.6 only a `not` in front of the whole test becomes a jump."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node, when = node.operand, not when
        self.expression(node)
        self.emit(Do.BRANCH, when, target)


_METHODS: dict[type[ast.expr], Callable[[Any, Any], None]] = {
    ast.Constant: ExpressionEmitter.constant_or_name,
    ast.Name: lambda emitter, node: emitter.load(node.id),
    ast.Attribute: ExpressionEmitter.attribute,
    ast.Subscript: ExpressionEmitter.subscript,
    ast.Slice: ExpressionEmitter.slice,
    ast.BinOp: ExpressionEmitter.binary,
    ast.UnaryOp: ExpressionEmitter.unary,
    ast.BoolOp: ExpressionEmitter.boolean,
    ast.IfExp: ExpressionEmitter.conditional,
    ast.Compare: ExpressionEmitter.comparison,
    ast.NamedExpr: ExpressionEmitter.walrus,
    ast.JoinedStr: ExpressionEmitter.joined_text,
    ast.FormattedValue: ExpressionEmitter.formatted,
    ast.Tuple: lambda emitter, node: emitter.sequence("tuple", node.elts),
    ast.List: lambda emitter, node: emitter.sequence("list", node.elts),
    ast.Set: lambda emitter, node: emitter.sequence("set", node.elts),
    ast.Dict: DisplayEmitter.dictionary,
    ast.Call: DisplayEmitter.call,
    ast.Lambda: lambda emitter, node: emitter.make_function(node),
    ast.ListComp: lambda emitter, node: emitter.comprehension(node),
    ast.SetComp: lambda emitter, node: emitter.comprehension(node),
    ast.DictComp: lambda emitter, node: emitter.comprehension(node),
    ast.GeneratorExp: lambda emitter, node: emitter.comprehension(node),
}
