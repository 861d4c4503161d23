"""What the functions are that an expression in a Keras slot is, or may be."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import functions
from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.sites.bodies.body import Body
from keras_lambda_lint.sites.captures import Captures, inner_reads, name_span
from keras_lambda_lint.sites.model import FunctionForm, FunctionRef, Parameter
from keras_lambda_lint.source.names import HERE, last_name
from keras_lambda_lint.source.parameters import with_defaults
from keras_lambda_lint.source.scopes import FunctionNode, ScopeKind
from keras_lambda_lint.source.tree import walk

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Span
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.sites.flow import Reached


_MAX_STEPS = 4


class Functions:
    """Describes the functions that expressions of one file hold."""

    def __init__(self, file: FileSites) -> None:
        self.file = file
        self.source = file.source
        self.index = file.index
        self.names = file.names
        self.captures = Captures(file.source, file.index, file.values, file.target)

    def of(self, node: ast.expr, *, script: bool) -> tuple[FunctionRef, ...]:
        """Return the functions that an expression may be, each with its captures; `script` as in `Captures.of`."""
        return tuple(self._reference(node, reached, script=script) for reached in self.file.flow.of(node))

    def _reference(self, asked: ast.expr, reached: Reached, *, script: bool) -> FunctionRef:
        passed = self.source.span(reached.passed or asked)
        if reached.file is self.file:
            return self.described(reached, passed, script=script)
        described = reached.file.functions.described(reached, passed, script=False)
        through = described.through or f"{reached.file.source.filename}"
        return described._replace(source=reached.file.source, through=through)

    def described(self, reached: Reached, span: Span, *, script: bool) -> FunctionRef:
        """Return what is known of what an expression comes to, if that stands in this file; it is passed at `span`."""
        found = reached.node
        if not isinstance(found, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._other(reached, found, span)
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
            traced=reached.traced,
            through=reached.through,
            body=Body(found, self.source, self.index, self.captures.values),
        )

    def _other(self, reached: Reached, found: ast.expr, span: Span) -> FunctionRef:
        name = last_name(found.func if isinstance(found, ast.Call) else found)
        form, registered = reached.form or FunctionForm.OTHER, False
        library: frozenset[str] = frozenset()
        if form is FunctionForm.OTHER and isinstance(found, (ast.Name, ast.Attribute)):
            names = self.names.of(found)
            if names and all(map(functions.is_library, names)):
                form, registered = FunctionForm.LIBRARY, all(map(functions.is_found_by_name, names))
                library = names
        elif form is FunctionForm.OBJECT and isinstance(found, ast.Call):
            registered = self._is_serializable(found.func)
        return FunctionRef(
            form,
            name,
            span,
            None,
            (),
            (),
            registered=registered,
            node=None,
            traced=reached.traced,
            through=reached.through,
            library=library,
        )

    def _is_serializable(self, made: ast.expr) -> bool:
        """Return whether the class of a callable object is registered and has a `get_config`."""
        found = self.file.definition(made)
        if found is None or not isinstance(found.node, ast.ClassDef):
            return False
        methods = {each.name for each in found.node.body if isinstance(each, ast.FunctionDef)}
        return "get_config" in methods and any(map(found.file.functions.registers, found.node.decorator_list))

    def _registered(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Return whether a function of this file is registered, may be by another package's decorator, or is handed to a loader."""
        if any(self.registers(each) or self._is_of_others(each) for each in node.decorator_list):
            return True
        binding = self.index.bound_at[node]
        if any(self._is_registered_at(read.node) for read in self.index.reads_of(binding)):
            return True
        return self.file.facts.names(node.name)

    def _is_of_others(self, decorator: ast.expr) -> bool:
        """Return whether a decorator comes from a package that may do anything: not from the project, Python, TensorFlow or NumPy."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(called, (ast.Name, ast.Attribute)) or self.file.definition(called) is not None:
            return False
        roots = {name.partition(".")[0] for name in self.names.of(called)}
        return not roots <= {HERE, "tensorflow", *api.FOREIGN} and not any(map(api.below_keras, self.names.of(called)))

    def registers(self, node: ast.AST, steps: int = _MAX_STEPS) -> bool:
        """Return whether an expression is `register_keras_serializable`, called or not, or a function of the project that calls it.
        A name may stand for the call: `register = partial(register_keras_serializable, package="example")`.
        """
        called = node.func if isinstance(node, ast.Call) else node
        if not isinstance(called, (ast.Name, ast.Attribute)):
            return False
        names = self.names.of(called)
        if any(api.is_one_of(name, api.REGISTER) for name in names):
            return True
        found = self.file.definition(called)
        if found is not None and isinstance(found.node, ast.Call) and steps:
            made_of = (found.node.func, *found.node.args[:1])
            return any(found.file.functions.registers(part, steps - 1) for part in made_of)
        if found is None or not isinstance(found.node, ast.FunctionDef) or "register" not in found.file.source.text:
            return False
        calls = (inner.func for inner in walk(found.node) if isinstance(inner, ast.Call))
        return any(api.is_one_of(name, api.REGISTER) for callee in calls for name in found.file.names.of(callee))

    def _is_registered_at(self, read: ast.Name) -> bool:
        """Return whether a read of a function is an argument of what registers, or in a list that a loop registers."""
        parent = self.index.parents[read]
        loop = self.index.parents[parent]
        if isinstance(parent, (ast.List, ast.Tuple)) and isinstance(loop, ast.For):
            return any(isinstance(inner, ast.Call) and self.registers(inner.func) for inner in walk(loop))
        return isinstance(parent, ast.Call) and read in parent.args and self.registers(parent.func)

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
