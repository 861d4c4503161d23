"""Qualified names: what an expression such as `KL.Lambda` means, through imports, aliases, fallbacks and assignments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.source.scopes import Binding, BindingKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from keras_lambda_lint.source.index import Index

HERE = "<here>"
"""The root of what the file itself defines as a class or a function."""

UNRESOLVED = "?"
"""Stands for a root whose origin the file does not tell: a parameter, a subscript, a call, an unbound name."""

_MAX_STEPS = 12


class Names:
    """Resolves expressions of one file to qualified names.

    `expand` says which names a name has where it is imported from; without it, names are as this file writes them.
    """

    def __init__(self, index: Index, expand: Callable[[str], frozenset[str]] | None = None) -> None:
        self.index = index
        self._expand = expand
        self._seen: dict[ast.expr, frozenset[str]] = {}
        self._written: dict[ast.expr, frozenset[str]] = {}
        self._rebound: dict[tuple[ast.expr, int], frozenset[str]] = {}
        self.stars = tuple("." * star.level + (star.module or "") for star in index.stars)

    def of(self, node: ast.expr) -> frozenset[str]:
        """Return all qualified names that an expression can have, such as `tensorflow.keras.layers.Lambda`.

        Relative imports keep their leading dots. A root that the file does not tell is `?`. An expression that is no name, or is bound to
        something else than an import or another name, has none.
        """
        if node not in self._seen:
            written = self.written(node)
            expanded = written if self._expand is None else frozenset().union(*map(self._expand, written))
            self._seen[node] = expanded
        return self._seen[node]

    def written(self, node: ast.expr) -> frozenset[str]:
        """Return the qualified names of an expression as the imports of this file alone tell them."""
        if node not in self._written:
            self._written[node] = self._resolve(node, _MAX_STEPS)
        return self._written[node]

    def spelled(self, last: frozenset[str]) -> frozenset[str]:
        """Return under which names the file may read something whose last name is one of these: under itself, or an alias."""
        spelled = set(last)
        for node, binding in self.index.bound_at.items():
            if isinstance(node, ast.alias):
                if node.asname is not None and node.name.rpartition(".")[2] in last:
                    spelled.add(node.asname)
            elif (
                binding.kind is BindingKind.ASSIGNMENT
                and binding.value is not None
                and last_name(binding.value) in last
            ):
                spelled.add(binding.name)
        return frozenset(spelled)

    def may_be(self, name: str, wanted: Callable[[str], bool]) -> bool:
        """Return whether a name of the file may stand for a qualified name that is wanted: it is imported so, or nothing tells."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            if each not in self.index.bindings and self.stars:
                return True
            for binding in self.index.bindings.get(each, ()):
                if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
                    if wanted(imported(self.index, binding)):
                        return True
                elif binding.kind is BindingKind.ASSIGNMENT and isinstance(binding.value, ast.Name):
                    waiting.append(binding.value.id)
                elif binding.kind is BindingKind.ASSIGNMENT and _may_be_name(binding.value):
                    return True
        return False

    def of_binding(self, binding: Binding) -> frozenset[str]:
        """Return the qualified names that a binding gives to its name, as the imports of this file alone tell them."""
        return self._bound(binding, _MAX_STEPS)

    def _resolve(self, node: ast.expr, steps: int) -> frozenset[str]:
        if steps == 0:
            return frozenset()
        if isinstance(node, ast.Attribute):
            return frozenset(f"{base}.{node.attr}" for base in self._resolve(node.value, steps))
        if isinstance(node, ast.Name):
            bindings = self.index.reaching(node) if node in self.index.reads else ()
            if not bindings:
                return self._unbound(node.id)
            if (node, steps) not in self._rebound:
                self._rebound[node, steps] = frozenset().union(*(self._bound(each, steps - 1) for each in bindings))
            return self._rebound[node, steps]
        if isinstance(node, (ast.Subscript, ast.Call)):
            return self._made(node, steps)
        if isinstance(node, ast.IfExp):
            return self._resolve(node.body, steps) | self._resolve(node.orelse, steps)
        if isinstance(node, ast.BoolOp):
            return frozenset().union(*(self._resolve(value, steps) for value in node.values))
        return frozenset()

    def _unbound(self, name: str) -> frozenset[str]:
        found = {joined(module, name) for module in self.stars}
        return frozenset(found or {f"builtins.{name}"})

    def _bound(self, binding: Binding, steps: int) -> frozenset[str]:
        if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            return frozenset({imported(self.index, binding)})
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            return self._resolve(binding.value, steps)
        if binding.kind in (BindingKind.FUNCTION, BindingKind.CLASS):
            return frozenset({f"{HERE}.{binding.name}"})
        return frozenset({UNRESOLVED})

    def _made(self, node: ast.Subscript | ast.Call, steps: int) -> frozenset[str]:
        if isinstance(node, ast.Call) and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                callee = self._resolve(node.func, steps)
                if callee & {"importlib.import_module", "builtins.__import__"}:
                    return frozenset({argument.value})
        return frozenset({UNRESOLVED})


def _may_be_name(node: ast.expr | None) -> bool:
    """Return whether an expression other than a name may be resolved to a qualified name."""
    if isinstance(node, ast.Call):
        return last_name(node.func) in ("import_module", "__import__")
    return isinstance(node, (ast.Attribute, ast.IfExp, ast.BoolOp))


def joined(module: str, name: str) -> str:
    """Return the qualified name of a name of a module; a relative module may be dots alone."""
    return module + name if module.endswith(".") else f"{module}.{name}"


def imported(index: Index, binding: Binding) -> str:
    """Return the qualified name that an import binds; relative imports keep their leading dots."""
    alias = binding.node
    assert isinstance(alias, ast.alias)
    statement = index.imports[alias]
    if isinstance(statement, ast.ImportFrom):
        return joined("." * statement.level + (statement.module or ""), alias.name)
    return alias.name if alias.asname else binding.name


def root_name(node: ast.expr) -> ast.Name | None:
    """Return the name that a dotted name starts with; None for other expressions."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def last_name(node: ast.expr | None) -> str | None:
    """Return the name that a dotted name ends with; None for other expressions."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
