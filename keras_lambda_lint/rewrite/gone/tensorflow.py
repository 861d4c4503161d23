"""Operations of TensorFlow in the functions of `Lambda` layers: `keras.ops`, where a table says that it is equal."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.diagnostic import Applicability, Edit, Fix, Span
from keras_lambda_lint.keras_api.tensorflow_calls import MIXING, row_name, rows, written_value
from keras_lambda_lint.rewrite.alignment import realigned
from keras_lambda_lint.rewrite.concrete import Concrete
from keras_lambda_lint.rewrite.edits import in_order
from keras_lambda_lint.rewrite.gone.calls import CallWriter, bound
from keras_lambda_lint.rewrite.gone.spelled import Spelled
from keras_lambda_lint.rewrite.planned import planned
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.sites.gone.tensorflow_uses import TensorflowUse
from keras_lambda_lint.sites.model import ValueKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keras_lambda_lint.rewrite.planners import Reported
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.model import Parameter

_UNSAFE = "`keras.ops` takes no ragged and no string tensors, which TensorFlow takes"


def plan_tensorflow(sites: FileSites, reported: Reported) -> Mapping[Span, Fix | str]:
    """Return the fix of each function that computes with TensorFlow, by the span of its site, or the reason why there is none.

    A layer whose function is itself an operation has none here: the fix of the layer settles it.
    """
    found = (use for use in sites.of(TensorflowUse) if use.function.tensorflow_calls)
    return planned(found, reported.get(TensorflowUse, {}), lambda use: _Rewrite(sites, use).fix())


class _Rewrite:
    """The rewrite of all that one function computes with TensorFlow."""

    def __init__(self, sites: FileSites, use: TensorflowUse) -> None:
        self.sites = sites
        self.use = use
        self.spelled = Spelled(sites)
        self.writer = CallWriter(sites.source, Concrete(sites.source, sites.index))
        self.calls = {call.node.func: call.node for call in use.function.tensorflow_calls}
        self.operations = {_first(callee) for callee in self.calls} | set(self.calls)

    def fix(self) -> Fix:
        """Return the fix; raise `NoFix` where one of the uses stays."""
        if 2 in self.sites.target:
            raise NoFix(
                '`keras.ops` does not exist on Keras 2, which the file may run on: if it need not, say `keras = "3"`'
            )
        if self.use.function.source is not None:
            raise NoFix(
                f"the function stands in {self.use.function.source.filename}, whose callers this file does not show"
            )
        ops = self._ops()
        uses = list(self._uses())
        for node in uses:
            self._replace(node, ops)
        statements = dict.fromkeys(self.sites.index.statement(node) for node in uses)
        aligned = [edit for each in statements for edit in realigned(self.sites.source, each, self.writer.edits)]
        return Fix(
            message="`keras.ops` instead of TensorFlow",
            edits=in_order((*self.writer.edits, *self.spelled.edits, *aligned)),
            applicability=Applicability.UNSAFE,
            site=Span(self.use.span.start, self.sites.source.span(list(statements)[-1]).end),
            unsafe_because=_UNSAFE,
            comes_first=True,
        )

    def _ops(self) -> str:
        """Return the file's name for `keras.ops` inside the function; raise `NoFix` where it means something else there."""
        callee = self.use.layers[0].node.func
        function = self.use.function.node
        assert isinstance(callee, (ast.Name, ast.Attribute))
        assert function is not None
        ops = self.spelled.ops(callee)
        inside = self.sites.index.scope_of(function)
        first = _first(callee)
        outside = self.sites.index.reads[first].scope
        for name in (first.id, ops.partition(".")[0]):
            owner = outside.owner(name)
            if inside.owner(name) is not owner or (owner is not None and not inside.within(owner)):
                raise NoFix(f"`{name}` is not the same in the function as where the layer is made")
        return ops

    def _uses(self) -> Iterator[ast.Name | ast.Attribute]:
        """Yield what the function reads of TensorFlow, sorted by place, each as far as its dots go."""
        body = self.use.function.body
        assert body is not None
        roots = [node for node in body.nodes if isinstance(node, ast.Name) and node in self.sites.index.reads]
        for root in sorted(roots, key=lambda node: (node.lineno, node.col_offset)):
            if not any(name.partition(".")[0] == "tensorflow" for name in self.sites.names.of(root)):
                continue
            node: ast.Name | ast.Attribute = root
            while isinstance(parent := self.sites.index.parents[node], ast.Attribute) and node not in self.calls:
                node = parent
            yield node

    def _replace(self, node: ast.Name | ast.Attribute, ops: str) -> None:
        span = self.sites.source.span(node)
        text = self.sites.text(span)
        names = self.sites.names.of(node)
        qualified = next(iter(names)) if len(names) == 1 else ""
        call = self.calls.get(node)
        if call is None:
            value = written_value(qualified)
            if value is None:
                raise NoFix(f"`{text}` has no counterpart in `keras.ops` that was measured")
            self.writer.edits.append(Edit(span, value))
            return
        name = row_name(qualified)
        if name is None:
            raise NoFix(f"`{text}` has no equal in `keras.ops`, or none that was measured")
        if name == "tf.shape" and not self._is_shape(call):
            raise NoFix(f"`{text}` is a tensor, and `keras.ops.shape` a tuple: what reads it has to take that")
        if name.rpartition(".")[2] in MIXING:
            self._refuse_arrays(text)
        for row in rows()[name]:
            new = row.call("ops")
            assert new is not None
            if self.writer.write(call, row, new.spelled(lambda _: ops)):
                return
        raise NoFix(f"an argument of `{text}` has no counterpart in `keras.ops`")

    def _is_shape(self, call: ast.Call) -> bool:
        """Return whether a shape, or one length of it, is part of a shape that is given to `tf.reshape`."""
        node: ast.AST = call
        parent = self.sites.index.parents[node]
        if (
            isinstance(parent, ast.Subscript)
            and parent.value is node
            and isinstance(parent.slice, (ast.Constant, ast.UnaryOp))
        ):
            node, parent = parent, self.sites.index.parents[parent]
            if isinstance(parent, (ast.List, ast.Tuple)):
                node, parent = parent, self.sites.index.parents[parent]
            else:
                return False
        around = self.sites.index.parents[parent] if isinstance(parent, ast.keyword) else parent
        if not isinstance(around, ast.Call) or around.func not in self.calls:
            return False
        names = {row_name(name) for name in self.sites.names.of(around.func)}
        given = next((bound(row, around) for name in names if name for row in rows()[name]), None)
        return given is not None and "shape" in given and given["shape"].node is node

    def _refuse_arrays(self, text: str) -> None:
        """Refuse a function that may mix tensors with arrays of NumPy."""
        function = self.use.function
        reason = f"may be an array or a number of NumPy, whose dtype the `keras.ops` equal of `{text}` keeps"
        for capture in function.captures:
            known = capture.value
            is_operation = known.kind in (ValueKind.MODULE, ValueKind.TENSOR) or capture.node in self.operations
            if not is_operation and not (known.kind is ValueKind.CONSTANT and _is_literal(known.node)):
                raise NoFix(f"`{capture.text}` {reason}")
        for call in function.calls:
            if any(name.startswith("numpy.") for name in call.names):
                raise NoFix(f"what `{call.name}` returns {reason}")
        for parameter in function.parameters[1:]:
            if not self._is_number(parameter):
                raise NoFix(f"`{parameter.name}` {reason}")

    def _is_number(self, parameter: Parameter) -> bool:
        """Return whether all layers leave a further parameter at its literal default, or pass a literal."""
        for site in self.use.layers:
            given = next((each.value.node for each in site.passed if each.name == parameter.name), parameter.default)
            hidden = site.unknown_arguments or ("arguments" in site.arguments and not site.passed)
            if hidden or not _is_literal(given):
                return False
        return True


def _is_literal(node: ast.expr | None) -> bool:
    """Return whether an expression is a number or another constant as Python writes it."""
    if isinstance(node, ast.UnaryOp):
        return _is_literal(node.operand)
    return isinstance(node, ast.Constant)


def _first(node: ast.expr) -> ast.Name:
    while isinstance(node, ast.Attribute):
        node = node.value
    assert isinstance(node, ast.Name)
    return node
