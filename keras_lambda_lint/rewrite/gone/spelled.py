"""How a file spells `keras.ops` and TensorFlow where a function of `keras.backend` stood."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from keras_lambda_lint.keras_api import names as api
from keras_lambda_lint.rewrite.import_lines import import_below
from keras_lambda_lint.rewrite.refusal import NoFix
from keras_lambda_lint.source.names import imported
from keras_lambda_lint.source.scopes import BindingKind, ScopeKind

if TYPE_CHECKING:
    from keras_lambda_lint.diagnostic import Edit
    from keras_lambda_lint.sites.build import FileSites
    from keras_lambda_lint.source.scopes import Binding

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM_IMPORT)


class Spelled:
    """Spells names at the places of one function, and collects the imports that this takes."""

    def __init__(self, sites: FileSites) -> None:
        self.sites = sites
        self.edits: list[Edit] = []

    def tensorflow(self, node: ast.Name | ast.Attribute) -> str | None:
        """Return the file's name for TensorFlow at a place; None where it does not import it."""
        return self._module_name(node, {"tensorflow"})

    def ops(self, node: ast.Name | ast.Attribute) -> str:
        """Return the file's name for `keras.ops` where a function of the backend is read; notes a missing import."""
        root = self._root(node)
        known = self._module_name(node, {f"{root}.ops"})
        if known is not None:
            return known
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            return f"{self._text(node.value.value)}.ops"
        bindings = self.sites.index.reaching(self._first(node))
        if not bindings or any(binding.kind not in _IMPORTS for binding in bindings):
            raise NoFix(f"`{self._text(node)}` does not come from an import of this file")
        package = self._module_name(node, {root})
        if len(bindings) > 1 or bindings[0].path:
            if package is None:
                raise NoFix(f"`{self._first(node).id}` is imported under a condition")
            return f"{package}.ops"
        local = bindings[0].scope is not self.sites.index.module
        if package is not None and (local or not self._is_free()):
            return f"{package}.ops"
        if not self._is_free():
            raise NoFix("the file uses the name `ops` for something else")
        self._add_import(bindings[0], root)
        return "ops"

    def keras(self, node: ast.Name | ast.Attribute) -> str:
        """Return the file's name for the Keras package of a function of the backend."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            return self._text(node.value.value)
        package = self._module_name(node, {self._root(node)})
        if package is None:
            raise NoFix("what replaces it stands in the package `keras` itself: import that")
        return package

    def default_float(self, node: ast.Name | ast.Attribute) -> str:
        """Return how the default dtype of floats is asked for where a function of the backend is read."""
        if isinstance(node, ast.Attribute):
            return f"{self._text(node.value)}.floatx()"
        return f"{self.keras(node)}.backend.floatx()"

    def _root(self, node: ast.Name | ast.Attribute) -> str:
        roots = {api.keras_root(name) for name in self.sites.names.of(node)}
        if len(roots) != 1:
            raise NoFix(f"`{self._text(node)}` may come from several packages")
        return str(roots.pop())

    def _module_name(self, node: ast.expr, qualified: set[str]) -> str | None:
        """Return a name of the module that is bound once, to one of these, by an import above a place."""
        read = self.sites.index.reads[self._first(node)]
        for name, bindings in self.sites.index.module.bindings.items():
            binding = bindings[0]
            one = len(bindings) == 1 and binding.kind in _IMPORTS and not binding.path
            if one and imported(self.sites.index, binding) in qualified and read.scope.owner(name) is binding.scope:
                first = self.sites.index.statement(self._first(node)).lineno
                if read.scope.kind is not ScopeKind.MODULE or self.sites.index.statement(binding.node).lineno < first:
                    return name
        return None

    def _is_free(self) -> bool:
        """Return whether nothing in the file is called `ops`."""
        return "ops" not in self.sites.index.bindings and not any(read.id == "ops" for read in self.sites.index.reads)

    def _add_import(self, binding: Binding, root: str) -> None:
        alias = binding.node
        assert isinstance(alias, ast.alias)
        statement = self.sites.index.imports[alias]
        edit, _ = import_below(self.sites.source, self.sites.index, statement, f"from {root} import ops")
        if edit not in self.edits:
            self.edits.append(edit)

    def _first(self, node: ast.expr) -> ast.Name:
        while isinstance(node, ast.Attribute):
            node = node.value
        assert isinstance(node, ast.Name)
        return node

    def _text(self, node: ast.expr) -> str:
        return self.sites.text(self.sites.source.span(node))
