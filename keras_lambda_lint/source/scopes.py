"""What names are bound to: scopes, bindings and reads, and which bindings reach a read."""

from __future__ import annotations

import ast
from bisect import bisect_left
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class ScopeKind(Enum):
    """The kinds of scope of the Python language reference."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class BindingKind(Enum):
    """How a name came to be bound."""

    IMPORT = "import"
    FROM_IMPORT = "from import"
    ASSIGNMENT = "assignment"
    UNPACKING = "unpacking"
    AUGMENTED = "augmented assignment"
    PARAMETER = "parameter"
    LOOP = "loop variable"
    WITH = "with target"
    EXCEPT = "exception"
    FUNCTION = "function"
    CLASS = "class"
    OTHER = "other"


class Arm(NamedTuple):
    """One arm of a compound statement: where in the control flow of its scope something stands."""

    statement: int
    name: str
    loop: bool


Path: TypeAlias = tuple[Arm, ...]

ELSEWHERE = Arm(0, "another function", loop=False)
"""The arm of a binding that a function makes in a scope around it (`global`, `nonlocal`): it runs at any time, or never."""


class Binding:
    """One place that binds a name; `clock` orders bindings and reads of a file as they are evaluated."""

    __slots__ = ("clock", "kind", "name", "node", "path", "scope", "value")

    def __init__(
        self, name: str, kind: BindingKind, node: ast.AST, value: ast.expr | None, scope: Scope, path: Path, clock: int
    ) -> None:
        self.name = name
        self.kind = kind
        self.node = node
        self.value = value
        """What is bound, where an expression says it: the assigned value, the iterable of a loop, a parameter's default."""
        self.scope = scope
        self.path = path
        self.clock = clock


class Read:
    """One place that reads a name."""

    __slots__ = ("clock", "node", "path", "scope")

    def __init__(self, node: ast.Name, scope: Scope, path: Path, clock: int) -> None:
        self.node = node
        self.scope = scope
        self.path = path
        self.clock = clock


class Scope:
    """One scope: its bindings by name in the order of evaluation, and where it stands in its parent."""

    __slots__ = (
        "bindings",
        "changed_elsewhere",
        "clock",
        "global_names",
        "kind",
        "node",
        "nonlocal_names",
        "parent",
        "path",
    )

    def __init__(self, kind: ScopeKind, node: ast.AST, parent: Scope | None, path: Path, clock: int) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.path = path
        self.clock = clock
        self.bindings: dict[str, list[Binding]] = {}
        self.changed_elsewhere: set[str] = set()
        """Names that a function rebinds here with `global` or `nonlocal`."""
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()

    @property
    def module(self) -> Scope:
        """Return the module scope above this one."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def classes(self) -> Iterator[ast.ClassDef]:
        """The classes around what happens in this scope, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            if isinstance(scope.node, ast.ClassDef):
                yield scope.node
            scope = scope.parent

    @property
    def owning_class(self) -> ast.ClassDef | None:
        """The innermost class around what happens in this scope."""
        return next(self.classes, None)

    def within(self, other: Scope) -> bool:
        """Return whether this scope is `other` or lies inside it."""
        scope: Scope | None = self
        while scope is not None:
            if scope is other:
                return True
            scope = scope.parent
        return False

    def owner(self, name: str) -> Scope | None:
        """Return the scope whose binding a read of `name` in this scope means; None for builtins and star imports."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.global_names:
                module = scope.module
                return module if name in module.bindings else None
            visible = scope is self or scope.kind is not ScopeKind.CLASS
            if visible and name in scope.bindings and name not in scope.nonlocal_names:
                return scope
            scope = scope.parent
        return None

    def at_end(self, name: str) -> tuple[Binding, ...]:
        """Return the bindings of this scope's own name that can hold when the scope has run."""
        bindings = self.bindings.get(name)
        return _back_to_certain(bindings, bindings[-1].clock + 1, None) if bindings else ()

    def reaching(self, name: str, clock: int, path: Path) -> tuple[Binding, ...]:
        """Return the bindings that a read of `name` in this scope at `clock` can see, in the order of evaluation.

        A lambda, and a function inside a function, sees the bindings around it as they are when it is made; a function of the
        module, or one that lies deeper or was made before any binding, as they are in the end.
        """
        owner = self.owner(name)
        if owner is None:
            return ()
        bindings = owner.bindings[name]
        scope, crossed, late = self, 0, False
        while scope is not owner and scope.parent is not None:
            crossed += scope.kind is ScopeKind.FUNCTION
            late = scope.kind is ScopeKind.FUNCTION and not isinstance(scope.node, ast.Lambda)
            clock, path = scope.clock, scope.path
            scope = scope.parent
        if crossed <= 1 and not (late and owner.kind is ScopeKind.MODULE):
            before = bisect_left(bindings, clock, key=_clock)
            later = bindings[before:] if name in owner.changed_elsewhere or any(arm.loop for arm in path) else []
            again = [binding for binding in later if can_precede(binding, clock, path)]
            seen = (*_back_to_certain(bindings[:before], clock, path), *again)
            if not seen and owner.kind is ScopeKind.CLASS and owner.parent is not None:
                return owner.parent.reaching(name, owner.clock, owner.path)
            if seen or not crossed:
                return seen
        return owner.at_end(name)


def can_precede(binding: Binding, clock: int, path: Path) -> bool:
    """Return whether a binding can have run before the point at `clock` on `path`."""
    if binding.path[:1] == (ELSEWHERE,):
        return True
    for mine, other in zip(binding.path, path, strict=False):
        if mine == other:
            if mine.loop and binding.clock > clock:
                return True
            continue
        if mine.statement == other.statement:
            return (mine.name == "try" or other.name == "loop else") and binding.clock < clock
        break
    return binding.clock < clock


def _back_to_certain(bindings: list[Binding], clock: int, path: Path | None) -> tuple[Binding, ...]:
    """Return those of the bindings before `clock` that can reach the point on `path`, back to the last one that certainly ran.

    Without a path the point is the end of the scope, which every binding can reach.
    """
    seen: list[Binding] = []
    for position in range(len(bindings) - 1, -1, -1):
        binding = bindings[position]
        if path is None or can_precede(binding, clock, path):
            seen.append(binding)
            if binding.path == (path or ())[: len(binding.path)]:
                break
    return tuple(reversed(seen))


def _clock(binding: Binding) -> int:
    return binding.clock
