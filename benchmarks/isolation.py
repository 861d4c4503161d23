"""Writes a program of its own for one expression of a file: the imports, definitions and values that the expression needs.

Found with `ast` and no code of the tool, in the same way for the text before and after a fix. Names that only a run of the whole
repository would know have to be given.
"""

from __future__ import annotations

import ast
import builtins
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLAIN = (
    *(ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.BinOp, ast.UnaryOp),
    *(ast.operator, ast.unaryop, ast.expr_context),
)
"""What an assignment inside a function may consist of where the program repeats it."""

_ELSEWHERE = ("keras", "tensorflow", "tf_keras", "numpy")
"""Packages that are installed, whatever a repository calls its own files."""

_Import: TypeAlias = ast.Import | ast.ImportFrom


class NotIsolatedError(Exception):
    """Something that the expression needs is not known; the text says what."""


@dataclass(frozen=True)
class Module:
    """One file of a repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The abstract tree; raises `NotIsolatedError` where the file does not parse."""
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            raise NotIsolatedError(f"{self.path} does not parse ({error})") from None

    def lines(self, node: ast.stmt) -> str:
        """Return the whole lines of a statement, its decorators included, without indentation."""
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        return textwrap.dedent("\n".join(self.text.splitlines()[first - 1 : node.end_lineno]))


@dataclass
class Isolation:
    """Collects the program for one expression of a repository."""

    files: Mapping[str, str]
    """Texts by path."""
    given: frozenset[str] = frozenset()
    """Names that are bound before the program runs."""
    _bound: dict[str, object] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)
    _importing: set[tuple[str, str]] = field(default_factory=set)
    _searched: list[str] = field(default_factory=list)

    def program(self, path: str, start: tuple[int, int], end: tuple[int, int]) -> str:
        """Return a program that binds `layer` to the expression at a place; raise `NotIsolatedError`.

        Rows count from 1, columns from 0 in bytes. The program calls `name_of` for what it imports, and `namespace` for a module of
        the repository, with the program that makes its names.
        """
        module = Module(path, self.files[path])
        *around, node = path_to(module.tree, start, end)
        self._add_all(module, node, around)
        text = ast.get_source_segment(module.text, node)
        return "\n".join([*self._parts, f"layer = ({text}\n)", ""])

    def _add_all(self, module: Module, node: ast.AST, around: Sequence[ast.AST]) -> None:
        for name in sorted(free(node) - self.given):
            self._add(module, name, node, around)

    def _add(self, module: Module, name: str, reader: ast.AST, around: Sequence[ast.AST]) -> None:
        """Add what binds a name that a node reads, looked for from the innermost function outwards."""
        for depth in range(len(around), 0, -1):
            scope = around[depth - 1]
            if isinstance(scope, (*_FUNCTIONS, *_COMPREHENSIONS)) and (found := list(bindings(scope, name))):
                self._add_local(module, name, found, reader, around[:depth])
                return
        found = list(bindings(module.tree, name)) or self._stars(module, name)
        if found:
            if (module.path, name) in self._importing:
                raise NotIsolatedError(f"`{name}`, which files import from each other")
            imports = [each for each in found if isinstance(each, _Import)]
            self._importing.update([(module.path, name)] if imports else [])
            self._add_binding(module, name, (imports or found[::-1])[0], reader, ())
            self._importing.discard((module.path, name))
        elif not hasattr(builtins, name):
            raise NotIsolatedError(f"`{name}`, which {module.path} binds nowhere")

    def _binds(self, module: Module, name: str) -> bool:
        return any(True for _ in bindings(module.tree, name)) or bool(self._stars(module, name))

    def _stars(self, module: Module, name: str) -> list[ast.AST]:
        """Return the star imports that may bind a name: that of a file of the repository that does, else those from elsewhere."""
        stars = [each for each in module.tree.body if isinstance(each, ast.ImportFrom) and each.names[0].name == "*"]
        elsewhere: list[ast.AST] = []
        for each in stars[::-1]:
            path = self._file(module, each.module or "", each.level)
            if path is None:
                elsewhere += [] if each.level else [each]
            elif path not in self._searched:
                self._searched.append(path)
                bound = self._binds(Module(path, self.files[path]), name)
                self._searched.pop()
                if bound:
                    return [each]
        return [] if hasattr(builtins, name) else elsewhere

    def _add_local(
        self, module: Module, name: str, found: list[ast.AST], reader: ast.AST, around: Sequence[ast.AST]
    ) -> None:
        """Add what a function binds: a definition, an import, a plain value, or the default of a parameter."""
        before = [each for each in found if isinstance(each, ast.stmt) and each.lineno <= getattr(reader, "lineno", 0)]
        if before and all(isinstance(each, ast.Assign) and isinstance(each.value, ast.Lambda) for each in found):
            found = before[-1:]
        binding = found[-1]
        if isinstance(binding, ast.arguments) and len(found) == 1:
            if self._add_methods(module, name, binding, reader, around):
                return
            default = _default(binding, name)
            if isinstance(default, ast.Constant) and default.value is not None:
                self._emit(name, (module.path, binding), f"{name} = {ast.unparse(default)}")
                return
        plain = isinstance(binding, ast.Assign) and (
            isinstance(binding.value, ast.Lambda) or all(isinstance(each, _PLAIN) for each in ast.walk(binding.value))
        )
        if isinstance(binding, (*_DEFINITIONS, ast.Import, ast.ImportFrom)) or (plain and len(found) == 1):
            self._add_binding(module, name, binding, reader, around)
            return
        raise NotIsolatedError(f"the value of `{name}`")

    def _add_methods(
        self, module: Module, name: str, binding: ast.arguments, reader: ast.AST, around: Sequence[ast.AST]
    ) -> bool:
        """Add the object of a method with the methods of it that a node reads; return False where it reads anything else."""
        owner = around[-2] if len(around) > 1 else None
        if not isinstance(owner, ast.ClassDef) or binding.args[:1] == [] or binding.args[0].arg != name:
            return False
        wanted = {
            each.attr for each in ast.walk(reader) if isinstance(each, ast.Attribute) and _last(each.value) == name
        }
        methods = [each for each in owner.body if isinstance(each, ast.FunctionDef) and each.name in wanted]
        if {each.name for each in methods} != wanted or any("self" in free(each) for each in methods):
            return False
        for each in methods:
            self._add_all(module, each, ())
        body = "\n".join(textwrap.indent(module.lines(each), "    ") for each in methods)
        self._emit(name, (module.path, owner), f"class Owner:\n{body}\n\n\n{name} = Owner()")
        return True

    def _add_binding(
        self, module: Module, name: str, binding: ast.AST, reader: ast.AST, around: Sequence[ast.AST]
    ) -> None:
        if isinstance(binding, _Import):
            self._add_import(module, name, binding, reader)
            return
        if not isinstance(binding, (*_DEFINITIONS, ast.Assign, ast.AnnAssign)):
            raise NotIsolatedError(f"the value of `{name}`")
        if self._claims(name, (module.path, binding.lineno)):
            self._add_all(module, binding, around)
            self._parts.append(module.lines(binding))

    def _add_import(self, module: Module, name: str, statement: _Import, reader: ast.AST) -> None:
        alias = next((each for each in statement.names if (each.asname or each.name.partition(".")[0]) == name), None)
        if alias is None:
            alias = ast.alias(name)
        if isinstance(statement, ast.Import):
            self._emit(
                name, alias.name, f"{name} = name_of({(alias.name if alias.asname else name)!r}, {alias.name!r})"
            )
            return
        base = statement.module or ""
        path = self._file(module, base, statement.level)
        inner = self._file(module, f"{base}.{alias.name}", statement.level)
        if inner is not None and inner != module.path:
            self._add_namespace(Module(inner, self.files[inner]), name, reader)
        elif path is not None and self._binds(Module(path, self.files[path]), alias.name):
            self._add(Module(path, self.files[path]), alias.name, reader, ())
            if name != alias.name:
                self._emit(name, (path, alias.name), f"{name} = {alias.name}")
        elif statement.level:
            raise NotIsolatedError(f"`{name}`, which comes from a file that is not there")
        else:
            self._emit(name, f"{base}.{alias.name}", f"{name} = name_of({f'{base}.{alias.name}'!r})")

    def _add_namespace(self, module: Module, name: str, reader: ast.AST) -> None:
        """Add a module of the repository with those of its names that a node reads, as a program inside the program."""
        wanted = {
            each.attr for each in ast.walk(reader) if isinstance(each, ast.Attribute) and _last(each.value) == name
        }
        inside = Isolation(self.files, _importing=self._importing)
        for each in sorted(wanted):
            if self._binds(module, each):
                inside._add(module, each, reader, ())
        text = "\n".join(inside._parts)
        if self._claims(name, module.path):
            self._parts.append(f"{name} = namespace({text!r})")
        else:
            self._parts.append(f"vars({name}).update(vars(namespace({text!r})))")

    def _emit(self, name: str, origin: object, line: str) -> None:
        if self._claims(name, origin):
            self._parts.append(line)

    def _claims(self, name: str, origin: object) -> bool:
        """Return whether a name is new; raise `NotIsolatedError` where it already means something else."""
        if name not in self._bound:
            self._bound[name] = origin
            return True
        if self._bound[name] != origin:
            raise NotIsolatedError(f"`{name}`, which means two things in one program")
        return False

    def _file(self, module: Module, dotted: str, level: int) -> str | None:
        """Return the file of the repository that a module name means; None for a module from elsewhere."""
        parts = [part for part in dotted.split(".") if part]
        if level:
            folder = PurePosixPath(module.path).parents[level - 1].joinpath(*parts)
            candidates = [f"{folder}.py", str(folder / "__init__.py")]
            return next((each for each in candidates if each in self.files), None)
        if not parts or parts[0] in _ELSEWHERE:
            return None
        tails = ["/".join(parts) + ".py", "/".join(parts) + "/__init__.py"]
        return next((each for tail in tails for each in self.files if f"/{each}".endswith(f"/{tail}")), None)


def free(node: ast.AST) -> set[str]:
    """Return the names that a node reads from outside of itself; annotations are not read."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, _FUNCTIONS):
        arguments = node.args
        early = [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
        early += getattr(node, "decorator_list", [])
        body = node.body if isinstance(node.body, list) else [node.body]
        inside = set[str]().union(*map(free, body))
        own = {name for name in inside if any(True for _ in bindings(node, name))}
        return set[str]().union(*map(free, early)) | (inside - own)
    found = set[str]().union(*map(free, _children(node)))
    if isinstance(node, _COMPREHENSIONS):
        return {name for name in found if not any(True for _ in bindings(node, name))}
    if isinstance(node, ast.ClassDef):
        return (
            found
            - {node.name}
            - {each.id for line in node.body for each in ast.walk(line) if _is_class_value(line, each)}
        )
    return found


def _is_class_value(line: ast.stmt, node: ast.AST) -> bool:
    return isinstance(line, (ast.Assign, ast.AnnAssign)) and isinstance(node, ast.Name) and _is_stored(node)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST))


def bindings(scope: ast.AST, name: str) -> Iterator[ast.AST]:
    """Yield what binds a name in a scope itself, in the order of the text: parameters, definitions, imports, assignments."""
    if isinstance(scope, _FUNCTIONS):
        arguments = scope.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        if any(each is not None and each.arg == name for each in every):
            yield arguments
    body = scope.body if isinstance(scope, (*_FUNCTIONS, ast.Module)) else [scope]
    waiting: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, _DEFINITIONS):
            if node.name == name:
                yield node
        elif isinstance(node, _Import):
            if any((each.asname or each.name.partition(".")[0]) == name for each in node.names):
                yield node
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            if any(isinstance(each, ast.Name) and each.id == name and _is_stored(each) for each in ast.walk(node)):
                yield node
        elif isinstance(node, ast.Name):
            if node.id == name and _is_stored(node):
                yield node
        elif not isinstance(node, ast.Lambda) and (node is scope or not isinstance(node, _COMPREHENSIONS)):
            waiting[:0] = ast.iter_child_nodes(node)


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _default(arguments: ast.arguments, name: str) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(positional[::-1], arguments.defaults[::-1], strict=False))
    pairs += [
        (each, default) for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    return next((default for each, default in pairs if each.arg == name), None)


def _last(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def path_to(tree: ast.AST, start: tuple[int, int], end: tuple[int, int]) -> list[ast.AST]:
    """Return the nodes from the module down to the call at a place; raise `NotIsolatedError` where there is none."""
    path: list[ast.AST] = [tree]
    node: ast.AST | None = tree
    while node is not None:
        node = next((each for each in ast.iter_child_nodes(node) if _holds(each, start, end)), None)
        if node is not None:
            path.append(node)
    found = path[-1]
    if not isinstance(found, ast.Call) or (found.lineno, found.col_offset) != start:
        raise NotIsolatedError("the call, which is not where the fix says")
    return path


def _holds(node: ast.AST, start: tuple[int, int], end: tuple[int, int]) -> bool:
    if not isinstance(node, (ast.expr, ast.stmt)):
        return any(_holds(each, start, end) for each in ast.iter_child_nodes(node))
    first = min([(node.lineno, node.col_offset), *((each.lineno, 0) for each in getattr(node, "decorator_list", []))])
    return first <= start and end <= (node.end_lineno or 0, node.end_col_offset or 0)
