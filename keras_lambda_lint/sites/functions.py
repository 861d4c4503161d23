"""Which functions an expression in a Keras slot is, or may be."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.body import Body
from keras_lambda_lint.sites.captures import inner_reads, name_span
from keras_lambda_lint.sites.model import FunctionForm, FunctionRef, Parameter
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import Binding, BindingKind, FunctionNode, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.sites.captures import Captures
    from keras_lambda_lint.source.index import Index
    from keras_lambda_lint.source.names import Names
    from keras_lambda_lint.source.text import Source

_MAX_STEPS = 8


class Functions:
    """Follows expressions of one file to the functions that they hold."""

    def __init__(self, source: Source, index: Index, names: Names, captures: Captures) -> None:
        self.source = source
        self.index = index
        self.names = names
        self.captures = captures

    def of(self, node: ast.expr, *, script: bool) -> tuple[FunctionRef, ...]:
        """Return the functions that an expression may be, each with its captures; `script` as in `Captures.of`."""
        found = self._candidates(node, _MAX_STEPS)
        return tuple(self._reference(node, candidate, script=script) for candidate in found)

    def _candidates(self, node: ast.expr, steps: int) -> list[FunctionNode | ast.expr]:
        if steps == 0:
            return [node]
        if isinstance(node, ast.NamedExpr):
            return self._candidates(node.value, steps - 1)
        if isinstance(node, ast.IfExp):
            return [*self._candidates(node.body, steps - 1), *self._candidates(node.orelse, steps - 1)]
        if isinstance(node, ast.Subscript):
            elements = self._elements(node.value)
            return [each for element in elements for each in self._candidates(element, steps - 1)] or [node]
        if isinstance(node, ast.Name) and node in self.index.reads:
            found: list[FunctionNode | ast.expr] = []
            for binding in self.index.reaching(node):
                found += self._bound(node, binding, steps)
            return found or [node]
        return [node]

    def _bound(self, node: ast.Name, binding: Binding, steps: int) -> list[FunctionNode | ast.expr]:
        if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [binding.node]
        value = binding.value
        if binding.kind is BindingKind.ASSIGNMENT and isinstance(
            value, (ast.Name, ast.Lambda, ast.IfExp, ast.Attribute)
        ):
            return self._candidates(value, steps - 1)
        if binding.kind is BindingKind.LOOP and value is not None and self._is_whole_target(binding):
            elements = self._elements(value)
            return [found for element in elements for found in self._candidates(element, steps - 1)] or [node]
        return [node]

    def _is_whole_target(self, binding: Binding) -> bool:
        """Return whether a name is all that a loop binds."""
        return isinstance(self.index.parents[binding.node], (ast.For, ast.AsyncFor, ast.comprehension))

    def _elements(self, node: ast.expr) -> list[ast.expr]:
        """Return the elements of a list, tuple or dict that is written out, also through a name that is bound once."""
        if isinstance(node, ast.Name) and node in self.index.reads:
            bindings = self.index.reaching(node)
            if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
                return []
            node = bindings[0].value
        if isinstance(node, (ast.List, ast.Tuple)):
            return list(node.elts)
        return list(node.values) if isinstance(node, ast.Dict) else []

    def _reference(self, passed: ast.expr, found: FunctionNode | ast.expr, *, script: bool) -> FunctionRef:
        span = self.source.span(passed)
        if not isinstance(found, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)):
            form = FunctionForm.METHOD if self._is_method(found) else FunctionForm.OTHER
            name = found.id if isinstance(found, ast.Name) else found.attr if isinstance(found, ast.Attribute) else None
            return FunctionRef(form, name, span, None, (), (), registered=False, node=None)
        if isinstance(found, ast.Lambda):
            form, name, defined = FunctionForm.LAMBDA, None, self.source.span(found)
        else:
            scope = self.index.scope_of(found).parent
            assert scope is not None
            made_once = scope.kind is ScopeKind.MODULE and not any(arm.loop for arm in self.index.bound_at[found].path)
            form = FunctionForm.FUNCTION if made_once else FunctionForm.NESTED
            name, defined = found.name, name_span(self.source, found)
        return FunctionRef(
            form=form,
            name=name,
            span=span,
            defined_at=defined,
            parameters=self._parameters(found),
            captures=self.captures.of(found, script=script),
            registered=not isinstance(found, ast.Lambda) and self._registered(found),
            node=found,
            body=Body(found, self.source, self.index, self.captures.values),
        )

    def _is_method(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"

    def _registered(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Return whether the file registers a function, or hands it to a loader under a name."""
        if any(self._registers(decorator) for decorator in node.decorator_list):
            return True
        return any(self._supplies(read.node) for read in self.index.reads_of(self.index.bound_at[node]))

    def _registers(self, node: ast.AST) -> bool:
        """Return whether an expression is `register_keras_serializable`, called or not."""
        called = node.func if isinstance(node, ast.Call) else node
        names = self.names.of(called) if isinstance(called, ast.expr) else ()
        return any(api.is_one_of(name, api.REGISTER) for name in names)

    def _supplies(self, read: ast.Name) -> bool:
        """Return whether a read of a function registers it, or puts it among the custom objects of Keras or of a loader."""
        parent = self.index.parents[read]
        if isinstance(parent, ast.Call) and read in parent.args:
            return self._registers(parent.func)
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
            return self._is_custom_objects(parent.targets[0].value)
        around = self.index.parents[parent]
        if not isinstance(parent, ast.Dict):
            return False
        if isinstance(around, ast.keyword):
            return around.arg == "custom_objects"
        in_scope = isinstance(around, ast.Call) and parent in around.args
        return in_scope and self._is_custom_objects(around)

    def _is_custom_objects(self, node: ast.AST) -> bool:
        """Return whether an expression calls `get_custom_objects`, its `update`, or opens a `custom_object_scope`."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            node = node.func.value
        return isinstance(node, ast.Call) and any(
            api.is_one_of(n, api.CUSTOM_OBJECTS) for n in self.names.of(node.func)
        )

    def _parameters(self, node: FunctionNode) -> tuple[Parameter, ...]:
        scope = self.index.scope_of(node)
        reads: dict[str, list[ast.Name]] = {}
        for read in inner_reads(node, self.index):
            if read.scope.owner(read.node.id) is scope:
                reads.setdefault(read.node.id, []).append(read.node)
        return tuple(
            Parameter(
                argument.arg, kind, default, tuple(self.source.span(read) for read in reads.get(argument.arg, ()))
            )
            for argument, kind, default in with_defaults(node.args)
        )
