"""Runs a file statement by statement: one that fails is skipped, what depends on it fails on its own, the rest goes on."""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
import types
from typing import TYPE_CHECKING, Any, NoReturn

from keras_lambda_lint.verify.child.confine import TimeUp
from keras_lambda_lint.verify.child.failure import describe
from keras_lambda_lint.verify.child.slicing import binds

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from keras_lambda_lint.verify.child.standins import StandIns

    Names = dict[str, Any]

    class Watch(Protocol):
        """Knows what the running code has made so far."""

        def prepare(self, tree: ast.Module, text: str) -> None:
            """Change the tree of the file before it runs, so that its parts can be watched."""

        def mark(self) -> int:
            """Return a mark of what there is now."""

        def rewind(self, mark: int) -> Any:
            """Forget what came after a mark, and return it."""

        def restore(self, made: Any) -> None:
            """Know again what was forgotten."""

        def forget(self, value: Any) -> None:
            """Hold a model for unusable: a layer could not be added to it."""

        def is_forgotten(self, value: Any) -> bool:
            """Return whether a value is one that is unusable since something failed."""


_DEEPEST = 4
"""How far functions that call functions are entered."""
_VALUE = "__keras_lambda_lint_value__"
_GENERATES = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Program:
    """The text of one file, and what went wrong in it."""

    def __init__(self, path: str, text: bytes, stand_ins: StandIns, watch: Watch | None = None) -> None:
        self._path = path
        self._text = text
        self._stand_ins = stand_ins
        self._watch = watch
        self.tree = ast.Module([], [])
        """The file, as it is run."""
        self._flags = 0
        self._lacks_arguments = False
        self.failures: list[dict[str, Any]] = []
        """What failed, in order, as `failure.describe` tells it."""

    def run(self, names: Names) -> None:
        """Execute the file in a namespace. A function that a statement calls and that fails is entered in the same way."""
        try:
            self.tree = ast.parse(self._text, self._path)
        except (SyntaxError, ValueError) as error:
            self._note(error)
            return
        self._flags = _future(self.tree)
        if self._watch:
            self._watch.prepare(self.tree, self._text.decode(errors="replace"))
        names["__doc__"] = ast.get_docstring(self.tree, clean=False)
        with contextlib.suppress(TimeUp):
            for node in self.tree.body:
                self._step(node, names, 0)

    def run_main(self, names: Names) -> None:
        """Execute what stands under `if __name__ == "__main__"`, after the file was imported as a module."""
        name = names["__name__"]
        with contextlib.suppress(TimeUp):
            for node in self.tree.body:
                if isinstance(node, ast.If) and any(
                    isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(node.test)
                ):
                    names["__name__"] = "__main__"
                    self._step(node, names, 0)
        names["__name__"] = name

    def call(self, function: Any, arguments: Names) -> Any:
        """Execute the body of a function of this file in the same way; return what it returns, None where it does not.

        Parameters that are missing from `arguments` have no value: what reads them is skipped. Where such a value decides
        what is run, all of it is.
        """
        found = self._function(function)
        if found is None:
            return None
        plain, node, bound = found
        inner = _namespace(plain, bound)
        with contextlib.suppress(TypeError):
            taken = inspect.signature(plain).bind_partial(*bound, **arguments)
            taken.apply_defaults()
            inner.update(taken.arguments)
        self._lacks_arguments = True
        try:
            return self._body(node, inner, 1)
        finally:
            self._lacks_arguments = False

    def _body(self, node: ast.FunctionDef, inner: Names, depth: int) -> Any:
        try:
            self._steps(node.body, inner, depth)
        except _Returned as returned:
            return returned.value
        return None

    def _step(self, node: ast.stmt, names: Names, depth: int) -> None:
        match node:
            case ast.If():
                error, value = self.evaluated(node.test, names)
                if error is None:
                    # A tensor has a value, but none that decides.
                    error, value = self._tried(bool, value)
                if error is None:
                    self._steps(node.body if value else node.orelse, names, depth)
                elif self._lacks_arguments:
                    self._note(error)
                    for branch in (node.body, node.orelse):
                        with contextlib.suppress(_Returned):
                            self._steps(branch, names, depth)
                else:
                    self._skip(node, error, names)
            case ast.For() if self._lacks_arguments:
                self._step_for(node, names, depth)
            case ast.With():
                self._step_with(node, names, depth)
            case ast.Import() | ast.ImportFrom():
                self._step_import(node, names)
            case ast.Return():
                error, value = (None, None) if node.value is None else self.evaluated(node.value, names)
                if error is not None:
                    self._skip(node, error, names)
                raise _Returned(value)
            case _:
                self._step_whole(node, names, depth)

    def _steps(self, nodes: list[ast.stmt], names: Names, depth: int) -> None:
        for each in nodes:
            self._step(each, names, depth)

    def _step_for(self, node: ast.For, names: Names, depth: int) -> None:
        """Execute a loop as a whole, else its body for the first item, or for none that is known."""
        mark = self._watch.mark() if self._watch else 0
        error = self.execute(node, names)
        if error is None:
            return
        if self._watch:
            self._watch.rewind(mark)
        self._note(error)
        _, items = self.evaluated(node.iter, names)
        error, item = self._tried(lambda: next(iter(items)))
        if error is None:
            self.bind(node.target, item, names)
        with contextlib.suppress(_Returned):
            self._steps(node.body, names, depth)

    def _step_with(self, node: ast.With, names: Names, depth: int) -> None:
        with contextlib.ExitStack() as stack:
            for item in node.items:
                error, value = self.evaluated(item.context_expr, names)
                if error is None:
                    error, value = self._tried(stack.enter_context, value)
                if error is not None:
                    self._skip(node, error, names)
                    return
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, value, names)
            self._steps(node.body, names, depth)

    def _step_import(self, node: ast.Import | ast.ImportFrom, names: Names) -> None:
        error = self.execute(node, names)
        if error is None:
            return
        if len(node.names) == 1:
            self._skip(node, error, names)
            return
        for alias in node.names:
            one = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            ast.copy_location(one, node)
            error = self.execute(one, names)
            if error is not None:
                self._skip(one, error, names)

    def _step_whole(self, node: ast.stmt, names: Names, depth: int) -> None:
        mark = self._watch.mark() if self._watch else 0
        error = self.execute(node, names)
        if error is None:
            return
        if self._watch is None or depth == _DEEPEST:
            self._skip(node, error, names)
            return
        made = self._watch.rewind(mark)
        entered = self._called(node, names)
        if entered is None:
            # What was evaluated to find that out is of no matter, unlike what the statement made before it failed.
            self._watch.rewind(mark)
            self._watch.restore(made)
            self._skip(node, error, names)
            return
        function, inner = entered
        before = len(self.failures)
        value = self._body(function, inner, depth + 1)
        if len(self.failures) == before:
            self._note(error)
        if isinstance(node, ast.Assign) and value is not None:
            for target in node.targets:
                self.bind(target, value, names)
        else:
            self._unbind(node, names)

    def _called(self, node: ast.stmt, names: Names) -> tuple[ast.FunctionDef, Names] | None:
        """Return the function of this file that a statement calls, directly or through what runs it, and its namespace."""
        value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
        calls = [each for each in ast.walk(value) if isinstance(each, ast.Call)] if value is not None else []
        for call in calls:
            is_named = isinstance(call.func, ast.Name | ast.Attribute)
            function = self._function(self.evaluated(call.func, names)[1]) if is_named else None
            if function is not None:
                return self._entry(*function, call, names)
        for call in calls:
            for argument in call.args:
                function = self._function(names.get(argument.id) if isinstance(argument, ast.Name) else None)
                # What runs a `main` gives it nothing; the function of a layer gets what only that layer has.
                if function is not None and not _needs_arguments(function[0], function[2]):
                    return self._entry(*function, None, names)
        return None

    def _function(self, value: Any) -> tuple[types.FunctionType, ast.FunctionDef, tuple[Any, ...]] | None:
        """Return a function of this file with its definition and the object that it is bound to; None for anything else."""
        value = getattr(value, "callback", value)
        bound: tuple[Any, ...] = ()
        if isinstance(value, types.MethodType):
            value, bound = value.__func__, (value.__self__,)
        function = inspect.unwrap(value) if isinstance(value, types.FunctionType) else None
        if function is None or function.__code__.co_filename != self._path or function.__code__.co_flags & _GENERATES:
            return None
        first = function.__code__.co_firstlineno
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
                rows = [node.lineno, *(decorator.lineno for decorator in node.decorator_list)]
                if min(rows) == first:
                    return function, node, bound
        return None

    def _entry(
        self,
        function: types.FunctionType,
        node: ast.FunctionDef,
        bound: tuple[Any, ...],
        call: ast.Call | None,
        names: Names,
    ) -> tuple[ast.FunctionDef, Names]:
        inner = _namespace(function, bound)
        args: list[Any] = list(bound)
        options: Names = {}
        for argument in call.args if call else ():
            error, value = self.evaluated(argument, names)
            if error is not None:
                break
            args += value if isinstance(argument, ast.Starred) else [value]
        for keyword in call.keywords if call else ():
            error, value = self.evaluated(keyword.value, names)
            if error is None:
                options.update({keyword.arg: value} if keyword.arg is not None else value)
        with contextlib.suppress(TypeError):
            arguments = inspect.signature(function).bind_partial(*args, **options)
            arguments.apply_defaults()
            inner.update(arguments.arguments)
        return node, inner

    def evaluated(self, node: ast.expr, names: Names) -> tuple[BaseException | None, Any]:
        """Return the error of an expression of the file, or None and its value."""
        if isinstance(node, ast.Starred):
            node = node.value
        return self._tried(lambda: eval(self._compiled(ast.Expression(node), "eval"), names))

    def execute(self, node: ast.stmt, names: Names) -> BaseException | None:
        """Execute a statement of the file; return its error."""
        return self._tried(lambda: exec(self._compiled(ast.Module([node], []), "exec"), names))[0]

    def bind(self, target: ast.expr, value: Any, names: Names) -> None:
        """Bind what an assignment has on its left side, as far as that works."""
        names[_VALUE] = value
        node = ast.copy_location(ast.Assign([target], ast.Name(_VALUE, ast.Load())), target)
        self.execute(ast.fix_missing_locations(node), names)

    def _compiled(self, tree: ast.Module | ast.Expression, mode: str) -> types.CodeType:
        code: types.CodeType = compile(tree, self._path, mode, flags=self._flags, dont_inherit=True)
        return code

    def _tried(self, function: Callable[..., Any], *args: Any) -> tuple[BaseException | None, Any]:
        """Return the error of a call, or None and its value; where a module was missing, of another try with a stand-in."""
        while True:
            mark = self._watch.mark() if self._watch else 0
            try:
                return None, function(*args)
            except TimeUp as error:
                self._end(error)
            except BaseException as error:  # noqa: BLE001 - code of somebody may raise anything
                if not self._stand_ins.take(error):
                    return error, None
                if self._watch:
                    self._watch.rewind(mark)

    def _end(self, error: TimeUp) -> NoReturn:
        self._note(error)
        raise error

    def _skip(self, node: ast.AST, error: BaseException, names: Names) -> None:
        self._note(error)
        self._unbind(node, names)

    def _note(self, error: BaseException) -> None:
        self.failures.append(describe(error, self._path))

    def _unbind(self, node: ast.AST, names: Names) -> None:
        """Take away what a statement that failed would have bound, and what it left half done."""
        for name in binds(node):
            names.pop(name, None)
        if self._watch and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            method = node.value.func
            if isinstance(method, ast.Attribute) and method.attr == "add" and isinstance(method.value, ast.Name):
                self._watch.forget(names.get(method.value.id))
        if self._watch:
            for name in [name for name, value in names.items() if self._watch.is_forgotten(value)]:
                del names[name]


def _needs_arguments(function: types.FunctionType, bound: tuple[Any, ...]) -> bool:
    try:
        inspect.signature(function).bind(*bound)
    except TypeError:
        return True
    return False


def _namespace(function: types.FunctionType, bound: tuple[Any, ...]) -> Names:
    """Return what the body of a function sees before its arguments are known."""
    inner = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):
            inner[name] = cell.cell_contents
    # What cannot be computed is left out: the statements that read it are skipped then.
    for name in inspect.signature(function).parameters:
        inner.pop(name, None)
    if bound and "__class__" in inner:
        # Outside of its function `super()` finds neither the class nor the instance.
        inner["super"] = lambda *given: super(*(given or (inner["__class__"], bound[0])))
    return inner


def _future(tree: ast.Module) -> int:
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag if hasattr(__future__, alias.name) else 0
    return flags
