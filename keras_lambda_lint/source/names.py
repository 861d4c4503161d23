"""Qualified names: what an expression such as `KL.Lambda` means, through imports, aliases, fallbacks and assignments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.source.scopes import Binding, BindingKind

if TYPE_CHECKING:
    from keras_lambda_lint.source.index import Index

UNRESOLVED = "?"
"""Stands for a root whose origin the file does not tell: a parameter, a subscript, a call, an unbound name."""

_MAX_STEPS = 12


class Names:
    """Resolves expressions of one file to qualified names."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._seen: dict[ast.expr, frozenset[str]] = {}
        self.stars = tuple("." * star.level + (star.module or "") for star in index.stars)

    def of(self, node: ast.expr) -> frozenset[str]:
        """Return all qualified names that an expression can have, such as `tensorflow.keras.layers.Lambda`.

        Relative imports keep their leading dots. A root that the file does not tell is `?`. An expression that is no name, or is bound to
        something else than an import or another name, has none.
        """
        if node not in self._seen:
            self._seen[node] = self._resolve(node, _MAX_STEPS)
        return self._seen[node]

    def _resolve(self, node: ast.expr, steps: int) -> frozenset[str]:
        if steps == 0:
            return frozenset()
        if isinstance(node, ast.Attribute):
            return frozenset(f"{base}.{node.attr}" for base in self._resolve(node.value, steps))
        if isinstance(node, ast.Name):
            bindings = self.index.reaching(node) if node in self.index.reads else ()
            if not bindings:
                return self._unbound(node.id)
            return frozenset().union(*(self._bound(binding, steps - 1) for binding in bindings))
        if isinstance(node, (ast.Subscript, ast.Call)):
            return self._made(node, steps)
        if isinstance(node, ast.IfExp):
            return self._resolve(node.body, steps) | self._resolve(node.orelse, steps)
        if isinstance(node, ast.BoolOp):
            return frozenset().union(*(self._resolve(value, steps) for value in node.values))
        return frozenset()

    def _unbound(self, name: str) -> frozenset[str]:
        found = {f"{module}.{name}" for module in self.stars}
        return frozenset(found or {f"builtins.{name}"})

    def _bound(self, binding: Binding, steps: int) -> frozenset[str]:
        if binding.kind in (BindingKind.IMPORT, BindingKind.FROM_IMPORT):
            return frozenset({imported(self.index, binding)})
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            return self._resolve(binding.value, steps)
        if binding.kind in (BindingKind.FUNCTION, BindingKind.CLASS):
            return frozenset({f"<here>.{binding.name}"})
        return frozenset({UNRESOLVED})

    def _made(self, node: ast.Subscript | ast.Call, steps: int) -> frozenset[str]:
        if isinstance(node, ast.Call) and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                callee = self._resolve(node.func, steps)
                if callee & {"importlib.import_module", "builtins.__import__"}:
                    return frozenset({argument.value})
        return frozenset({UNRESOLVED})


def imported(index: Index, binding: Binding) -> str:
    """Return the qualified name that an import binds; relative imports keep their leading dots."""
    alias = binding.node
    assert isinstance(alias, ast.alias)
    statement = index.imports[alias]
    if isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
        return f"{module}{'' if module.endswith('.') else '.'}{alias.name}"
    return alias.name if alias.asname else binding.name
